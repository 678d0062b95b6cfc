// The texts of another automaton read backwards (subset construction over its transitions backwards).
import { type Automaton, DEAD, EVERY, Transitions } from "./automaton.ts";
import type { Alphabet } from "./byte-set.ts";
import { NotFollowed } from "./expression.ts";

const MOST_STATES = 20_000;

/** A state is the set of states from which the rest, already read, is accepted. The result is minimal (Brzozowski). */
export class ReversedAutomaton implements Automaton {
  readonly alphabet: Alphabet;
  readonly start: number;
  readonly #first: number;
  /** By symbol and state: the states before it. */
  readonly #before: readonly (readonly (readonly number[])[])[];
  readonly #sets: (readonly number[])[] = [[], []];
  readonly #known = new Map<string, number>();
  readonly #transitions: Transitions;

  constructor(of: Automaton) {
    this.alphabet = of.alphabet;
    this.#first = of.start;
    this.#transitions = new Transitions(of.alphabet.members.length);
    const states = reachable(of);
    this.#before = of.alphabet.members.map((_, symbol) => {
      const before: number[][] = [];
      for (const state of states) {
        const to = of.next(state, symbol);
        before[to] ??= [];
        before[to].push(state);
      }
      return before;
    });
    this.#known.set("", DEAD);
    this.#known.set(states.join(), EVERY);
    this.start = this.#state(states.filter((state) => of.accepts(state)));
  }

  next(state: number, symbol: number): number {
    if (state === DEAD || state === EVERY) return state;
    const known = this.#transitions.get(state, symbol);
    if (known >= 0) return known;
    const before = this.#before[symbol] ?? [];
    const set = (this.#sets[state] ?? []).flatMap((one) => before[one] ?? []);
    return this.#transitions.set(state, symbol, this.#state(set.sort((a, b) => a - b)));
  }

  accepts(state: number): boolean {
    return state === EVERY || (this.#sets[state] ?? []).includes(this.#first);
  }

  #state(set: readonly number[]): number {
    const key = set.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#sets.length >= MOST_STATES) throw new NotFollowed(`more than ${MOST_STATES} states`);
    this.#known.set(key, this.#sets.length);
    return this.#sets.push(set) - 1;
  }
}

/** In ascending order. */
function reachable(of: Automaton): readonly number[] {
  const found = new Set([of.start]);
  for (const state of found) {
    for (const symbol of of.alphabet.members.keys()) found.add(of.next(state, symbol));
  }
  return [...found].sort((a, b) => a - b);
}
