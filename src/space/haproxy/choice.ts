// A value that depends on the request: an ordered list of cases, of which the first that holds gives the value.

import type { Test, TextDimension, TextTest } from "../dimension.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import { isWithinBytes } from "../text/within-automaton.ts";
import { digestOf } from "./digest.ts";

export type Choice<T> =
  | { readonly kind: "one"; readonly value: T }
  | {
      readonly kind: "cases";
      /** The last always holds. */
      readonly cases: readonly Case<T>[];
      /** At most one of all but the last holds: their order does not count. */
      readonly disjoint: boolean;
    };

export interface Case<T> {
  readonly when: Formula;
  readonly gives: Choice<T>;
}

export function one<T>(value: T): Choice<T> {
  return { kind: "one", value };
}

/** `then` where `when` holds. */
export function either<T>(when: Formula, then: Choice<T>, otherwise: Choice<T>): Choice<T> {
  if (when.kind === "constant") return when.value ? then : otherwise;
  return casesOf([{ when, gives: then }], otherwise);
}

export function casesOf<T>(cases: readonly Case<T>[], otherwise: Choice<T>, disjoint = false): Choice<T> {
  const possible = cases.filter(({ when }) => when !== FALSE);
  if (possible.length === 0) return otherwise;
  return {
    kind: "cases",
    cases: [...possible, { when: TRUE, gives: otherwise }],
    disjoint: disjoint || possible.length === 1,
  };
}

/** Shared parts stay shared. */
export function mapChoice<T, U>(choice: Choice<T>, map: (value: T) => Choice<U>): Choice<U> {
  const known = new Map<Choice<T>, Choice<U>>();
  const follow = (from: Choice<T>): Choice<U> => {
    const found = known.get(from);
    if (found !== undefined) return found;
    const made: Choice<U> =
      from.kind === "one"
        ? map(from.value)
        : { ...from, cases: from.cases.map(({ when, gives }) => ({ when, gives: follow(gives) })) };
    known.set(from, made);
    return made;
  };
  return follow(choice);
}

/** Equal for choices of the same values under the same conditions; of shared parts the digest, as they are in many places. */
export function keyOfChoice<T>(formulas: Formulas, choice: Choice<T>, keyOf: (value: T) => string): string {
  const known = new Map<Choice<T>, string>();
  const follow = (from: Choice<T>): string => {
    const found = known.get(from);
    if (found !== undefined) return found;
    const made =
      from.kind === "one"
        ? keyOf(from.value)
        : digestOf(from.cases.map(({ when, gives }) => `${formulas.idOf(when)} ${follow(gives)}`).join());
    known.set(from, made);
    return made;
  };
  return follow(choice);
}

export function combine<T, U, V>(a: Choice<T>, b: Choice<U>, join: (a: T, b: U) => Choice<V>): Choice<V> {
  return mapChoice(a, (left) => mapChoice(b, (right) => join(left, right)));
}

/** When a value of the choice has a property. */
export function whenChoice<T>(
  formulas: Formulas,
  choice: Choice<T>,
  property: (value: T) => Formula,
): Formula {
  const known = new Map<Choice<T>, Formula>();
  const follow = (from: Choice<T>): Formula => {
    const found = known.get(from);
    if (found !== undefined) return found;
    const made = from.kind === "one" ? property(from.value) : followCases(from);
    known.set(from, made);
    return made;
  };
  const followCases = ({ cases, disjoint }: Extract<Choice<T>, { kind: "cases" }>): Formula => {
    const results = cases.map(({ when, gives }) => ({ when, holds: follow(gives) }));
    const last = results.pop()?.holds ?? FALSE;
    return disjoint ? joinDisjoint(formulas, results, last) : joinOrdered(formulas, results, last);
  };
  return follow(choice);
}

interface Result {
  readonly when: Formula;
  readonly holds: Formula;
}

function joinDisjoint(formulas: Formulas, results: readonly Result[], last: Formula): Formula {
  const groups = Map.groupBy(results, ({ holds }) => holds);
  const alternatives = [...groups]
    .filter(([holds]) => holds !== FALSE)
    .map(([holds, group]) => formulas.and(anyOf(formulas, whensOf(group)), holds));
  if (last === FALSE) return formulas.or(...alternatives);
  const others = results.filter(({ holds }) => holds !== last);
  const same = groups.get(last) ?? [];
  if (same.length === 0 && others.length === 0) return last;
  const otherwise = formulas.and(formulas.not(anyOf(formulas, whensOf(others))), last);
  return formulas.or(...alternatives, otherwise);
}

function joinOrdered(formulas: Formulas, results: readonly Result[], last: Formula): Formula {
  let joined = last;
  for (let index = results.length - 1; index >= 0; ) {
    const holds = results[index]?.holds ?? FALSE;
    const run: Formula[] = [];
    for (; index >= 0 && results[index]?.holds === holds; index -= 1) run.push(results[index]?.when ?? FALSE);
    joined = formulas.choose(anyOf(formulas, run), holds, joined);
  }
  return joined;
}

function whensOf(results: readonly Result[]): readonly Formula[] {
  return results.map(({ when }) => when);
}

/** Such tests are not joined with others. */
function isAround({ test }: TestOfText): boolean {
  return isWithinBytes(test);
}

type TestOfText = Extract<Test, { on: TextDimension }>;

/** Or; tests of one text become one test, which the classes of that text answer at once. */
export function anyOf(formulas: Formulas, given: readonly Formula[]): Formula {
  if (given.length < 2) return formulas.or(...given);
  const texts = new Map<string, { on: TextDimension; tests: TextTest[] }>();
  const others: Formula[] = [];
  for (const formula of given) {
    if (formula.kind !== "test" || formula.test.on.kind !== "text" || isAround(formula.test as TestOfText)) {
      others.push(formula);
      continue;
    }
    const { on, test } = formula.test as TestOfText;
    const group = texts.get(on.id) ?? { on, tests: [] };
    texts.set(on.id, group);
    if (test.kind === "any") group.tests.push(...test.tests);
    else group.tests.push(test);
  }
  const joined = [...texts.values()].map(({ on, tests }) => {
    const [first] = tests;
    return formulas.test({ on, test: tests.length === 1 && first ? first : { kind: "any", tests } });
  });
  return formulas.or(...others, ...joined);
}
