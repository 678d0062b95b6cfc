// Changed requests put together: those that change alike, for the same reason, are one row for people.
import type { ChangedProbe } from "./compare-plans.ts";
import { changedDetails } from "./outcome.ts";

export interface ChangedGroup {
  /** The most telling of them. */
  readonly first: ChangedProbe;
  readonly details: readonly string[];
  /** How many requests more change so. */
  readonly more: number;
}

/** In the order in which they come. */
export function groupChanges(changed: readonly ChangedProbe[]): readonly ChangedGroup[] {
  const groups = new Map<string, ChangedProbe[]>();
  for (const one of changed) {
    const { before, after, because } = one;
    const key = JSON.stringify([
      before.text,
      after.text,
      // An address or path of its own is in many details; their names tell the kind.
      changedDetails(before, after).map((detail) => detail.split(":")[0]),
      because,
    ]);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [one]);
    else known.push(one);
  }
  return [...groups.values()].flatMap((all) => {
    const first = all.find(({ probe }) => probe.below) ?? all[0];
    return first === undefined
      ? []
      : [{ first, details: changedDetails(first.before, first.after), more: all.length - 1 }];
  });
}
