// Tests of a text that is made of constants and properties of the request, as conditions on those properties.
import type { Position } from "../../findings/finding.ts";
import type { TextDimension, TextTest } from "../dimension.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import { isCertain, mayContain, mayOccur } from "../text/values.ts";
import { anyOf } from "./choice.ts";
import { testPatternOverParts } from "./pattern-over-parts.ts";
import { escaped, type Literal, literalTests, pullBack } from "./pull-back.ts";
import { METHODS } from "./request-dimensions.ts";
import type { Times } from "./scope.ts";
import { joined, type Part, show } from "./value.ts";

/** Makes the formulas of one configuration; `at` is the line of the condition. */
export interface Asking {
  readonly formulas: Formulas;
  readonly at: Position | undefined;
  /** Replaces each unknown condition with a new one: its value may change between two rules. */
  readonly readings?: Times | undefined;
}

/** `id`: the whole definition; equal ids hold for the same requests. */
export function unknown(
  { formulas, at, readings }: Asking,
  { id, text, why }: { readonly id: string; readonly text: string; readonly why: string },
): Formula {
  return formulas.test({
    on: { kind: "unknown", id: readings ? `state:${id} #${readings.next()}` : `state:${id}`, text, why, at },
    test: { kind: "holds" },
  });
}

/** When a text, which is present, passes a test. */
export function testText(asking: Asking, parts: readonly Part[], test: TextTest): Formula {
  if (test.kind === "present") return TRUE;
  if (test.kind === "any")
    return anyOf(
      asking.formulas,
      test.tests.map((each) => testText(asking, parts, each)),
    );
  const [first] = parts;
  if (parts.length === 1 && first !== undefined && first.kind !== "constant")
    return testPart(asking, first, test);
  if (test.kind !== "pattern") return testLiteral(asking, parts, test);
  const found = testPatternOverParts(asking, parts, test);
  if (found !== undefined) return found;
  const literals = literalTests(test);
  return literals === undefined
    ? unknownTest(asking, parts, test, "a regular expression over several parts")
    : testText(asking, parts, { kind: "any", tests: literals });
}

function testPart(asking: Asking, part: Exclude<Part, { kind: "constant" }>, test: TextTest): Formula {
  if (part.kind === "opaque") return unknownTest(asking, [part], test, part.why);
  if (part.on.kind === "choice") return testToken(asking, part, test);
  const { on } = part;
  const asked = pullBack(test, part.through);
  if (typeof asked === "boolean") return asked ? TRUE : FALSE;
  if (asked === undefined) return unknownTest(asking, [part], test, `a test of ${show([part])}`);
  return testSource(asking, on, asked);
}

function testSource({ formulas }: Asking, on: TextDimension, test: TextTest): Formula {
  if (test.kind === "any") {
    const tests = test.tests.filter((one) => isPossible(on, one));
    return tests.length === 0 ? FALSE : formulas.test({ on, test: { kind: "any", tests } });
  }
  if (!isPossible(on, test)) return FALSE;
  return "value" in test && isCertain(on, test) ? TRUE : formulas.test({ on, test });
}

function isPossible(on: TextDimension, test: TextTest): boolean {
  if (test.kind === "exact" || test.kind === "prefix") return mayOccur(on, { ...test, kind: test.kind });
  return test.kind === "suffix" || test.kind === "contains" ? mayContain(on, test) : true;
}

/** Of the method. */
function testToken(asking: Asking, part: Extract<Part, { kind: "source" }>, test: TextTest): Formula {
  const isWhole = test.kind === "exact" && !test.ignoreCase;
  if (isWhole && part.on.kind === "choice" && part.through.length === 0) {
    const isToken = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(test.value);
    return isToken
      ? asking.formulas.test({ on: part.on, test: { kind: "one-of", values: [test.value] } })
      : FALSE;
  }
  const value = "value" in test ? test.value : "";
  if (/[^!#$%&'*+.^_`|~0-9A-Za-z-]/.test(value)) return FALSE;
  if ("value" in test && test.kind !== "exact" && value === "") return TRUE;
  return unknownTest(asking, [part], test, `a test of ${show([part])} that is not of whole values`);
}

/** `-m meth`, also the default of `method`: HAProxy compares the methods that it knows by number, others as texts. */
export function testMethod(
  asking: Asking,
  parts: readonly Part[],
  { value, ignoreCase }: Pick<Literal, "value" | "ignoreCase">,
): Formula {
  if (!ignoreCase || METHODS.has(value))
    return testText(asking, parts, { kind: "exact", value, ignoreCase: false });
  const id = `${show(parts)} -m meth -i ${value}`;
  return unknown(asking, { id, text: id, why: "a method that HAProxy does not know" });
}

function unknownTest(asking: Asking, parts: readonly Part[], test: TextTest, why: string): Formula {
  const asked = JSON.stringify(test);
  return unknown(asking, { id: `${show(parts)} ${asked}`, text: `${show(parts)} ${showTest(test)}`, why });
}

function showTest(test: TextTest): string {
  if (test.kind === "present") return "-m found";
  if (test.kind === "any") return test.tests.map(showTest).join(" or ");
  const method = { exact: "str", prefix: "beg", suffix: "end", contains: "sub", pattern: "reg" }[test.kind];
  return `-m ${method}${test.ignoreCase ? " -i" : ""} ${test.kind === "pattern" ? test.source : test.value}`;
}

function testLiteral(asking: Asking, parts: readonly Part[], test: Literal): Formula {
  switch (test.kind) {
    case "exact":
      return exactly(asking, parts, test);
    case "prefix":
      return beginsWith(asking, parts, test);
    case "suffix":
      return endsWith(asking, parts, test);
    case "contains":
      return contains(asking, parts, test);
  }
}

function exactly(asking: Asking, parts: readonly Part[], test: Literal): Formula {
  const [first, ...rest] = parts;
  if (first === undefined) return test.value === "" ? TRUE : FALSE;
  if (first.kind === "constant") return afterConstant(asking, first.text, rest, test);
  const last = parts.at(-1);
  if (last?.kind === "constant") {
    const { value } = test;
    if (!same(value.slice(-last.text.length), last.text, test)) return FALSE;
    return testText(asking, parts.slice(0, -1), { ...test, value: value.slice(0, -last.text.length) });
  }
  return split(asking, first, rest, test, test.value.length + 1);
}

/** `count` places where the first part ends exactly, and the others go on. */
function split(
  asking: Asking,
  first: Exclude<Part, { kind: "constant" }>,
  rest: readonly Part[],
  test: Literal,
  count: number,
): Formula {
  const { formulas } = asking;
  const ways = Array.from({ length: count }, (_, at) => {
    const begins = testPart(asking, first, { ...test, kind: "exact", value: test.value.slice(0, at) });
    return begins === FALSE
      ? FALSE
      : formulas.and(begins, testText(asking, rest, { ...test, value: test.value.slice(at) }));
  });
  return formulas.or(...ways);
}

function afterConstant(asking: Asking, text: string, rest: readonly Part[], test: Literal): Formula {
  if (!same(test.value.slice(0, text.length), text, test)) return FALSE;
  return testText(asking, rest, { ...test, value: test.value.slice(text.length) });
}

function beginsWith(asking: Asking, parts: readonly Part[], test: Literal): Formula {
  const [first, ...rest] = parts;
  if (test.value === "") return TRUE;
  if (first === undefined) return FALSE;
  if (first.kind !== "constant")
    return asking.formulas.or(
      testPart(asking, first, test),
      split(asking, first, rest, test, test.value.length),
    );
  const { length } = test.value;
  if (length <= first.text.length) return same(first.text.slice(0, length), test.value, test) ? TRUE : FALSE;
  return afterConstant(asking, first.text, rest, test);
}

function endsWith(asking: Asking, parts: readonly Part[], test: Literal): Formula {
  const last = parts.at(-1);
  const front = parts.slice(0, -1);
  const { formulas } = asking;
  const { value } = test;
  if (value === "") return TRUE;
  if (last === undefined) return FALSE;
  if (last.kind === "constant") {
    const text = last.text;
    if (value.length <= text.length) return same(text.slice(-value.length), value, test) ? TRUE : FALSE;
    if (!same(value.slice(-text.length), text, test)) return FALSE;
    return testText(asking, front, { ...test, value: value.slice(0, -text.length) });
  }
  const ways = Array.from({ length: value.length }, (_, left) => {
    const whole = testPart(asking, last, { ...test, kind: "exact", value: value.slice(left + 1) });
    if (whole === FALSE) return FALSE;
    return formulas.and(whole, testText(asking, front, { ...test, value: value.slice(0, left + 1) }));
  });
  return formulas.or(testPart(asking, last, test), ...ways);
}

function contains(asking: Asking, parts: readonly Part[], test: Literal): Formula {
  const [first, ...rest] = parts;
  const { formulas } = asking;
  const { value } = test;
  if (value === "") return TRUE;
  if (first === undefined) return FALSE;
  const one = [first];
  const inFirst = first.kind === "constant" ? includes(first.text, test) : testPart(asking, first, test);
  if (inFirst === TRUE) return TRUE;
  const across = Array.from({ length: value.length - 1 }, (_, at) => {
    const ends = testText(asking, one, { ...test, kind: "suffix", value: value.slice(0, at + 1) });
    if (ends === FALSE) return FALSE;
    return formulas.and(
      ends,
      beginsWith(asking, rest, { ...test, kind: "prefix", value: value.slice(at + 1) }),
    );
  });
  return formulas.or(inFirst, contains(asking, rest, test), ...across);
}

function includes(text: string, { value, ignoreCase }: Literal): Formula {
  const found = ignoreCase ? text.toLowerCase().includes(value.toLowerCase()) : text.includes(value);
  return found ? TRUE : FALSE;
}

function same(one: string, other: string, { ignoreCase }: Literal): boolean {
  return ignoreCase ? one.toLowerCase() === other.toLowerCase() : one === other;
}

/** When the text has from `from` to `to` bytes. */
export function testLength(asking: Asking, parts: readonly Part[], from: number, to: number): Formula {
  const fixed = parts.reduce((sum, part) => sum + (part.kind === "constant" ? part.text.length : 0), 0);
  const others = joined(parts.filter(({ kind }) => kind !== "constant"));
  const [least, most] = [Math.max(0, from - fixed), to - fixed];
  if (most < least) return FALSE;
  if (others.length === 0) return least === 0 ? TRUE : FALSE;
  if (least === 0 && most === Number.POSITIVE_INFINITY) return TRUE;
  const limit = most === Number.POSITIVE_INFINITY ? "" : most;
  const pattern = `\\A[\\x00-\\xff]{${least},${limit}}\\z`;
  return testText(asking, others, { kind: "pattern", source: pattern, ignoreCase: false });
}

/**
 * `-m dir` and `-m dom`: between delimiters; those around the pattern do not count (match_word() in HAProxy's src/pattern.c, which
 * reads behind the end of the value where nothing is left of the pattern).
 */
export function testWord(
  asking: Asking,
  parts: readonly Part[],
  method: "dir" | "dom",
  pattern: { readonly value: string; readonly ignoreCase: boolean },
): Formula {
  const delimiters = method === "dir" ? "/?" : "/?.:";
  const { value, ignoreCase } = pattern;
  const trimmed = trimBytes(value, delimiters);
  if (trimmed === "") {
    const text = `${show(parts)} -m ${method} ${value}`;
    return unknown(asking, {
      id: text,
      text,
      why: "a pattern of delimiters alone is compared with what follows in memory",
    });
  }
  const set = [...delimiters].map((byte) => `\\x${byte.charCodeAt(0).toString(16)}`).join("");
  const source = `(?:\\A|[${set}])${escaped(trimmed)}(?:\\z|[${set}])`;
  return testText(asking, parts, { kind: "pattern", source, ignoreCase });
}

function trimBytes(text: string, bytes: string): string {
  let [from, to] = [0, text.length];
  while (from < to && bytes.includes(text.charAt(from))) from += 1;
  while (to > from && bytes.includes(text.charAt(to - 1))) to -= 1;
  return text.slice(from, to);
}
