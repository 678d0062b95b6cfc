// Splits the values of a text into classes that no test can tell apart.
import type { TextDimension, TextTest } from "../dimension.ts";
import type { Automaton } from "./automaton.ts";
import { type Expression, NotFollowed, sequenceOf } from "./expression.ts";
import { type Direction, directionOf, inDirection, type SortedTest, sortTest } from "./languages.ts";
import { BudgetExceeded, type Language, Product } from "./product.ts";
import { readPattern } from "./read-pattern.ts";
import { ReversedAutomaton } from "./reversed-automaton.ts";
import { SearchAutomaton } from "./search-automaton.ts";
import { Sets } from "./sets.ts";
import { Tries } from "./trie.ts";
import { type FoundClass, Walk } from "./walk.ts";

/** Classes are numbered from 0, in the order of the literals; the last is "absent" where the dimension is optional. */
export interface TextClasses {
  readonly count: number;
  /** A short, readable member of each class; undefined: absent. */
  readonly witness: (index: number) => string | undefined;
  /**
   * The classes in which a test holds, as runs in ascending order: from, to (not included), from, to, …. The test is one
   * of those that were given, or `present`.
   */
  readonly holds: (test: TextTest) => Uint32Array;
  /** The class of a value; undefined: the value is outside the universe. */
  readonly classOf: (value: string | undefined) => number | undefined;
}

/** A test that cannot be followed (backreference, more than the budget of states), by reason: it must become an unknown. */
export interface OpaqueTest {
  readonly test: TextTest;
  readonly why: string;
}

export interface TextPartition {
  readonly classes: TextClasses;
  readonly opaque: readonly OpaqueTest[];
}

/** Limits of one dimension. Tests with expressions are given up (opaque) until the rest is within them. */
export interface TextBudget {
  /** Of the product of all automata. */
  readonly states: number;
  readonly classes: number;
}

const BUDGET: TextBudget = { states: 20_000, classes: 200_000 };
const TOO_MANY = "together with the other tests of this text it needs too many states";

/** @throws RangeError if the universe cannot be followed, which is a defect */
export function partitionText(
  dimension: TextDimension,
  tests: readonly TextTest[],
  budget: TextBudget = BUDGET,
): TextPartition {
  const sorting = sortAll(tests);
  const universe = automatonOf(universeOf(dimension), sorting.direction);
  const opaque = [...sorting.opaque];
  let given = sorting.tests;
  for (;;) {
    const classes = classesWithin(dimension, universe, sorting.direction, given, budget);
    if (classes !== undefined) return { classes, opaque };
    const kept = withinBudget(universe, given, budget.states / 4);
    for (const { test, id } of given)
      if (!kept.some((one) => one.id === id)) opaque.push({ test, why: TOO_MANY });
    given = kept;
  }
}

interface GivenTest {
  readonly id: number;
  readonly test: TextTest;
  readonly literals: SortedTest["literals"];
  readonly language: Language | undefined;
}

interface Sorting {
  readonly direction: Direction;
  readonly tests: readonly GivenTest[];
  readonly opaque: readonly OpaqueTest[];
}

function sortAll(all: readonly TextTest[]): Sorting {
  const unique = new Map(all.map((test) => [keyOf(test), test]));
  const direction = directionOf(all);
  const tests: GivenTest[] = [];
  const opaque: OpaqueTest[] = [];
  for (const [id, test] of [...unique.values()].entries()) {
    try {
      const { literals, expression } = sortTest(id, test, direction);
      const language = expression && { id, automaton: automatonOf(expression, direction) };
      tests.push({ id, test, literals, language });
    } catch (error) {
      if (!(error instanceof NotFollowed)) throw error;
      opaque.push({ test, why: error.message });
    }
  }
  return { direction, tests, opaque };
}

function universeOf({ id, universe }: TextDimension): Expression {
  try {
    return sequenceOf([
      { kind: "assertion", holds: "start" },
      readPattern(universe, false),
      { kind: "assertion", holds: "end" },
    ]);
  } catch (error) {
    throw new RangeError(`the universe of ${id}: ${(error as Error).message}`);
  }
}

/** All states are made, so that what follows cannot fail for this automaton. */
function automatonOf(expression: Expression, direction: Direction): Automaton {
  const forward = new SearchAutomaton(expression);
  const automaton = direction === "forward" ? forward : new ReversedAutomaton(forward);
  countStates(automaton);
  return automaton;
}

function countStates(automaton: Pick<Automaton, "alphabet" | "start" | "next">): number {
  const found = new Set([automaton.start]);
  for (const state of found)
    for (const symbol of automaton.alphabet.members.keys()) found.add(automaton.next(state, symbol));
  return found.size;
}

function classesWithin(
  dimension: TextDimension,
  universe: Automaton,
  direction: Direction,
  tests: readonly GivenTest[],
  budget: TextBudget,
): TextClasses | undefined {
  const sets = new Sets();
  try {
    const languages = tests.flatMap(({ language }) => language ?? []);
    const tries = new Tries(
      tests.flatMap(({ literals }) => literals),
      sets,
    );
    const walk = new Walk(tries, new Product(universe, languages, sets, budget.states), sets);
    const limit = languages.length === 0 ? Number.POSITIVE_INFINITY : budget.classes;
    return numbered(dimension, direction, tests, sets, walk, walk.classes(limit));
  } catch (error) {
    if (error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}

/** The tests whose automata have no more states together; the smallest first. One less than given at least. */
function withinBudget(universe: Automaton, tests: readonly GivenTest[], most: number): readonly GivenTest[] {
  const kept: GivenTest[] = [];
  const costs = new Map(
    tests.map((test) => [test, test.language ? countStates(test.language.automaton) : 0]),
  );
  const ordered = [...tests].sort((a, b) => (costs.get(a) ?? 0) - (costs.get(b) ?? 0));
  for (const test of ordered) {
    const languages = [...kept, test].flatMap(({ language }) => language ?? []);
    if (test.language === undefined || fits(universe, languages, most)) kept.push(test);
  }
  if (kept.length === tests.length) kept.pop();
  return kept.sort((a, b) => a.id - b.id);
}

function fits(universe: Automaton, languages: readonly Language[], most: number): boolean {
  try {
    const ordered = [...languages].sort((a, b) => a.id - b.id);
    countStates(new Product(universe, ordered, new Sets(), most));
    return true;
  } catch (error) {
    if (error instanceof BudgetExceeded) return false;
    throw error;
  }
}

function numbered(
  { id, optional }: TextDimension,
  direction: Direction,
  tests: readonly GivenTest[],
  sets: Sets,
  walk: Walk,
  found: readonly FoundClass[],
): TextClasses {
  const numbers = new Map(found.map(({ holding }, index) => [holding, index]));
  const runs = new Map(tests.map((test) => [test.id, [] as number[]]));
  for (const [index, { holding }] of found.entries())
    for (const test of sets.members(holding)) extend(runs.get(test) ?? [], index);
  const byKey = new Map(tests.map((test) => [keyOf(test.test), Uint32Array.from(runs.get(test.id) ?? [])]));
  const present = Uint32Array.from(found.length === 0 ? [] : [0, found.length]);
  return {
    count: found.length + (optional ? 1 : 0),
    witness: (index) => {
      const witness = found[index]?.witness;
      return witness === undefined ? undefined : inDirection(witness, direction);
    },
    holds: (test) => {
      const holding = test.kind === "present" ? present : byKey.get(keyOf(test));
      if (holding === undefined) throw new RangeError(`a test that was not given for ${id}: ${keyOf(test)}`);
      return holding;
    },
    classOf: (value) => {
      if (value === undefined) return optional ? found.length : undefined;
      const holding = walk.holdingFor(inDirection(value, direction));
      return holding === undefined ? undefined : numbers.get(holding);
    },
  };
}

function extend(runs: number[], index: number): void {
  if (runs.at(-1) === index) runs[runs.length - 1] = index + 1;
  else runs.push(index, index + 1);
}

const keys = new WeakMap<TextTest, string>();

function keyOf(test: TextTest): string {
  const known = keys.get(test) ?? JSON.stringify(test);
  keys.set(test, known);
  return known;
}
