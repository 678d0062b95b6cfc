// Fixes change the range that they name, and nothing else.
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyFixes } from "../../src/check/apply-fixes.ts";
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import type { Finding, FixEdit } from "../../src/findings/finding.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";

function withFix(...edits: readonly FixEdit[]): Finding {
  return {
    code: "invalid-value",
    severity: "note",
    what: "",
    why: "",
    remedy: "",
    at: [],
    fix: { does: "it", edits },
  };
}

function put(line: number, column: number, text: string, endColumn = column): FixEdit {
  return { file: "f", line, column, endLine: line, endColumn, text };
}

const texts = new Map([["f", "one\r\ntwo\nthree"]]);

test("a fix replaces its range", () => {
  const applied = applyFixes(texts, [
    withFix(put(1, 4, " more"), put(3, 1, "", 3)),
    withFix(put(2, 1, "2", 4)),
  ]);
  expect(applied.texts.get("f")).toBe("one more\r\n2\nree");
  expect(applied.fixed).toHaveLength(2);
});

test("a fix that overlaps another is postponed as a whole", () => {
  const applied = applyFixes(texts, [withFix(put(2, 1, "x", 3)), withFix(put(2, 2, "y", 4), put(1, 1, "z"))]);
  expect(applied.texts.get("f")).toBe("one\r\nxo\nthree");
  expect(applied.fixed).toHaveLength(1);
});

test("insertions at the same position keep their order", () => {
  expect(applyFixes(texts, [withFix(put(1, 4, "a")), withFix(put(1, 4, "b"))]).texts.get("f")).toBe(
    "oneab\r\ntwo\nthree",
  );
});

test.each([put(9, 1, "x"), { ...put(1, 1, "x"), file: "g" }, { ...put(2, 3, "x"), endLine: 1 }])(
  "an invalid position changes nothing: %o",
  (edit) => {
    expect(applyFixes(texts, [withFix(edit)])).toEqual({ texts: new Map(), fixed: [] });
  },
);

test("a suppressed finding is not fixed", () => {
  const allowed = {
    ...withFix(put(1, 1, "x")),
    suppressed: { because: "y", at: { file: "f", line: 1, column: 1 } },
  };
  expect(applyFixes(texts, [allowed]).fixed).toEqual([]);
});

const CONFIG = [
  "defaults",
  "\tmode http # all of it",
  "  timeout connect 2s",
  "  timeout client 30s   # a comment",
  "",
  "frontend web",
  "  bind *:8080",
  "  default_backend app",
  "backend app",
  "  option httpchk",
  "  server app 10.0.0.7:8080 # the only one",
  "  server two 10.0.0.8:8080",
];

test("every fixed finding of a configuration is gone, none is new, and all other lines are unchanged", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray(CONFIG, { minLength: 3 }),
      fc.constantFrom("\n", "\r\n"),
      async (lines, end) => {
        const before = lines.map((line) => line + end).join("");
        const first = checkLayers(await readWiring([{ file: "haproxy.cfg", text: before }]));
        const { texts: after, fixed } = applyFixes(new Map([["haproxy.cfg", before]]), first);
        const text = after.get("haproxy.cfg") ?? before;
        const second = checkLayers(await readWiring([{ file: "haproxy.cfg", text }]));
        const codes = (findings: readonly Finding[]) => findings.map(({ code, what }) => `${code} ${what}`);
        expect(codes(second).filter((one) => !codes(first).includes(one))).toEqual([]);
        expect(codes(second).filter((one) => codes(fixed).includes(one))).toEqual([]);
        expect(second.every(({ fix }) => fix === undefined)).toBe(true);
        expect(text.replaceAll(/\r?\n[ \t]*timeout http-request 10s| check(?= #|\r?\n)/g, "")).toBe(before);
      },
    ),
    { numRuns: 200 },
  );
});
