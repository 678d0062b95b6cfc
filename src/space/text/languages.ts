// Sorts the tests of a text: literals that a trie can hold, and what needs an automaton.
import type { TextTest } from "../dimension.ts";
import { choiceOf, type Expression, NOTHING, NotFollowed } from "./expression.ts";
import { readLiteral } from "./read-literal.ts";
import { readPattern } from "./read-pattern.ts";
import type { Literal } from "./trie.ts";

/** Which end of a value the tries begin at. */
export type Direction = "forward" | "backward";

/** What one test needs: it holds if a literal does, or if the expression is found. */
export interface SortedTest {
  readonly literals: readonly (Literal & { readonly ignoreCase: boolean })[];
  readonly expression: Expression | undefined;
}

/** From the end where most literals are suffixes. */
export function directionOf(tests: readonly TextTest[]): Direction {
  const parts = tests.flatMap(partsOf);
  const suffixes = parts.filter(({ kind }) => kind === "suffix").length;
  return suffixes > parts.filter(({ kind }) => kind === "prefix").length ? "backward" : "forward";
}

/** @throws NotFollowed */
export function sortTest(id: number, test: TextTest, direction: Direction): SortedTest {
  const literals: (Literal & { readonly ignoreCase: boolean })[] = [];
  const expressions: Expression[] = [];
  for (const part of partsOf(test)) {
    if (part.kind === "any") continue;
    if (part.kind === "present") expressions.push(NOTHING);
    else if (part.kind === "pattern") expressions.push(readPattern(part.source, part.ignoreCase));
    else if (/[^\0-\xff]/.test(part.value)) throw new NotFollowed("a character that is not a byte");
    else {
      const { value, ignoreCase } = part;
      const kind = literalKind(part.kind, direction);
      if (kind === undefined) expressions.push(readLiteral(part.kind, value, ignoreCase));
      else literals.push({ id, kind, ignoreCase, value: inDirection(value, direction) });
    }
  }
  return { literals, expression: expressions.length === 0 ? undefined : choiceOf(expressions) };
}

export function inDirection(text: string, direction: Direction): string {
  return direction === "forward" ? text : [...text].reverse().join("");
}

function literalKind(
  kind: "exact" | "prefix" | "suffix" | "contains",
  direction: Direction,
): Literal["kind"] | undefined {
  if (kind === "exact") return "exact";
  return kind === (direction === "forward" ? "prefix" : "suffix") ? "prefix" : undefined;
}

function partsOf(test: TextTest): readonly TextTest[] {
  return test.kind === "any" ? test.tests.flatMap(partsOf) : [test];
}
