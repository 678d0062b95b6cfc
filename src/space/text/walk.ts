// Walks the tries and the automata together and finds the classes, in the order of the tries.

import { DEAD } from "./automaton.ts";
import { lowerCase, otherCase } from "./byte-set.ts";
import { BudgetExceeded, type Product } from "./product.ts";
import type { Sets } from "./sets.ts";
import { Tails } from "./tails.ts";
import { NONE, ROOT, type Trie, type Tries } from "./trie.ts";

export interface FoundClass {
  /** The set of tests that hold. */
  readonly holding: number;
  witness: string;
}

/** By the set of tests that hold, in the order of appearance. */
class FoundClasses {
  readonly #most: number;
  readonly #found = new Map<number, FoundClass>();

  constructor(most: number) {
    this.#most = most;
  }

  has(holding: number): boolean {
    return this.#found.has(holding);
  }

  /** Keeps the shorter witness. */
  add(holding: number, length: number, witness: () => string): void {
    const known = this.#found.get(holding);
    if (known !== undefined) {
      if (length < known.witness.length) known.witness = witness();
      return;
    }
    if (this.#found.size >= this.#most) throw new BudgetExceeded();
    this.#found.set(holding, { holding, witness: witness() });
  }

  all(): readonly FoundClass[] {
    return [...this.#found.values()];
  }
}

/** How far a value has been read. */
export interface Place {
  readonly sensitive: number;
  readonly insensitive: number;
  /** The set of tests that hold since a prefix was passed. */
  readonly passed: number;
  /** Of the product. */
  readonly state: number;
  readonly depth: number;
  readonly byte: number;
}

export class Walk {
  readonly product: Product;
  readonly sets: Sets;
  readonly #tries: Tries;

  constructor(tries: Tries, product: Product, sets: Sets) {
    this.#tries = tries;
    this.product = product;
    this.sets = sets;
  }

  /** @throws BudgetExceeded when there are more classes than `most` */
  classes(most: number): readonly FoundClass[] {
    const found = new FoundClasses(most);
    const tails = new Tails(this.product);
    const left = new Map<readonly number[], Set<number>>();
    const seen = new Set<string>();
    const path: string[] = [];
    const open: Place[] = [this.start()];
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      const { depth, state, passed } = place;
      if (depth > 0) path[depth - 1] = String.fromCharCode(place.byte);
      if (place.insensitive !== NONE) {
        const key = `${place.insensitive} ${place.sensitive} ${passed} ${state}`;
        if (seen.has(key)) continue;
        seen.add(key);
      }
      const text = () => path.slice(0, depth).join("");
      const holding = this.holdingAt(place);
      if (holding !== undefined) found.add(holding, depth, text);
      const bytes = this.bytesFrom(place);
      const ends = tails.ends(state, bytes);
      const before = left.get(ends) ?? new Set();
      left.set(ends, before);
      if (!before.has(passed)) {
        before.add(passed);
        this.#leave(found, tails, place, ends, bytes, text);
      }
      for (let at = bytes.length - 1; at >= 0; at -= 1) {
        const next = this.next(place, bytes[at] ?? 0);
        if (next.state !== DEAD) open.push(next);
      }
    }
    return found.all();
  }

  /** The classes of values that leave the tries here. */
  #leave(
    found: FoundClasses,
    tails: Tails,
    { passed, state }: Place,
    ends: readonly number[],
    bytes: readonly number[],
    text: () => string,
  ): void {
    const added = ends.filter((end) => !found.has(this.sets.union(passed, end)));
    if (added.length === 0) return;
    const texts = tails.shortest(state, bytes, added);
    for (const end of added) {
      const tail = texts.get(end);
      if (tail === undefined) throw new RangeError("an end that is not reached");
      found.add(this.sets.union(passed, end), Number.POSITIVE_INFINITY, () => text() + tail);
    }
  }

  /** The set of tests that hold for a value; undefined: it is outside the universe. */
  holdingFor(value: string): number | undefined {
    let place = this.start();
    for (let at = 0; at < value.length && place.state !== DEAD; at += 1) {
      const byte = value.charCodeAt(at);
      if (byte > 0xff) return undefined;
      place = this.next(place, byte);
    }
    return this.holdingAt(place);
  }

  /** The set of tests that hold for a value that ends here; undefined: it is outside the universe. */
  holdingAt(place: Place): number | undefined {
    const end = this.product.end(place.state);
    return end === undefined ? undefined : this.#holding(place, end);
  }

  start(): Place {
    const { sensitive, insensitive } = this.#tries;
    return {
      sensitive: ROOT,
      insensitive: ROOT,
      passed: this.sets.union(sensitive.prefix(ROOT), insensitive.prefix(ROOT)),
      state: this.product.start,
      depth: 0,
      byte: 0,
    };
  }

  next(place: Place, byte: number): Place {
    const sensitive = step(this.#tries.sensitive, place.sensitive, byte);
    const insensitive = step(this.#tries.insensitive, place.insensitive, lowerCase(byte));
    const now = this.sets.union(
      this.#tries.sensitive.prefix(sensitive),
      this.#tries.insensitive.prefix(insensitive),
    );
    return {
      sensitive,
      insensitive,
      passed: this.sets.union(place.passed, now),
      state: this.product.next(place.state, this.product.alphabet.symbols[byte] ?? 0),
      depth: place.depth + 1,
      byte,
    };
  }

  #holding({ sensitive, insensitive, passed }: Place, end: number): number {
    const exact = this.sets.union(
      this.#tries.sensitive.exact(sensitive),
      this.#tries.insensitive.exact(insensitive),
    );
    return this.sets.union(this.sets.union(passed, exact), end);
  }

  /** The bytes that stay within a trie; letters in the order of the alphabet, lower case first. */
  bytesFrom({ sensitive, insensitive }: Place): readonly number[] {
    const bytes: number[] = [];
    const add = (byte: number) => bytes.includes(byte) || bytes.push(byte);
    for (const byte of childBytes(this.#tries.sensitive, sensitive)) add(byte);
    for (const byte of childBytes(this.#tries.insensitive, insensitive)) {
      add(byte);
      add(otherCase(byte));
    }
    return bytes.sort((a, b) => lowerCase(a) - lowerCase(b) || b - a);
  }
}

function step(trie: Trie, node: number, byte: number): number {
  return node === NONE ? NONE : trie.child(node, byte);
}

function childBytes(trie: Trie, node: number): number[] {
  const bytes: number[] = [];
  if (node === NONE) return bytes;
  for (let child = trie.firstChild(node); child !== NONE; child = trie.nextSibling(child))
    bytes.push(trie.byte(child));
  return bytes;
}
