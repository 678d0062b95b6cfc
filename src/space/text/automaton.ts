// Deterministic automata over bytes, whose states are made when they are reached.
import type { Alphabet } from "./byte-set.ts";

/** No continuation is accepted. */
export const DEAD = 0;
/** Every continuation is accepted. */
export const EVERY = 1;

export interface Automaton {
  readonly alphabet: Alphabet;
  readonly start: number;
  /** @throws NotFollowed when there are more states than allowed. */
  next(state: number, symbol: number): number;
  /** Whether the text may end here. */
  accepts(state: number): boolean;
}

/** The transitions that are known. -1: not yet. */
export class Transitions {
  readonly #symbols: number;
  readonly #rows: Int32Array[] = [];

  constructor(symbols: number) {
    this.#symbols = symbols;
  }

  get(state: number, symbol: number): number {
    return this.#rows[state]?.[symbol] ?? -1;
  }

  set(state: number, symbol: number, next: number): number {
    this.#rows[state] ??= new Int32Array(this.#symbols).fill(-1);
    this.#rows[state][symbol] = next;
    return next;
  }
}
