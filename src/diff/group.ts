// Groups changed requests: those with the same change for the same reason are one row.
import type { Requests } from "./comparison.ts";

export interface ChangedGroup<T> {
  readonly first: T;
  /** How many more have the same change. */
  readonly more: number;
}

export function groupChanges<T extends Requests>(changed: readonly T[]): readonly ChangedGroup<T>[] {
  const groups = Map.groupBy(changed, ({ differs, before, after, because }) =>
    JSON.stringify([differs, before, after, because]),
  );
  return [...groups.values()].flatMap((all) => {
    const [first] = all;
    return first === undefined ? [] : [{ first, more: all.length - 1 }];
  });
}
