// The tests of a text, read: each with its literals and its automaton.
import type { TextDimension, TextTest } from "../dimension.ts";
import { type Automaton, DEAD } from "./automaton.ts";
import { choiceOf, type Expression, NotFollowed, sequenceOf } from "./expression.ts";
import { expressionOf } from "./literal.ts";
import type { Language } from "./product.ts";
import { readPattern } from "./read-pattern.ts";
import { ReversedAutomaton } from "./reversed-automaton.ts";
import { SearchAutomaton } from "./search-automaton.ts";
import { type Direction, directionOf, readTest, sortTest } from "./sort-tests.ts";
import type { TrieLiteral } from "./trie.ts";
import { isWithinBytes, WithinAutomaton } from "./within-automaton.ts";

export interface GivenTest {
  readonly id: number;
  readonly test: TextTest;
  readonly literals: readonly TrieLiteral[];
  readonly language: Language | undefined;
  /** Of its automaton. */
  readonly states: number;
  /** Some texts are refused whatever follows. */
  readonly isAnchored: boolean;
}

export interface GivenTests {
  readonly direction: Direction;
  readonly universe: Automaton;
  /** By id, each once. */
  readonly tests: readonly GivenTest[];
  readonly notFollowed: readonly { readonly test: TextTest; readonly why: string }[];
}

/** @throws RangeError if the universe cannot be followed, which is a defect */
export function readGivenTests(dimension: TextDimension, all: readonly TextTest[]): GivenTests {
  const notFollowed: { readonly test: TextTest; readonly why: string }[] = [];
  const attempt = <Made>(test: TextTest, make: () => Made): readonly Made[] => {
    try {
      return [make()];
    } catch (error) {
      if (!(error instanceof NotFollowed)) throw error;
      notFollowed.push({ test, why: error.message });
      return [];
    }
  };
  const unique = new Map(all.map((test) => [keyOf(test), test]));
  const read = [...unique.values()].flatMap((test) => attempt(test, () => ({ test, parts: readTest(test) })));
  const direction = directionOf(read.map(({ parts }) => parts));
  const tests = read.flatMap(({ test, parts }, id) =>
    attempt(test, (): GivenTest => {
      const { literals, expression } = sortTest(id, parts, direction);
      if (expression === undefined)
        return { id, test, literals, language: undefined, states: 0, isAnchored: true };
      const automaton = automatonOf(expression, direction, test);
      const states = allStatesOf(automaton);
      return {
        id,
        test,
        literals,
        language: { id, automaton },
        states: states.size,
        isAnchored: states.has(DEAD),
      };
    }),
  );
  return { direction, universe: automatonOf(universeOf(dimension), direction), tests, notFollowed };
}

/** The automaton of the whole test; undefined: it is not followed. */
export function automatonOfTest(test: TextTest, direction: Direction): Automaton | undefined {
  try {
    const { literals, expressions } = readTest(test);
    const automaton = automatonOf(choiceOf([...expressions, ...literals.map(expressionOf)]), direction, test);
    allStatesOf(automaton);
    return automaton;
  } catch (error) {
    if (error instanceof NotFollowed) return undefined;
    throw error;
  }
}

export function countStates(automaton: Pick<Automaton, "alphabet" | "start" | "next">): number {
  return statesOf(automaton).size;
}

/** Makes all states that can be reached or that an end is looked up in: the automaton cannot fail later. */
function allStatesOf(automaton: Automaton): ReadonlySet<number> {
  const states = statesOf(automaton);
  for (const state of states) automaton.accepts(state);
  return states;
}

function statesOf(automaton: Pick<Automaton, "alphabet" | "start" | "next">): ReadonlySet<number> {
  const found = new Set([automaton.start]);
  for (const state of found)
    for (const symbol of automaton.alphabet.members.keys()) found.add(automaton.next(state, symbol));
  return found;
}

const keys = new WeakMap<TextTest, string>();

/** Equal for equal tests. */
export function keyOf(test: TextTest): string {
  const known = keys.get(test) ?? JSON.stringify(test);
  keys.set(test, known);
  return known;
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

function automatonOf(expression: Expression, direction: Direction, test?: TextTest): Automaton {
  const search = new SearchAutomaton(expression);
  const forward = test !== undefined && isWithinBytes(test) ? new WithinAutomaton(search, test) : search;
  return direction === "forward" ? forward : new ReversedAutomaton(forward);
}
