// What ACLs compare values with (manual section 7.1): patterns by a matching method.
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { anyOf } from "./choice.ts";
import { numberOf, truth } from "./convert.ts";
import { networkOf } from "./network.ts";
import { METHOD } from "./request-dimensions.ts";
import type { Scope } from "./scope.ts";
import { testLength, testMethod, testText, testWord, unknown } from "./text-tests.ts";
import { partsOf, type Scalar, show, showScalar } from "./value.ts";

/** A list of patterns with its flag. */
export interface PatternList {
  readonly patterns: readonly string[];
  readonly ignoreCase: boolean;
}

export interface Comparison {
  /** Of `-m`, or of the suffix of the fetch. */
  readonly method: string | undefined;
  readonly lists: readonly PatternList[];
}

/** When a value, or its absence, passes. */
export function testValue(scope: Scope, scalar: Scalar | undefined, comparison: Comparison): Formula {
  const { method, lists } = comparison;
  if (method === "found") return scalar === undefined ? FALSE : TRUE;
  if (scalar === undefined) return FALSE;
  const patterns = lists.flatMap((list) => list.patterns);
  if (method === undefined && isOpaque(scalar)) return unknownComparison(scope, scalar, patterns);
  switch (method ?? methodFor(scalar)) {
    case "bool":
      return truth(scope, scalar);
    case "meth":
      return testTexts(scope, scalar, "meth", lists);
    case "int":
      return testNumber(scope, scalar, patterns);
    case "ip":
      return testAddress(scope, scalar, patterns);
    case "len":
      return scope.formulas.or(
        ...rangesOf(patterns).map(({ from, to }) => testLength(scope, partsOf(scalar), from, to)),
      );
    default:
      return testTexts(scope, scalar, method ?? "str", lists);
  }
}

/** Its type is not known, nor how it is compared. */
function isOpaque(scalar: Scalar): boolean {
  return scalar.kind === "text" && scalar.parts.length === 1 && scalar.parts[0]?.kind === "opaque";
}

function unknownComparison(scope: Scope, scalar: Scalar, patterns: readonly string[]): Formula {
  const [part] = partsOf(scalar);
  const text = [part?.kind === "opaque" ? part.text : "", ...patterns].join(" ");
  const why = part?.kind === "opaque" ? part.why : "";
  return unknown(scope, { id: `${showScalar(scalar)} ${patterns.join(" ")}`, text, why });
}

function methodFor(scalar: Scalar): string {
  const [part] = partsOf(scalar);
  if (part?.kind === "source" && part.on === METHOD && part.through.length === 0) return "meth";
  if (scalar.kind === "text") return "str";
  if (scalar.kind === "address") return "ip";
  return scalar.kind === "boolean" ? "bool" : "int";
}

function testNumber(scope: Scope, scalar: Scalar, patterns: readonly string[]): Formula {
  const { formulas } = scope;
  const number = numberOf(scope, scalar);
  if (number === undefined) {
    const id = `${showScalar(scalar)} -m int ${patterns.join(" ")}`;
    return unknown(scope, { id, text: id, why: "a text as a number" });
  }
  return formulas.or(...rangesOf(patterns).map(({ from, to }) => number.range(from, to)));
}

/** `5`, `1:10`, `gt 5`: an operator holds for the numbers behind it (manual section 7.1.2). */
function rangesOf(patterns: readonly string[]): readonly { readonly from: number; readonly to: number }[] {
  let operator = "eq";
  return patterns.flatMap((pattern) => {
    if (/^(?:eq|ge|gt|le|lt)$/.test(pattern)) {
      operator = pattern;
      return [];
    }
    const [, low = "", high] = /^(-?\d*)(?::(-?\d*))?$/.exec(pattern) ?? [];
    const number = Number(low);
    if (operator === "gt") return [{ from: number + 1, to: Number.POSITIVE_INFINITY }];
    if (operator === "ge") return [{ from: number, to: Number.POSITIVE_INFINITY }];
    if (operator === "lt") return [{ from: Number.NEGATIVE_INFINITY, to: number - 1 }];
    if (operator === "le") return [{ from: Number.NEGATIVE_INFINITY, to: number }];
    const from = low === "" ? Number.NEGATIVE_INFINITY : number;
    if (high === undefined) return [{ from, to: number }];
    return [{ from, to: high === "" ? Number.POSITIVE_INFINITY : Number(high) }];
  });
}

function testAddress(scope: Scope, scalar: Scalar, patterns: readonly string[]): Formula {
  const names = patterns.filter((pattern) => networkOf(pattern) === undefined);
  const networks = patterns.flatMap((pattern) => networkOf(pattern) ?? []);
  const ofNames = names.map((name) =>
    unknown(scope, {
      id: `${showScalar(scalar)} -m ip ${name}`,
      text: `${showScalar(scalar)} ${name}`,
      why: `the address of ${name}`,
    }),
  );
  if (networks.length === 0) return scope.formulas.or(...ofNames);
  return scope.formulas.or(addressWithin(scope, scalar, networks), ...ofNames);
}

function addressWithin(scope: Scope, scalar: Scalar, networks: readonly string[]): Formula {
  if (scalar.kind === "address") return scalar.within(networks);
  const id = `${showScalar(scalar)} -m ip ${networks.toSorted().join(" ")}`;
  return unknown(scope, { id, text: id, why: "a text as an address" });
}

function testTexts(scope: Scope, scalar: Scalar, method: string, lists: readonly PatternList[]): Formula {
  const { formulas } = scope;
  const parts = partsOf(scalar);
  const each = lists.flatMap(({ patterns, ignoreCase }) =>
    patterns.map((value): Formula => {
      switch (method) {
        case "str":
          return testText(scope, parts, { kind: "exact", value, ignoreCase });
        case "meth":
          return testMethod(scope, parts, { value, ignoreCase });
        case "beg":
          return testText(scope, parts, { kind: "prefix", value, ignoreCase });
        case "end":
          return testText(scope, parts, { kind: "suffix", value, ignoreCase });
        case "sub":
          return testText(scope, parts, { kind: "contains", value, ignoreCase });
        case "reg":
          return testText(scope, parts, { kind: "pattern", source: value, ignoreCase });
        case "dir":
        case "dom":
          return testWord(scope, parts, method, { value, ignoreCase });
        default: {
          const id = `${show(parts)} -m ${method} ${value}`;
          return unknown(scope, { id, text: id, why: `the matching method ${method} is not followed` });
        }
      }
    }),
  );
  return anyOf(formulas, each);
}
