// How a text can continue once it has left the tries.
import { DEAD } from "./automaton.ts";
import type { Product } from "./product.ts";
import { Reach } from "./reach.ts";
import { bestByte, rankOf } from "./readable.ts";
import { sortedUnion } from "./sets.ts";

const NO_BYTES: ReadonlySet<number> = new Set();

interface Step {
  readonly state: number;
  readonly byte: string;
}

export class Tails {
  readonly #product: Product;
  readonly #reach: Reach;
  readonly #known = new Map<string, readonly number[]>();
  readonly #lists = new Map<string, readonly number[]>();
  readonly #steps = new Map<number, readonly Step[]>();

  constructor(product: Product) {
    this.#product = product;
    this.#reach = new Reach(product);
  }

  /** The ends that texts reach whose next byte is none of `covered`; the same list for the same ends. */
  ends(state: number, covered: readonly number[]): readonly number[] {
    const symbols = this.#left(covered);
    const key = `${state} ${symbols.left === undefined ? "" : symbols.key}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const all = [...this.#product.alphabet.members.keys()].filter((one) => !symbols.left?.has(one));
    const lists = new Set(all.map((symbol) => this.#reach.from(this.#product.next(state, symbol))));
    const ends = this.#one([...lists].reduce(sortedUnion, []));
    this.#known.set(key, ends);
    return ends;
  }

  /** By end: the shortest text that reaches it from `state`, whose first byte is none of `covered`. */
  shortest(state: number, covered: readonly number[], ends: readonly number[]): ReadonlyMap<number, string> {
    const wanted = new Set(ends);
    const found = new Map<number, string>();
    const seen = new Set<number>();
    const open: { readonly state: number; readonly text: string }[] = [];
    for (const step of this.#stepsFrom(state, new Set(covered)))
      open.push({ state: step.state, text: step.byte });
    for (const { state, text } of open) {
      if (seen.has(state)) continue;
      seen.add(state);
      const end = this.#product.end(state);
      if (end !== undefined && wanted.delete(end)) found.set(end, text);
      if (wanted.size === 0) break;
      for (const step of this.#continuing(state)) open.push({ state: step.state, text: text + step.byte });
    }
    return found;
  }

  #continuing(state: number): readonly Step[] {
    const known = this.#steps.get(state) ?? this.#stepsFrom(state, NO_BYTES);
    this.#steps.set(state, known);
    return known;
  }

  /** One for each state, with the most readable byte, best first. */
  #stepsFrom(from: number, avoid: ReadonlySet<number>): readonly Step[] {
    const best = new Map<number, number>();
    for (const symbol of this.#product.alphabet.members.keys()) {
      const byte = bestByte(this.#product.alphabet, symbol, avoid);
      if (byte === undefined) continue;
      const state = this.#product.next(from, symbol);
      const before = best.get(state);
      if (state !== DEAD && (before === undefined || rankOf(byte) < rankOf(before))) best.set(state, byte);
    }
    return [...best]
      .sort(([, a], [, b]) => rankOf(a) - rankOf(b))
      .map(([state, byte]) => ({ state, byte: String.fromCharCode(byte) }));
  }

  /** The symbols all of whose bytes are covered. */
  #left(covered: readonly number[]): {
    readonly left: ReadonlySet<number> | undefined;
    readonly key: string;
  } {
    const { symbols, members } = this.#product.alphabet;
    const counts = new Map<number, number>();
    for (const byte of covered) counts.set(symbols[byte] ?? 0, (counts.get(symbols[byte] ?? 0) ?? 0) + 1);
    const full = [...counts].filter(([symbol, count]) => count === members[symbol]?.length);
    if (full.length === 0) return { left: undefined, key: "" };
    const left = new Set(full.map(([symbol]) => symbol));
    return { left, key: [...left].sort((a, b) => a - b).join() };
  }

  #one(list: readonly number[]): readonly number[] {
    const key = list.join();
    const known = this.#lists.get(key) ?? list;
    this.#lists.set(key, known);
    return known;
  }
}
