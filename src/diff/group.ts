// Groups changed requests: those with the same change for the same reason are one row.
import type { ChangedProbe } from "./compare-plans.ts";
import { changedDetails } from "./outcome.ts";

export interface ChangedGroup {
  /** The most typical of them. */
  readonly first: ChangedProbe;
  readonly details: readonly string[];
  /** How many more requests have the same change. */
  readonly more: number;
}

export function groupChanges(changed: readonly ChangedProbe[]): readonly ChangedGroup[] {
  const groups = Map.groupBy(changed, ({ before, after, because }) =>
    JSON.stringify([
      before.text,
      after.text,
      // The request's own address or path is in many details; their names identify the kind.
      changedDetails(before, after).map((detail) => detail.split(":")[0]),
      because,
    ]),
  );
  return [...groups.values()].flatMap((all) => {
    const first = all.find(({ probe }) => probe.below) ?? all[0];
    if (first === undefined) return [];
    return [{ first, details: changedDetails(first.before, first.after), more: all.length - 1 }];
  });
}
