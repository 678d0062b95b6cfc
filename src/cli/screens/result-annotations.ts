// Results of a test at the lines of its expectations and invariants.
import type { Annotation } from "../../findings/annotation.ts";
import { maskedDifference } from "../../findings/credentials.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import type { ExpectationResult } from "../../lab/expectation.ts";
import { decidesAnswers, type NotRun } from "../../lab/not-run.ts";
import type { HealthReport } from "../../lab/pod-probes.ts";
import { LEFT_OUT_BECAUSE } from "../../wiring/haproxy/untrusted/reasons.ts";
import type { InvariantResult } from "../invariants.ts";
import { requestText } from "./expectation-text.ts";
import { regionText } from "./region-text.ts";

export interface AnnotatedResults {
  readonly results: readonly ExpectationResult[];
  readonly health: readonly HealthReport[];
  readonly notRun: readonly NotRun[];
  readonly invariants: readonly InvariantResult[];
}

/** One for each that fails. */
export function resultAnnotations({
  results,
  health,
  notRun,
  invariants,
}: AnnotatedResults): readonly Annotation[] {
  return [
    ...results.flatMap(failedExpectation),
    ...health.filter(({ healthy }) => !healthy).map(failedCheck),
    ...notRun.filter(decidesAnswers).map(lineNotRun),
    ...invariants.flatMap(unprovenInvariant),
  ];
}

function failedExpectation(result: ExpectationResult): readonly Annotation[] {
  if (result.differences.length === 0) return [];
  const differences = result.differences
    .map(maskedDifference)
    .map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`);
  const message = [requestText(result), ...differences].join("\n");
  return [{ rule: "expectation-failed", severity: "error", at: result.expectation.at, message }];
}

function failedCheck({ of, check, why, at }: HealthReport): Annotation {
  const title = `${of} ${check}`;
  return {
    rule: "health-check-failed",
    severity: "error",
    at: at ?? undefined,
    title,
    message: why ?? "fails",
  };
}

function lineNotRun({ at, words, reason }: NotRun): Annotation {
  const message = `${maskedConfigLine(words)}: ${LEFT_OUT_BECAUSE[reason]}`;
  return { rule: "line-not-run", severity: "error", at, message };
}

function unprovenInvariant({ invariant, verdict, found, problem }: InvariantResult): readonly Annotation[] {
  if (verdict === "proven") return [];
  const [region] = found?.regions ?? [];
  const because =
    problem ?? (region && `${regionText(region.conditions)}: ${maskedConfigLine(region.answer.text)}`);
  const rule = verdict === "violated" ? "invariant-violated" : "invariant-not-proven";
  const message = [maskedConfigLine(invariant.text), because ?? ""].join("\n").trimEnd();
  return [{ rule, severity: "error", at: invariant.at, message }];
}
