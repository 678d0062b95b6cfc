// What a comparison of two edges comes to.
import type { LayerChange } from "./compare-files.ts";
import type { ChangedProbe } from "./compare-plans.ts";
import type { Disagreement } from "./play-plan.ts";

export interface Comparison {
  /** How many requests stand for all: the boundaries of both. */
  readonly probes: number;
  readonly changed: readonly ChangedProbe[];
  /** How many of them were played on a real HAProxy, before and after. */
  readonly played: number;
  /** Where HAProxy does not do what the model says: a defect of Portico. */
  readonly disagreements: readonly Disagreement[];
  readonly files: readonly LayerChange[];
}
