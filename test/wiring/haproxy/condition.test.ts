// Conditions, as Portico and as every installed HAProxy read them.
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConditionTerm, readAcl, readCondition } from "../../../src/wiring/haproxy/condition.ts";
import { type HaproxyLine, parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { startHaproxy } from "../../lab/real-haproxy.ts";

function lineOf(written: string): HaproxyLine {
  const [line] = parseHaproxyConfig(`${written}\n`, "haproxy.cfg").lines;
  if (line === undefined) throw new Error("no line");
  return line;
}

const show = ({ name, test: aclTest, negated }: ConditionTerm): string =>
  `${negated ? "!" : ""}${name ?? `{${aclTest?.fetch.value}}`}`;

describe("alternatives", () => {
  test.each([
    ["if a b or c", [["a", "b"], ["c"]]],
    ["if a OR !b || { path /x } Or c", [["a"], ["!b"], ["{path}"], ["c"]]],
    ["unless a || b c", [["a"], ["b", "c"]]],
    ["if ! a !! b ! ! c", [["!a", "b", "c"]]],
    ["if ! or a", [["a"]]],
    ["if a or", [["a"]]],
    ["if or", []],
    ["if", []],
    ["unless", []],
    ["if { path or } { path || }", [["{path}", "{path}"]]],
  ])("%s", (written, expected) => {
    const condition = readCondition(lineOf(`http-request deny ${written}`));
    expect(condition?.anyOf.map((terms) => terms.map(show))).toEqual(expected);
    expect(condition?.terms.map(show)).toEqual(expected.flat());
  });
});

describe("flags", () => {
  test.each([
    ["path -i /a", { ignoreCase: true, patterns: ["/a"] }],
    ["path -m beg -i -n /a -i", { ignoreCase: true, method: "beg", names: false, patterns: ["/a", "-i"] }],
    ["path -f a.lst -i -f b.lst /c", { ignoreCase: true, files: ["a.lst", "b.lst -i"], patterns: ["/c"] }],
    ["path -u 4 -M -f a.map", { files: ["a.map -M"], patterns: [] }],
    ["path -i -- -f /a", { ignoreCase: true, patterns: ["-f", "/a"] }],
    ["int(-5) -- -5", { patterns: ["-5"] }],
  ])("%s", (written, expected) => {
    const aclTest = readAcl(lineOf(`acl a ${written}`))?.test;
    expect({
      ignoreCase: aclTest?.ignoreCase,
      method: aclTest?.method,
      names: aclTest?.resolvesNames,
      files: aclTest?.files.map((file) =>
        [file.path.value, ...(file.ignoreCase ? ["-i"] : []), ...(file.isMap ? ["-M"] : [])].join(" "),
      ),
      patterns: aclTest?.patterns.map(({ value }) => value),
    }).toEqual({ ignoreCase: false, method: undefined, names: true, files: [], ...expected });
  });
});

const words = fc.constantFrom(
  "TRUE",
  "FALSE",
  "!TRUE",
  "!FALSE",
  "!",
  "!!",
  "or",
  "OR",
  "||",
  "{ always_true }",
);
const conditions = fc.sample(fc.tuple(fc.constantFrom("if", "unless"), fc.array(words, { maxLength: 7 })), {
  numRuns: 300,
  seed: 7,
});

/** Whether a rule with this condition runs, by Portico's reading of it. */
function runs(written: string): boolean {
  const condition = readCondition(lineOf(`http-request deny ${written}`));
  const isTrue = ({ name, negated }: ConditionTerm) => (name === "FALSE") === negated;
  const some = condition?.anyOf.some((terms) => terms.every(isTrue));
  return some === (condition?.keyword === "if");
}

describe.each(await findAllHaproxies())("HAProxy $version", ({ path: binary }) => {
  test("300 random conditions hold exactly when HAProxy runs their rules", async () => {
    const written = conditions.map(([keyword, rest]) => [keyword, ...rest].join(" "));
    const folder = await mkdtemp(join(tmpdir(), "portico-conditions-"));
    const rules = written.map((one, index) => `  http-request set-var(txn.v${index}) int(1) ${one}`);
    const answer = written.map((_, index) => `%[var(txn.v${index},0)]`).join("");
    const haproxy = await startHaproxy(
      binary,
      `global
  tune.vars.txn-max-size 1048576
defaults
  mode http
  timeout client 10s
frontend f
  bind unix@${folder}/socket
${rules.join("\n")}
  http-request return status 200 content-type text/plain lf-string "${answer}"
`,
    );
    const said = await new Promise<string>((done, fail) => {
      get({ socketPath: join(folder, "socket"), path: "/" }, (response) => done(text(response))).once(
        "error",
        fail,
      );
    });
    await haproxy.stop();
    await rm(folder, { recursive: true });
    expect(written.filter((one, index) => runs(one) !== (said[index] === "1"))).toEqual([]);
  });
});
