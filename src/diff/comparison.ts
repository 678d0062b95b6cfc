// What a comparison of two edges comes to.
import type { LayerChange } from "./compare-files.ts";
import type { ChangedProbe } from "./compare-plans.ts";
import type { RawChange } from "./raw-effects.ts";
import type { Disagreement } from "./run-plan.ts";

export interface Comparison {
  /** How many requests stand for all: the boundaries of both. */
  readonly probes: number;
  readonly changed: readonly ChangedProbe[];
  /** How many of them were played on a real HAProxy, before and after. */
  readonly tested: number;
  /** Where HAProxy does not do what the model says: a defect of Portico. */
  readonly disagreements: readonly Disagreement[];
  /** Sections with raw lines, which the models leave out; empty where there are none, or HAProxy's files are the same. */
  readonly raw: readonly RawChange[];
  readonly files: readonly LayerChange[];
  /** Where requests were sent: listeners, or paths hop by hop. */
  readonly examined: readonly string[];
  /** Lines that the lab did not run, whose effect on requests is not known: the same on both sides, or other ones. */
  readonly notRun: "none" | "same" | "changed";
  /** What no request was sent to, and why: a sentence without full stop each. */
  readonly notExamined: readonly string[];
}
