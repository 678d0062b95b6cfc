// The texts that an automaton accepts with fixed bytes before and after them.
import type { TextTest } from "../dimension.ts";
import type { Automaton } from "./automaton.ts";
import type { Alphabet } from "./byte-set.ts";

type Pattern = Extract<TextTest, { readonly kind: "pattern" }>;

/** A pattern that is searched for in more than the text. */
export function isWithinBytes(test: TextTest): test is Pattern {
  return test.kind === "pattern" && (test.before !== undefined || test.after !== undefined);
}

export class WithinAutomaton implements Automaton {
  readonly alphabet: Alphabet;
  readonly start: number;
  readonly #of: Automaton;
  readonly #after: string;

  constructor(of: Automaton, { before = "", after = "" }: Pattern) {
    this.alphabet = of.alphabet;
    this.start = runAutomaton(of, of.start, before);
    this.#of = of;
    this.#after = after;
  }

  next(state: number, symbol: number): number {
    return this.#of.next(state, symbol);
  }

  accepts(state: number): boolean {
    return this.#of.accepts(runAutomaton(this.#of, state, this.#after));
  }
}

/** The state behind a text. */
export function runAutomaton(of: Automaton, from: number, text: string): number {
  let state = from;
  for (let index = 0; index < text.length; index += 1)
    state = of.next(state, of.alphabet.symbols[text.charCodeAt(index) & 0xff] ?? 0);
  return state;
}
