// Literals by their common beginnings.
import { lowerCase } from "./byte-set.ts";
import { EMPTY, type Sets } from "./sets.ts";

/** A text that a value is or begins with. `id`: the test that then holds. */
export interface TrieLiteral {
  readonly id: number;
  readonly kind: "exact" | "prefix";
  readonly value: string;
  readonly ignoreCase: boolean;
}

/** No node: the text has left the trie. */
export const NONE = -1;
export const ROOT = 0;

export class Trie {
  readonly #bytes: number[] = [0];
  readonly #first: number[] = [NONE];
  readonly #last: number[] = [NONE];
  readonly #sibling: number[] = [NONE];
  readonly #prefix: (number | undefined)[] = [];
  readonly #exact: (number | undefined)[] = [];

  constructor(literals: readonly TrieLiteral[], sets: Sets) {
    for (const { id, kind, value } of [...literals].sort((a, b) => compare(a.value, b.value))) {
      const node = this.#insert(value);
      const ids = kind === "exact" ? this.#exact : this.#prefix;
      ids[node] = sets.union(ids[node] ?? EMPTY, sets.of([id]));
    }
  }

  /** The set of tests that hold for a value that ends here. */
  exact(node: number): number {
    return this.#exact[node] ?? EMPTY;
  }

  /** The set of tests that hold from here on. */
  prefix(node: number): number {
    return this.#prefix[node] ?? EMPTY;
  }

  child(node: number, byte: number): number {
    for (let child = this.firstChild(node); child !== NONE; child = this.nextSibling(child))
      if (this.#bytes[child] === byte) return child;
    return NONE;
  }

  firstChild(node: number): number {
    return this.#first[node] ?? NONE;
  }

  nextSibling(node: number): number {
    return this.#sibling[node] ?? NONE;
  }

  byte(node: number): number {
    return this.#bytes[node] ?? 0;
  }

  /** Values come in ascending order, so only the last child can be the one. */
  #insert(value: string): number {
    let node = ROOT;
    for (let at = 0; at < value.length; at += 1) {
      const byte = value.charCodeAt(at);
      const last = this.#last[node] ?? NONE;
      node = last !== NONE && this.#bytes[last] === byte ? last : this.#append(node, last, byte);
    }
    return node;
  }

  #append(parent: number, last: number, byte: number): number {
    const node = this.#bytes.push(byte) - 1;
    this.#first.push(NONE);
    this.#last.push(NONE);
    this.#sibling.push(NONE);
    if (last === NONE) this.#first[parent] = node;
    else this.#sibling[last] = node;
    this.#last[parent] = node;
    return node;
  }
}

/** Literals as they are, and those that ignore the case, in lower case. */
export class Tries {
  readonly sensitive: Trie;
  readonly insensitive: Trie;

  constructor(literals: readonly TrieLiteral[], sets: Sets) {
    const lowered = literals
      .filter(({ ignoreCase }) => ignoreCase)
      .map((literal) => ({ ...literal, value: lowered7(literal.value) }));
    this.sensitive = new Trie(
      literals.filter(({ ignoreCase }) => !ignoreCase),
      sets,
    );
    this.insensitive = new Trie(lowered, sets);
  }
}

function lowered7(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => String.fromCharCode(lowerCase(letter.charCodeAt(0))));
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
