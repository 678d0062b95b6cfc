// Maps: what depends on one with many lines is named, and entries that no lookup finds.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { compareRequests } from "../../../src/diff/compare-requests.ts";
import { findRegions } from "../../../src/space/find-regions.ts";
import { Formulas, TRUE } from "../../../src/space/formula.ts";
import { evaluateHaproxy } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import { examineRules } from "../../../src/space/haproxy/rule-reach.ts";
import type { Leaf } from "../../../src/space/program.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { startHaproxy } from "../../lab/real-haproxy.ts";
import { HEAD, inTurns } from "./compare-with-haproxy.ts";
import { send } from "./requests.ts";

const MILLION = Array.from({ length: 1_000_000 }, (_, index) => `h${index}.example.com app`).join("\n");
const BACKENDS = "backend app\n  server app 127.0.0.1:1\nbackend other\n  server other 127.0.0.1:1\n";

function edge(...lines: readonly string[]): string {
  return `${HEAD}${["frontend web", "bind *:80", ...lines].join("\n  ")}\n${BACKENDS}`;
}

function evaluated(text: string, formulas: Formulas, map = MILLION) {
  const config = parseHaproxyConfig(text, "haproxy.cfg");
  return evaluateHaproxy({ config, wiring: readHaproxyWiring(config), files: () => map }, formulas);
}

test.each([
  "use_backend %[hdr(host),lower,map(hosts.map)]",
  "use_backend app if { hdr(host),map(hosts.map) -m found }",
  "use_backend app if { hdr(host) -f hosts.map }",
  "use_backend app if { hdr(host) -M -f hosts.map }",
])("a map of 1,000,000 lines is named as unknown: %s", (line) => {
  const formulas = new Formulas();
  const program = evaluated(
    edge("http-request deny if { path /x }", line, "default_backend other"),
    formulas,
  );
  const toApp = ({ answer }: Leaf) => {
    if (answer?.kind !== "forward") return "no";
    if (answer.backends === undefined) return "depends";
    return answer.backends.includes("app") ? "yes" : "no";
  };
  const { regions, undecided } = findRegions(program, { requests: TRUE, verdictOf: toApp }, { formulas });
  expect(regions).toEqual([]);
  const named = undecided.flatMap(({ dependsOn }) => dependsOn.map(({ text }) => text));
  expect(named.every((text) => text.includes("hosts.map"))).toBe(true);
  expect(named).not.toEqual([]);
  const refused = findRegions(
    program,
    { requests: TRUE, verdictOf: ({ answer }) => (answer?.kind === "own" ? "yes" : "no") },
    { formulas },
  );
  expect(refused.regions.map(({ answer }) => answer.text)).toEqual(["403"]);
});

test("the same large map on both sides changes nothing; another one may", () => {
  const text = edge("use_backend %[hdr(host),lower,map(hosts.map)]", "default_backend other");
  const compared = (map: string) => {
    const formulas = new Formulas();
    return compareRequests({
      before: evaluated(text, formulas),
      after: evaluated(text, formulas, map),
      formulas,
    });
  };
  expect(compared(MILLION)).toMatchObject({ parts: [], undecided: [], incomplete: [] });
  expect(compared(`${MILLION}\nx.example.com other`).undecided).not.toEqual([]);
});

const METHODS: Readonly<Record<string, readonly [fetch: string, first: string, second: string]>> = {
  str: ["path", "/a/b", "/a/b"],
  beg: ["path", "/a", "/a"],
  end: ["path", "b", "/a/b"],
  sub: ["path", "a/", "/a/b"],
  reg: ["path", "^/a", "^/a"],
  dir: ["path", "a", "a"],
  dom: ["path", "a", "a"],
  int: ["int(7)", "7", "7"],
  ip: ["src", "10.0.0.0/8", "10.0.0.0/8"],
};

describe.each(await findAllHaproxies())("HAProxy $version", ({ path: binary }) => {
  test("finds the first of equal keys, and no key that contains an earlier one", async () => {
    const cases = Object.entries(METHODS);
    const folder = await mkdtemp(join(tmpdir(), "portico-maps-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const frontends = cases.map(([method, [fetch]]) =>
      [
        `frontend ${method}\n  bind unix@${folder}/${method} accept-proxy`,
        `http-request return status 200 hdr x-value %[${fetch},map_${method}(@FOLDER@/${method}.map,none)]\n`,
      ].join("\n  "),
    );
    const maps = cases.map(
      ([method, [, one, two]]) => [`${method}.map`, `${one} first\n${two} second\n`] as const,
    );
    const haproxy = await startHaproxy(binary, HEAD + frontends.join(""), Object.fromEntries(maps));
    onTestFinished(() => haproxy.stop());
    const asked = { method: "GET", host: "x", target: "/a/b", headers: [], client: "10.0.0.1" };
    const answer = { status: 200, headers: [] };
    const values = await Promise.all(
      cases.map(async ([method]) => {
        const seen = await send({ ...asked, answer, listener: `unix@${folder}/${method}` });
        return seen.answered.get("x-value");
      }),
    );
    expect(values).toEqual(cases.map(() => "first"));
  });

  test("uses exactly the entries whose requests no rule before the lookup takes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "portico-maps-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const cases = Object.entries(TAKEN);
    const sections = cases.map(([name, rules]) =>
      [`frontend ${name}`, `bind unix@${folder}/${name} accept-proxy`, ...rules].join("\n  ").concat("\n"),
    );
    const haproxy = await startHaproxy(binary, HEAD + sections.join("") + FOUND + BACKENDS, {
      "x.map": PATHS_MAP,
    });
    onTestFinished(() => haproxy.stop());
    const targets = ["/a", "/a/x", "/b", "/b/y", "/c", "/cx", "/d/x", "/d", "/e?q=1", "/e"];
    const seen = await inTurns(cases, async ([name]) => {
      const values = await inTurns(targets, async (target) => {
        const asked = { method: "GET", host: "x", headers: [], client: "10.0.0.1" };
        const listener = `unix@${folder}/${name}`;
        const { answered } = await send({ ...asked, target, listener, answer: { status: 200, headers: [] } });
        return answered.get("x-value") ?? "none";
      });
      return [name, KEYS.filter((_, index) => !values.includes(`v${index}`))];
    });
    expect(Object.fromEntries(seen)).toEqual(
      Object.fromEntries(cases.map(([name, rules]) => [name, takenIn(rules)])),
    );
  });
});

const KEYS = ["/a", "/b", "/c", "/d", "/d/x", "/e"];
const PATHS_MAP = KEYS.map((key, index) => `${key} v${index}\n`).join("");
const FOUND = "backend found\n  http-request return status 200 hdr x-value %[path,map_beg(@FOLDER@/x.map)]\n";
const USE =
  "http-request return status 200 hdr x-value %[path,map_beg(@FOLDER@/x.map)] if { path,map_beg(@FOLDER@/x.map) -m found }";

/** Rules before a lookup of the path. */
const TAKEN: Readonly<Record<string, readonly string[]>> = {
  deny: ["http-request deny if { path_beg /b }", USE],
  part: ["http-request deny if { path /b }", "http-request deny if { path -i /c /C/ }", USE],
  longer: ["http-request deny if { path_beg /d/ }", USE],
  shorter: ["http-request deny if { path_reg ^/d(?!/x) }", USE],
  two: [
    "http-request deny if { path_beg /a } { method GET }",
    "http-request redirect location /b if { path_beg /a }",
    USE,
  ],
  query: ["http-request deny if { query -m found } { path_beg /e }", USE],
  later: [USE, "http-request deny if { path_beg /a }"],
  phase: ["use_backend found", "redirect location / if { path_beg /c }"],
};

/** The entries that are reported for one frontend. */
function takenIn(rules: readonly string[]): readonly string[] {
  // Lookups that no rule leads to are not evaluated.
  const backend = rules.some((rule) => rule === USE) ? "" : FOUND;
  const config = parseHaproxyConfig(edge(...rules) + backend, "haproxy.cfg");
  const { entries, isIncomplete } = examineRules({
    config,
    wiring: readHaproxyWiring(config),
    files: () => PATHS_MAP,
  });
  expect(isIncomplete).toBe(false);
  return entries.map(({ entry }) => entry.key);
}

test.each([
  ...Object.entries(METHODS).map(([method, [fetch, one, two]]) => ({
    lookup: `${fetch},map_${method}(x.map,none)`,
    keys: [one, two],
    never: [two],
  })),
  { lookup: "req.hdr(host),lower,map(x.map)", keys: ["a.example", "B.example"], never: ["B.example"] },
  {
    lookup: "req.hdr(host),host_only,map(x.map)",
    keys: ["a.example:80", "a.example"],
    never: ["a.example:80"],
  },
  { lookup: "path,map_beg(x.map)", keys: ["/", "/a", "/a/b"], never: [] },
  { lookup: "path,map_end(x.map)", keys: [".php", "/"], never: [] },
  { lookup: "path,map_sub(x.map)", keys: ["/ab", "/a"], never: [] },
  { lookup: "req.hdr(x-a),map(x.map)", keys: ["A", "a"], never: [] },
  { lookup: "path,lua.x,map(x.map)", keys: ["a", "a"], never: [] },
])("entries that no lookup finds: $lookup of $keys", ({ lookup, keys, never }) => {
  const config = parseHaproxyConfig(edge(`http-request set-header x-value %[${lookup}]`), "haproxy.cfg");
  const map = keys.map((key, index) => `${key} v${index}`).join("\n");
  const { entries } = examineRules({ config, wiring: readHaproxyWiring(config), files: () => map });
  expect(entries.map(({ entry }) => entry.key)).toEqual(never);
});

test("a map that a rule changes, or that a line looks up which is not evaluated, may find every entry", () => {
  const never = (...lines: readonly string[]) => {
    const config = parseHaproxyConfig(edge("use_backend %[path,map(x.map)]", ...lines), "haproxy.cfg");
    const files = () => "a app\na app\n";
    return examineRules({ config, wiring: readHaproxyWiring(config), files }).entries.length;
  };
  expect(never()).toBe(1);
  expect(never("http-request set-map(x.map) %[path] app if { method PUT }")).toBe(0);
  expect(never("log-format %[path,map(x.map)]")).toBe(0);
  expect(never("acl known path,map(x.map) -m found", "http-request deny if known")).toBe(1);
});
