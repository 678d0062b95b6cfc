// Sorts the tests of a text: literals that a trie can hold, and what needs an automaton.
import type { TextTest } from "../dimension.ts";
import { choiceOf, type Expression, NOTHING, NotFollowed } from "./expression.ts";
import { expressionOf, type Literal, literalsOf } from "./literal.ts";
import { readPattern } from "./read-pattern.ts";
import type { TrieLiteral } from "./trie.ts";
import { isWithinBytes } from "./within-automaton.ts";

/** Which end of a value the tries begin at. */
export type Direction = "forward" | "backward";

/** A test holds if a literal does, or if an expression is found. */
export interface ReadTest {
  readonly literals: readonly Literal[];
  readonly expressions: readonly Expression[];
}

export interface SortedTest {
  readonly literals: readonly TrieLiteral[];
  readonly expression: Expression | undefined;
}

/** @throws NotFollowed */
export function readTest(test: TextTest): ReadTest {
  switch (test.kind) {
    case "present":
      return { literals: [], expressions: [NOTHING] };
    case "any": {
      if (test.tests.some(isWithinBytes))
        throw new NotFollowed("several patterns with bytes around the text");
      const parts = test.tests.map(readTest);
      return {
        literals: parts.flatMap(({ literals }) => literals),
        expressions: parts.flatMap(({ expressions }) => expressions),
      };
    }
    case "pattern": {
      const expression = readPattern(test.source, test.ignoreCase);
      const literals = isWithinBytes(test) ? undefined : literalsOf(expression);
      return literals ? { literals, expressions: [] } : { literals: [], expressions: [expression] };
    }
    default:
      if (/[^\0-\xff]/.test(test.value)) throw new NotFollowed("a character that is not a byte");
      return { literals: [test], expressions: [] };
  }
}

/** Each test with literals of the other direction needs an automaton, the larger the more they are. */
const LITERALS_AS_GOOD_AS_A_TEST = 50;

/** From the end of a value where most literals are suffixes. */
export function directionOf(tests: readonly ReadTest[]): Direction {
  const weight = (kind: Literal["kind"]) => {
    let sum = 0;
    for (const { literals } of tests) {
      const count = literals.filter((literal) => literal.kind === kind).length;
      if (count > 0) sum += 1 + Math.floor(count / LITERALS_AS_GOOD_AS_A_TEST);
    }
    return sum;
  };
  return weight("suffix") > weight("prefix") ? "backward" : "forward";
}

export function sortTest(id: number, test: ReadTest, direction: Direction): SortedTest {
  const literals: TrieLiteral[] = [];
  const expressions = [...test.expressions];
  for (const literal of test.literals) {
    const kind = trieKind(literal.kind, direction);
    if (kind === undefined) expressions.push(expressionOf(literal));
    else literals.push({ ...literal, id, kind, value: inDirection(literal.value, direction) });
  }
  return { literals, expression: expressions.length === 0 ? undefined : choiceOf(expressions) };
}

export function inDirection(text: string, direction: Direction): string {
  return direction === "forward" ? text : [...text].reverse().join("");
}

function trieKind(kind: Literal["kind"], direction: Direction): TrieLiteral["kind"] | undefined {
  if (kind === "exact") return "exact";
  return kind === (direction === "forward" ? "prefix" : "suffix") ? "prefix" : undefined;
}
