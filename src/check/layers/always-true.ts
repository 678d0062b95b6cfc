// Conditions that hold for every request, although they test it.
import type { Wiring } from "../../wiring/wiring.ts";
import { keyOf } from "../groups.ts";
import { memoized } from "./memoized.ts";
import { examinedRules, isFixed } from "./reached-rules.ts";

export const alwaysTrueRules = memoized((wiring: Wiring) =>
  examinedRules(wiring).filter(
    ({ isAlwaysTrue, runs: [first] }) =>
      isAlwaysTrue && !(first?.condition?.anyOf.flat().some(isFixed) ?? true),
  ),
);

/** Their places, as keys: rules that no request reaches because of them are the same mistake. */
export const alwaysTrueAt = memoized(
  (wiring: Wiring) => new Set(alwaysTrueRules(wiring).flatMap(({ at }) => (at ? [keyOf(at)] : []))),
);
