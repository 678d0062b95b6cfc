// Results of tests and comparisons at a line of a file, for GitHub and SARIF. Findings have formats of their own.
import type { Position } from "./finding.ts";

export interface Annotation {
  readonly rule: AnnotationRule;
  /** A note does not fail a test. */
  readonly severity: "error" | "note";
  readonly at: Position | undefined;
  /** Instead of the rule's. */
  readonly title?: string;
  /** Without secrets; may have several lines. */
  readonly message: string;
}

export type AnnotationRule = keyof typeof ANNOTATION_TITLES;

export const ANNOTATION_TITLES = {
  "expectation-failed": "Expectation failed",
  "health-check-failed": "Health check failed",
  "invariant-not-proven": "Invariant not proven",
  "invariant-violated": "Invariant violated",
  "line-not-run": "A line was not run",
  "not-compared": "Not all requests were compared",
  "not-examined": "Not examined",
  "outcome-changes": "Requests change their outcome",
  "outcome-depends-on-lines": "Requests may differ where it depends on these lines",
  "outcome-may-change": "Requests may change their outcome",
  "prediction-wrong": "HAProxy does not answer as predicted",
  "side-not-run": "Not run",
} as const;

export function annotationTitle({ rule, title }: Annotation): string {
  return title ?? ANNOTATION_TITLES[rule];
}
