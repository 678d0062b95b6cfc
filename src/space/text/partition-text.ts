// Splits the values of a text into classes that no test can tell apart.
import type { TextDimension, TextTest } from "../dimension.ts";
import type { Automaton } from "./automaton.ts";
import {
  automatonOfTest,
  countStates,
  type GivenTest,
  type GivenTests,
  keyOf,
  readGivenTests,
} from "./given-tests.ts";
import { BudgetExceeded, type Language, Product } from "./product.ts";
import { Sets } from "./sets.ts";
import { type Found, numberClasses } from "./text-classes.ts";
import { Tries } from "./trie.ts";
import { Walk } from "./walk.ts";

/** Classes are numbered from 0, in the order of the literals; the last is "absent" where the dimension is optional. */
export interface TextClasses {
  readonly count: number;
  /** A short, readable member of each class; undefined: absent. */
  readonly witness: (index: number) => string | undefined;
  /**
   * The classes in which a test holds, as runs in ascending order: from, to (not included), from, to, …. The test is one
   * that was given and is not opaque, or `present`.
   */
  readonly holds: (test: TextTest) => Uint32Array;
  /** The class of a value; undefined: the value is outside the universe. */
  readonly classOf: (value: string | undefined) => number | undefined;
  /** The shortest member of a class for which separate tests (`OpaqueTest`) have these answers. */
  readonly member: (index: number, answers: readonly Answer[]) => Member;
}

export interface Answer {
  readonly test: TextTest;
  readonly holds: boolean;
}

/** `none`: no value of the class has these answers; `unknown`: none was found within the budget. */
export type Member = { readonly value: string | undefined } | "none" | "unknown";

/** A test that the classes do not tell apart, by reason: it must become an unknown. */
export interface OpaqueTest {
  readonly test: TextTest;
  readonly why: string;
  /**
   * Whether the test is followed on its own (`TextClasses.member`): it is opaque only because it would multiply the classes.
   * Otherwise it is not followed at all (a backreference).
   */
  readonly separate: boolean;
}

export interface TextPartition {
  readonly classes: TextClasses;
  readonly opaque: readonly OpaqueTest[];
}

/** Limits of one dimension. Tests with expressions become separate until the rest is within them. */
export interface TextBudget {
  /** Of the product of all automata. */
  readonly states: number;
  readonly classes: number;
}

const BUDGET: TextBudget = { states: 100_000, classes: 100_000 };
const TOO_MANY = "with the other tests of this text it makes too many classes";

/** A product that stays near the sum of its parts is no explosion. */
const LEAST_PRODUCT = 2000;
const PRODUCT_PER_STATE = 4;
const LEAST_CLASSES = 20_000;
const CLASSES_PER_LITERAL = 20;

/** @throws RangeError if the universe cannot be followed, which is a defect */
export function partitionText(
  dimension: TextDimension,
  tests: readonly TextTest[],
  budget: TextBudget = BUDGET,
): TextPartition {
  const given = readGivenTests(dimension, tests);
  let kept = given.tests;
  let found = classesOf(given, kept, budget);
  if (found === undefined) kept = withinBudget(given, budget);
  for (found ??= classesOf(given, kept, budget); found === undefined; found = classesOf(given, kept, budget))
    kept = withoutHalf(kept);
  const separate = separateTests(given, kept);
  const opaque = [
    ...given.notFollowed.map((one): OpaqueTest => ({ ...one, separate: false })),
    ...[...separate].map(
      ([{ test }, automaton]): OpaqueTest => ({ test, why: TOO_MANY, separate: automaton !== undefined }),
    ),
  ];
  const automata = new Map([...separate].map(([{ test }, automaton]) => [keyOf(test), automaton]));
  return { classes: numberClasses(dimension, given.direction, kept, automata, found), opaque };
}

function separateTests(
  { direction, tests }: GivenTests,
  kept: readonly GivenTest[],
): ReadonlyMap<GivenTest, Automaton | undefined> {
  const ids = new Set(kept.map(({ id }) => id));
  return new Map(
    tests.filter(({ id }) => !ids.has(id)).map((one) => [one, automatonOfTest(one.test, direction)]),
  );
}

/** Undefined: more than the budget. */
function classesOf(
  { universe }: GivenTests,
  tests: readonly GivenTest[],
  budget: TextBudget,
): Found | undefined {
  const sets = new Sets();
  const literals = tests.flatMap((test) => test.literals);
  try {
    const product = new Product(universe, languagesOf(tests), sets, mostStates(tests, budget));
    const walk = new Walk(new Tries(literals, sets), product, sets);
    const most = Math.min(budget.classes, LEAST_CLASSES + CLASSES_PER_LITERAL * literals.length);
    const classes = walk.classes(tests.some(hasLanguage) ? most : Number.POSITIVE_INFINITY);
    return { walk, classes };
  } catch (error) {
    if (error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}

function mostStates(tests: readonly GivenTest[], budget: TextBudget): number {
  const sum = tests.reduce((states, test) => states + test.states, 0);
  return Math.min(budget.states, LEAST_PRODUCT + PRODUCT_PER_STATE * sum);
}

/** The tests whose automata have few states together; small ones first. */
function withinBudget({ universe, tests }: GivenTests, budget: TextBudget): readonly GivenTest[] {
  const kept = tests.filter((test) => !hasLanguage(test));
  for (const test of bySize(tests.filter(hasLanguage))) {
    const most = Math.min(budget.states, LEAST_PRODUCT / 2 + test.states);
    if (fits(universe, languagesOf([...kept, test]), most)) kept.push(test);
  }
  return kept.sort((a, b) => a.id - b.id);
}

function fits(universe: Automaton, languages: readonly Language[], most: number): boolean {
  try {
    countStates(new Product(universe, languages, new Sets(), most));
    return true;
  } catch (error) {
    if (error instanceof BudgetExceeded) return false;
    throw error;
  }
}

function withoutHalf(tests: readonly GivenTest[]): readonly GivenTest[] {
  const ordered = bySize(tests.filter(hasLanguage));
  const left = new Set(ordered.slice(0, Math.floor(ordered.length / 2)));
  return tests.filter((test) => !hasLanguage(test) || left.has(test));
}

function bySize(tests: readonly GivenTest[]): readonly GivenTest[] {
  return [...tests].sort((a, b) => a.states - b.states);
}

function hasLanguage({ language }: GivenTest): boolean {
  return language !== undefined;
}

function languagesOf(tests: readonly GivenTest[]): readonly Language[] {
  return tests.flatMap(({ language }) => language ?? []).sort((a, b) => a.id - b.id);
}
