// Several automata read at once, within a universe.
import { type Automaton, DEAD, EVERY, Transitions } from "./automaton.ts";
import { type Alphabet, alphabetOf } from "./byte-set.ts";
import { EMPTY, type Sets } from "./sets.ts";

/** A language with the number by which it is known in sets. */
export interface Language {
  readonly id: number;
  readonly automaton: Automaton;
}

export class BudgetExceeded extends Error {}

interface State {
  readonly universe: number;
  /** The set of languages that accept whatever follows. */
  readonly accepted: number;
  /** Languages that are undecided, as index and state, index and state, …. */
  readonly open: readonly number[];
}

/** State 0 is outside the universe whatever follows. */
export class Product {
  readonly alphabet: Alphabet;
  readonly start: number;
  readonly #universe: Automaton;
  readonly #languages: readonly Language[];
  readonly #sets: Sets;
  readonly #most: number;
  readonly #states: State[] = [{ universe: DEAD, accepted: EMPTY, open: [] }];
  readonly #known = new Map<string, number>();
  readonly #transitions: Transitions;
  readonly #ends: (number | undefined)[] = [];

  constructor(universe: Automaton, languages: readonly Language[], sets: Sets, most: number) {
    this.#universe = universe;
    this.#languages = languages;
    this.#sets = sets;
    this.#most = most;
    this.alphabet = alphabetOf(
      [universe, ...languages.map(({ automaton }) => automaton)].map(({ alphabet }) => alphabet.symbols),
    );
    this.#transitions = new Transitions(this.alphabet.members.length);
    this.start = this.#state(
      universe.start,
      EMPTY,
      languages.flatMap(({ automaton }, index) => [index, automaton.start]),
    );
  }

  get size(): number {
    return this.#states.length;
  }

  next(state: number, symbol: number): number {
    if (state === DEAD) return DEAD;
    const known = this.#transitions.get(state, symbol);
    if (known >= 0) return known;
    const { universe, accepted, open } = this.#states[state] ?? OUTSIDE;
    const byte = this.alphabet.members[symbol]?.[0] ?? 0;
    const after: number[] = [];
    for (let at = 0; at < open.length; at += 2) {
      const index = open[at] ?? 0;
      const automaton = this.#languages[index]?.automaton;
      if (automaton !== undefined)
        after.push(index, automaton.next(open[at + 1] ?? DEAD, automaton.alphabet.symbols[byte] ?? 0));
    }
    const inside = this.#universe.next(universe, this.#universe.alphabet.symbols[byte] ?? 0);
    return this.#transitions.set(state, symbol, this.#state(inside, accepted, after));
  }

  /** The set of languages that hold where the text ends; undefined: it is outside the universe. */
  end(state: number): number | undefined {
    if (state in this.#ends) return this.#ends[state];
    const end = this.#endOf(state);
    this.#ends[state] = end;
    return end;
  }

  #endOf(state: number): number | undefined {
    const { universe, accepted, open } = this.#states[state] ?? OUTSIDE;
    if (!this.#universe.accepts(universe)) return undefined;
    const holding: number[] = [];
    for (let at = 0; at < open.length; at += 2) {
      const language = this.#languages[open[at] ?? 0];
      if (language?.automaton.accepts(open[at + 1] ?? DEAD)) holding.push(language.id);
    }
    return this.#sets.union(accepted, this.#sets.of(holding));
  }

  #state(universe: number, accepted: number, languages: readonly number[]): number {
    if (universe === DEAD) return DEAD;
    const open: number[] = [];
    const decided: number[] = [];
    for (let at = 0; at < languages.length; at += 2) {
      const index = languages[at] ?? 0;
      const state = languages[at + 1] ?? DEAD;
      if (state === EVERY) decided.push(this.#languages[index]?.id ?? 0);
      else if (state !== DEAD) open.push(index, state);
    }
    const all = this.#sets.union(accepted, this.#sets.of(decided));
    const key = `${universe} ${all} ${open.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#states.length >= this.#most) throw new BudgetExceeded();
    this.#known.set(key, this.#states.length);
    return this.#states.push({ universe, accepted: all, open }) - 1;
  }
}

const OUTSIDE: State = { universe: DEAD, accepted: EMPTY, open: [] };
