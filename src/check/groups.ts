// Items that belong together, for findings that are reported once for all of them.
import type { Finding, Position } from "../findings/finding.ts";

/** In the order of their first items; no group is empty. */
export function groupsOf<T>(
  items: readonly T[],
  key: (item: T) => unknown,
): readonly (readonly [T, ...T[]])[] {
  return [...Map.groupBy(items, key).values()] as [T, ...T[]][];
}

/** The first item of each key, in their order. */
export function onceEach<T>(items: readonly T[], key: (item: T) => unknown): readonly T[] {
  return groupsOf(items, key).map(([first]) => first);
}

/** One finding with the text of the first and the places of all. */
export function mergedFinding(same: readonly [Finding, ...Finding[]]): Finding {
  const [first, ...others] = same;
  if (others.length === 0) return first;
  const at = onceEach(
    same.flatMap((one) => one.at),
    keyOf,
  );
  return { ...first, at, merged: same };
}

/** A place as a key. */
export function keyOf({ file, line, column }: Position): string {
  return `${file}:${line}:${column}`;
}
