// Which tests of a text can have classes together, within a budget.
import type { Automaton } from "./automaton.ts";
import { countStates, type GivenTest, type GivenTests } from "./given-tests.ts";
import { BudgetExceeded, type Language, Product } from "./product.ts";
import { Sets } from "./sets.ts";
import type { Found } from "./text-classes.ts";
import { Tries } from "./trie.ts";
import { Walk } from "./walk.ts";

/** Limits of one dimension. Tests with automata become separate until the rest is within them. */
export interface TextBudget {
  /** Of the product of all automata: so many, and a multiple of the sum of their own. */
  readonly states: number;
  readonly statesPerState: number;
  /** So many, and a multiple of the literals. */
  readonly classes: number;
  readonly classesPerLiteral: number;
}

/** A second of one core at most, as measured. */
export const TEXT_BUDGET: TextBudget = {
  states: 3000,
  statesPerState: 4,
  classes: 20_000,
  classesPerLiteral: 20,
};

/** Tests for something anywhere in the text multiply: from this count on it is not tried with all of them. */
const MOST_UNANCHORED = 24;

/** All tests, or those that have classes together within the budget. */
export function classesWithin(
  given: GivenTests,
  budget: TextBudget,
): { readonly kept: readonly GivenTest[]; readonly found: Found } {
  let kept = given.tests;
  let found = classesOf(given, kept, budget);
  if (found === undefined) kept = withinStates(given, budget);
  while (found === undefined) {
    found = classesOf(given, kept, budget);
    if (found === undefined) kept = withoutHalf(kept);
  }
  return { kept, found };
}

/** Undefined: more than the budget. */
function classesOf(
  { universe }: GivenTests,
  tests: readonly GivenTest[],
  budget: TextBudget,
): Found | undefined {
  const sets = new Sets();
  const literals = tests.flatMap((test) => test.literals);
  const states = tests.reduce((sum, test) => sum + test.states, 0);
  const most = budget.classes + budget.classesPerLiteral * literals.length;
  try {
    const product = new Product(
      universe,
      languagesOf(tests),
      sets,
      budget.states + budget.statesPerState * states,
    );
    const walk = new Walk(new Tries(literals, sets), product, sets);
    return { walk, classes: walk.classes(tests.some(hasLanguage) ? most : Number.POSITIVE_INFINITY) };
  } catch (error) {
    if (error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}

/** Anchored tests multiply little. Then the others, the smallest first. */
function withinStates({ universe, tests }: GivenTests, budget: TextBudget): readonly GivenTest[] {
  const count = (some: readonly GivenTest[]) => {
    const sum = some.reduce((states, test) => states + (test.isAnchored ? test.states : 0), 0);
    return countWithin(universe, languagesOf(some), budget.states + budget.statesPerState * sum);
  };
  let kept: readonly GivenTest[] = tests.filter((test) => !hasLanguage(test) || test.isAnchored);
  let size = count(kept);
  while (size === undefined) {
    kept = withoutHalf(kept);
    size = count(kept);
  }
  const unanchored = bySize(tests.filter((test) => hasLanguage(test) && !test.isAnchored));
  for (const test of unanchored.slice(0, MOST_UNANCHORED)) {
    const larger: number | undefined = 2 * size > budget.states ? undefined : count([...kept, test]);
    if (larger === undefined) continue;
    kept = [...kept, test];
    size = larger;
  }
  return kept;
}

/** The number of states; undefined: more than `most`. */
function countWithin(universe: Automaton, languages: readonly Language[], most: number): number | undefined {
  try {
    return countStates(new Product(universe, languages, new Sets(), most));
  } catch (error) {
    if (error instanceof BudgetExceeded) return undefined;
    throw error;
  }
}

/** Without the larger half of the automata. */
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
