// Maps and lists with many lines: what depends on them is named, and nothing else.
import { expect, test } from "vitest";
import { compareRequests } from "../../../src/diff/compare-requests.ts";
import { findRegions } from "../../../src/space/find-regions.ts";
import { Formulas, TRUE } from "../../../src/space/formula.ts";
import { evaluateHaproxy } from "../../../src/space/haproxy/evaluate-haproxy.ts";
import type { Leaf } from "../../../src/space/program.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { HEAD } from "./compare-with-haproxy.ts";

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
