// Sets of small numbers, each kept once: equal sets have the same id.

/** The id of the empty set. */
export const EMPTY = 0;

export class Sets {
  readonly #members: (readonly number[])[] = [[]];
  readonly #known = new Map<string, number>([["", EMPTY]]);
  readonly #unions = new Map<number, Map<number, number>>();

  /** `members` in ascending order, each once. */
  of(members: readonly number[]): number {
    const key = members.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.#members.length);
    return this.#members.push(members) - 1;
  }

  members(id: number): readonly number[] {
    return this.#members[id] ?? [];
  }

  /** Whether all of `part` is in `whole`. */
  contains(whole: number, part: number): boolean {
    return this.union(whole, part) === whole;
  }

  union(one: number, other: number): number {
    if (one === other || other === EMPTY) return one;
    if (one === EMPTY) return other;
    const unions = this.#unions.get(one) ?? new Map<number, number>();
    this.#unions.set(one, unions);
    const known = unions.get(other);
    if (known !== undefined) return known;
    const made = this.of(sortedUnion(this.members(one), this.members(other)));
    unions.set(other, made);
    return made;
  }
}

export function sortedUnion(one: readonly number[], other: readonly number[]): number[] {
  return [...new Set([...one, ...other])].sort((a, b) => a - b);
}
