// Splits the values of a text into classes that no test can tell apart.
import type { TextDimension, TextTest } from "../dimension.ts";
import type { Automaton } from "./automaton.ts";
import { automatonOfTest, type GivenTest, type GivenTests, keyOf, readGivenTests } from "./given-tests.ts";
import { classesWithin, TEXT_BUDGET, type TextBudget } from "./text-budget.ts";
import { numberClasses } from "./text-classes.ts";

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
  /** The shortest member of some classes (runs) for which separate tests (`OpaqueTest`) have these answers. */
  readonly member: (among: Uint32Array, answers: readonly Answer[]) => Member;
}

export interface Answer {
  readonly test: TextTest;
  readonly holds: boolean;
}

/** `none`: no value of the classes has these answers; `unknown`: none was found within the budget. */
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

const TOO_MANY = "with the other tests of this text it makes too many classes";

/** @throws RangeError if the universe cannot be followed, which is a defect */
export function partitionText(
  dimension: TextDimension,
  tests: readonly TextTest[],
  budget: TextBudget = TEXT_BUDGET,
): TextPartition {
  const given = readGivenTests(dimension, tests);
  const { kept, found } = classesWithin(given, budget);
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
