// A regular expression as a nondeterministic automaton with assertions (Thompson's construction).
import { type Alphabet, ANY_BYTE, alphabetOf, type ByteSet, WORD } from "./byte-set.ts";
import { type Assertion, type Expression, type Lookahead, NotFollowed } from "./expression.ts";

export type NfaState =
  | { readonly kind: "accept" }
  | { readonly kind: "bytes"; readonly set: ByteSet; readonly next: number }
  | { readonly kind: "assertion"; readonly holds: Assertion; readonly next: number }
  | { readonly kind: "lookahead"; readonly of: Lookahead; readonly next: number }
  | { readonly kind: "split"; readonly next: readonly number[] };

export interface Nfa {
  readonly states: readonly NfaState[];
  readonly start: number;
}

const MOST_NFA_STATES = 20_000;
/** Where `(?m)` needs line boundaries. */
export const NEWLINE = 0x0a;

/** @throws NotFollowed */
export function nfaOf(expression: Expression): Nfa {
  const states: NfaState[] = [{ kind: "accept" }];

  function add(state: NfaState): number {
    if (states.length >= MOST_NFA_STATES) throw new NotFollowed("a regular expression that is too large");
    return states.push(state) - 1;
  }

  /** The state from which `node` leads to `next`. */
  function build(node: Expression, next: number): number {
    switch (node.kind) {
      case "bytes":
        return add({ kind: "bytes", set: node.set, next });
      case "assertion":
        return add({ kind: "assertion", holds: node.holds, next });
      case "lookahead":
        return add({ kind: "lookahead", of: node, next });
      case "sequence":
        return node.parts.reduceRight((after, part) => build(part, after), next);
      case "choice":
        return add({ kind: "split", next: node.parts.map((part) => build(part, next)) });
      case "repeat":
        return times(node.of, node.least, optional(node.of, node.most - node.least, next));
    }
  }

  function times(of: Expression, count: number, next: number): number {
    let start = next;
    for (let done = 0; done < count; done += 1) start = build(of, start);
    return start;
  }

  function optional(of: Expression, most: number, next: number): number {
    if (most === Number.POSITIVE_INFINITY) {
      const ways = [next];
      const loop = add({ kind: "split", next: ways });
      ways.push(build(of, loop));
      return loop;
    }
    let start = next;
    for (let done = 0; done < most; done += 1) start = add({ kind: "split", next: [next, build(of, start)] });
    return start;
  }

  return { start: build(expression, 0), states };
}

/** What the automata of an expression and of its lookaheads have in common. */
export interface Context {
  readonly alphabet: Alphabet;
  /** Whether an assertion needs word boundaries, and line boundaries. */
  readonly words: boolean;
  readonly lines: boolean;
}

export function contextOf(expression: Expression): Context {
  const sets = new Set<ByteSet>();
  const assertions = new Set<Assertion>();
  const add = (node: Expression): void => {
    if (node.kind === "bytes") sets.add(node.set);
    else if (node.kind === "assertion") assertions.add(node.holds);
    else if ("of" in node) add(node.of);
    else for (const part of node.parts) add(part);
  };
  add(expression);
  const words = assertions.has("word-boundary") || assertions.has("no-word-boundary");
  const lines = assertions.has("line-start") || assertions.has("line-end");
  if (words) sets.add(WORD);
  if (lines) sets.add(ANY_BYTE.map((_, byte) => (byte === NEWLINE ? 1 : 0)));
  return { alphabet: alphabetOf(sets), words, lines };
}
