// Groups changed requests: those that change in the same way, for the same reason, are one row.
import type { ChangedProbe } from "./compare-plans.ts";
import { changedDetails } from "./outcome.ts";

export interface ChangedGroup {
  /** The most typical of them. */
  readonly first: ChangedProbe;
  readonly details: readonly string[];
  /** How many more requests change in this way. */
  readonly more: number;
}

export function groupChanges(changed: readonly ChangedProbe[]): readonly ChangedGroup[] {
  const groups = new Map<string, ChangedProbe[]>();
  for (const one of changed) {
    const { before, after, because } = one;
    const key = JSON.stringify([
      before.text,
      after.text,
      // The request's own address or path is in many details; their names identify the kind.
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
