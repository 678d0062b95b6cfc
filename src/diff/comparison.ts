// The result of a comparison of two edges.
import type { LayerChange } from "./compare-files.ts";
import type { ChangedProbe } from "./compare-plans.ts";
import type { RawChange } from "./raw-effects.ts";
import type { Disagreement } from "./run-plan.ts";

export interface Comparison {
  /** The number of compared requests: the boundaries of both edges. */
  readonly probes: number;
  readonly changed: readonly ChangedProbe[];
  /** How many of them were sent to a real HAProxy, before and after. */
  readonly tested: number;
  /** Where HAProxy and the model disagree: a defect of Portico. */
  readonly disagreements: readonly Disagreement[];
  /** Sections with raw lines, which the models ignore; empty without any, or when HAProxy's files are equal. */
  readonly raw: readonly RawChange[];
  readonly files: readonly LayerChange[];
  /** Where requests were sent: listeners, or paths hop by hop. */
  readonly examined: readonly string[];
  /** Lines that the lab did not run, whose effect on requests is unknown: equal on both sides, or different. */
  readonly notRun: "none" | "same" | "changed";
  /** Every request has the same outcome on both sides: shown for all of them, and not only for those that were compared. */
  readonly proven: boolean;
  /** Parts of all requests that differ, of which no compared request shows it: `listener https, OPTIONS *: 404 → 200`. */
  readonly unshown: readonly string[];
  /** Whether files differ in a place that no changed request was traced to; `notExamined` lists them. */
  readonly untraced: boolean;
  /** What no request was sent to, and why: one sentence each, without full stop. */
  readonly notExamined: readonly string[];
}
