// Even samples of lists.

/** At most this many, evenly spread, in order. */
export function spread<T>(all: readonly T[], most: number): readonly T[] {
  if (all.length <= most) return all;
  return Array.from({ length: most }, (_, index) => all[Math.floor((index * all.length) / most)] as T);
}

/** Each of one with each of the other: at most this many pairs, evenly spread, without building all of them first. */
export function spreadPairs<A, B>(
  some: readonly A[],
  others: readonly B[],
  most: number,
): readonly (readonly [A, B])[] {
  const width = others.length;
  const all = some.length * width;
  const count = Math.min(all, most);
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor((index * all) / count);
    // Both are within their lists: `at` is below their product.
    return [some[Math.floor(at / width)] as A, others[at % width] as B] as const;
  });
}
