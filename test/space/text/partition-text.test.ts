// Classes of a text against what each test says of random values.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TextDimension, TextTest } from "../../../src/space/dimension.ts";
import { partitionText, type TextClasses } from "../../../src/space/text/partition-text.ts";

const path: TextDimension = {
  kind: "text",
  id: "path",
  optional: false,
  universe: "/[^\\x00-\\x20?#\\x7f-\\xff]*",
};
const header: TextDimension = { kind: "text", id: "header:x", optional: true, universe: "[ab./A-]{0,6}" };

function holds(asked: TextTest, value: string): boolean {
  if (asked.kind === "present") return true;
  if (asked.kind === "any") return asked.tests.some((one) => holds(one, value));
  if (asked.kind === "pattern")
    return new RegExp(asked.source, asked.ignoreCase ? "i" : "").test(
      `${asked.before ?? ""}${value}${asked.after ?? ""}`,
    );
  const [text, wanted] = asked.ignoreCase
    ? [value.toLowerCase(), asked.value.toLowerCase()]
    : [value, asked.value];
  if (asked.kind === "exact") return text === wanted;
  if (asked.kind === "prefix") return text.startsWith(wanted);
  return asked.kind === "suffix" ? text.endsWith(wanted) : text.includes(wanted);
}

function inRuns(runs: Uint32Array, index: number): boolean {
  for (let at = 0; at < runs.length; at += 2)
    if ((runs[at] ?? 0) <= index && index < (runs[at + 1] ?? 0)) return true;
  return false;
}

function agrees(classes: TextClasses, tests: readonly TextTest[], value: string): void {
  const index = classes.classOf(value) ?? -1;
  const wrong = tests.filter((one) => inRuns(classes.holds(one), index) !== holds(one, value));
  if (index < 0 || wrong.length > 0) expect([value, index, wrong]).toEqual([value, "a class", []]);
}

const character = fc.constantFrom("a", "b", "/", ".", "A", "-");
const word = fc.string({ unit: character, maxLength: 4 });
const literal = fc.record({
  kind: fc.constantFrom("exact" as const, "prefix" as const, "suffix" as const, "contains" as const),
  value: word,
  ignoreCase: fc.boolean(),
});
const source = fc
  .array(
    fc.constantFrom(
      "a",
      "b",
      "/",
      "\\.",
      "[ab]",
      "[^/]",
      ".",
      "a*",
      "(?:a|b/)+",
      "^",
      "$",
      "\\b",
      "b{1,2}",
      "(?!a)",
      "(?=b.)",
      "(?!b$)",
      "(?=a$)",
      "[aA]",
      "(?!b$)",
      "(?=a$)",
      "[aA]",
      "A?",
      "|",
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));
const pattern = fc.record({ kind: fc.constant("pattern" as const), source, ignoreCase: fc.boolean() });
const single: fc.Arbitrary<TextTest> = fc.oneof({ arbitrary: literal, weight: 3 }, pattern);
const within: fc.Arbitrary<TextTest> = fc.record({
  kind: fc.constant("pattern" as const),
  source,
  ignoreCase: fc.boolean(),
  before: fc.constantFrom("", "a/", "b"),
  after: fc.constantFrom("", "a", "/b."),
});
const any = fc.record({ kind: fc.constant("any" as const), tests: fc.array(single, { maxLength: 4 }) });
const tests = fc.array(fc.oneof({ arbitrary: single, weight: 4 }, any, within), { maxLength: 7 });

const universes = fc.constantFrom(
  "[ab./A-]{0,6}",
  "[ab./A-]*",
  "/[^\\x00-\\x20?#\\x7f-\\xff]*",
  "(?:a|b\\.?)*[/A-]{0,2}",
);

describe("the class of a value", () => {
  test("is in each test that holds for the value, and in no other; outside the universe there is none", () => {
    const values = fc.array(fc.string({ unit: character, maxLength: 6 }), { minLength: 20, maxLength: 20 });
    let inside = 0;
    const property = fc.property(tests, universes, values, (asked, universe, values) => {
      const { classes, opaque } = partitionText({ ...header, universe }, asked);
      expect(opaque).toEqual([]);
      for (const value of values) {
        if (new RegExp(`^(?:${universe})$`).test(value)) agrees(classes, asked, value);
        else expect(classes.classOf(value)).toBe(undefined);
        if (classes.classOf(value) !== undefined) inside += 1;
      }
    });
    fc.assert(property, { numRuns: 500 });
    expect(inside).toBeGreaterThan(3000);
  });

  test("has a witness in it, and no other class holds for the same tests", () => {
    const property = fc.property(tests, universes, (asked, universe) => {
      const { classes } = partitionText({ ...header, universe }, asked);
      const signatures = new Set<string>();
      for (let index = 0; index < classes.count - 1; index += 1) {
        const witness = classes.witness(index) ?? "none";
        expect(witness).toMatch(new RegExp(`^(?:${universe})$`));
        expect(classes.classOf(witness)).toBe(index);
        agrees(classes, asked, witness);
        signatures.add(asked.map((one) => (inRuns(classes.holds(one), index) ? 1 : 0)).join(""));
      }
      expect(signatures.size).toBe(classes.count - 1);
    });
    fc.assert(property, { numRuns: 400 });
  });

  test("is undefined outside the universe, and absent is the last", () => {
    const { classes } = partitionText(header, [{ kind: "prefix", value: "a", ignoreCase: false }]);
    expect([classes.classOf("abc"), classes.classOf("ab"), classes.classOf(undefined)]).toEqual([
      undefined,
      1,
      2,
    ]);
    expect([classes.count, classes.witness(2)]).toEqual([3, undefined]);
    const required = partitionText(path, []).classes;
    expect([required.count, required.classOf(undefined), required.witness(0)]).toEqual([1, undefined, "/"]);
  });
});

describe("a witness reads well", () => {
  const literal = (kind: "exact" | "prefix" | "suffix", value: string): TextTest => ({
    kind,
    value,
    ignoreCase: true,
  });
  const witnesses = (dimension: TextDimension, tests: readonly TextTest[]) => {
    const { classes } = partitionText(dimension, tests);
    return Array.from({ length: classes.count }, (_, index) => classes.witness(index));
  };

  test("hosts", () => {
    const host: TextDimension = { kind: "text", id: "host", optional: false, universe: "[A-Za-z0-9.:-]+" };
    const tests = [
      literal("exact", "Shop.example.com"),
      literal("suffix", ".example.com"),
      literal("suffix", ".b.example.com"),
    ];
    expect(witnesses(host, tests)).toEqual([
      "other.example",
      "www.example.com",
      "www.b.example.com",
      "shop.example.com",
    ]);
  });

  test("paths", () => {
    const assets: TextTest = { kind: "pattern", source: "\\.(?:css|js)$", ignoreCase: true };
    expect(witnesses(path, [literal("prefix", "/api/"), assets, literal("exact", "/Health")])).toEqual([
      "/",
      "/other.js",
      "/api/",
      "/api/other.js",
      "/health",
    ]);
  });
});

describe("beyond the budget", () => {
  const small: TextDimension = { kind: "text", id: "header:x", optional: true, universe: "[ab.]{0,4}" };
  const budget = { states: 20, statesPerState: 0, classes: 6, classesPerLiteral: 0 };
  const values = ["", ...["a", "b", "."].flatMap((one) => longer(one, 3))];

  function longer(text: string, more: number): string[] {
    return more === 0 ? [text] : [text, ...["a", "b", "."].flatMap((one) => longer(text + one, more - 1))];
  }

  test("tests are separate, and a member has the wanted answers", () => {
    let found = 0;
    let none = 0;
    fc.assert(
      fc.property(tests, fc.integer(), (asked, choice) => {
        const { classes, opaque } = partitionText(small, asked, budget);
        const kept = asked.filter(
          (one) => !opaque.some(({ test }) => JSON.stringify(test) === JSON.stringify(one)),
        );
        for (const value of values.slice(0, 50)) agrees(classes, kept, value);
        expect(opaque.filter(({ separate }) => !separate)).toEqual([]);
        const answers = opaque.map(({ test }, index) => ({ test, holds: ((choice >> index) & 1) === 1 }));
        for (let index = 0; index < classes.count; index += 1) {
          const from = Math.max(0, index - (choice & 3));
          const among = Uint32Array.from(choice > 0 ? [from, index + 1] : [index, index + 1]);
          const member = classes.member(among, answers);
          const right = [undefined, ...values].filter(
            (value) =>
              inRuns(among, classes.classOf(value) ?? -1) &&
              answers.every((one) => (value !== undefined && holds(one.test, value)) === one.holds),
          );
          if (opaque.length > 0 && member === "none") none += 1;
          else if (opaque.length > 0) found += 1;
          const lengths = right.map((value) => value?.length ?? 0);
          if (member === "none") expect(right).toEqual([]);
          else if (member === "unknown") throw new Error("unknown");
          else
            expect([right.includes(member.value), member.value?.length ?? 0]).toEqual([
              true,
              Math.min(...lengths),
            ]);
        }
      }),
      { numRuns: 400 },
    );
    expect(found).toBeGreaterThan(50);
    expect(none).toBeGreaterThan(20);
  });
});
