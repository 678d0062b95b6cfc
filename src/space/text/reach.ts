// Which sets of languages can hold at the end of a text that continues from a state of a product.
import { DEAD } from "./automaton.ts";
import type { Product } from "./product.ts";
import { sortedUnion } from "./sets.ts";

/**
 * By state: the ends that it reaches, as a list that states with the same ends share. Strongly connected states reach the
 * same (Tarjan, 1972).
 */
export class Reach {
  readonly #product: Product;
  readonly #symbols: readonly number[];
  readonly #ends: (readonly number[] | undefined)[] = [];
  readonly #known = new Map<string, readonly number[]>();
  readonly #order: number[] = [];
  readonly #low: number[] = [];
  readonly #stack: number[] = [];
  #count = 0;

  constructor(product: Product) {
    this.#product = product;
    this.#symbols = [...product.alphabet.members.keys()];
  }

  /** In ascending order. */
  from(state: number): readonly number[] {
    if (state === DEAD) return [];
    if (this.#ends[state] === undefined) this.#visit(state);
    return this.#ends[state] ?? [];
  }

  #visit(root: number): void {
    const open = [{ state: root, symbol: 0 }];
    this.#enter(root);
    for (let top = open.at(-1); top !== undefined; top = open.at(-1)) {
      const { state } = top;
      if (top.symbol === this.#symbols.length) {
        open.pop();
        this.#leave(state);
        const below = open.at(-1);
        if (below !== undefined) this.#lower(below.state, this.#low[state]);
        continue;
      }
      const next = this.#product.next(state, top.symbol);
      top.symbol += 1;
      if (next === DEAD || this.#ends[next] !== undefined) continue;
      if (this.#order[next] !== undefined) {
        this.#lower(state, this.#order[next]);
      } else {
        this.#enter(next);
        open.push({ state: next, symbol: 0 });
      }
    }
  }

  #enter(state: number): void {
    this.#order[state] = this.#count;
    this.#low[state] = this.#count;
    this.#count += 1;
    this.#stack.push(state);
  }

  #lower(state: number, order: number | undefined): void {
    this.#low[state] = Math.min(
      this.#low[state] ?? Number.POSITIVE_INFINITY,
      order ?? Number.POSITIVE_INFINITY,
    );
  }

  /** Where `state` is the first of its component, all of the component is known. */
  #leave(state: number): void {
    if (this.#low[state] !== this.#order[state]) return;
    const component = this.#stack.splice(this.#stack.lastIndexOf(state));
    const lists = new Set<readonly number[]>();
    const own = new Set<number>();
    for (const one of component) {
      const end = this.#product.end(one);
      if (end !== undefined) own.add(end);
      for (const symbol of this.#symbols) {
        const list = this.#ends[this.#product.next(one, symbol)];
        if (list !== undefined) lists.add(list);
      }
    }
    const ends = this.#one(
      [...lists].reduce(
        sortedUnion,
        [...own].sort((a, b) => a - b),
      ),
    );
    for (const one of component) this.#ends[one] = ends;
  }

  #one(list: readonly number[]): readonly number[] {
    const key = list.join();
    const known = this.#known.get(key) ?? list;
    this.#known.set(key, known);
    return known;
  }
}
