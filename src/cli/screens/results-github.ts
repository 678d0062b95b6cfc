// Results as workflow commands: GitHub Actions shows them at the lines of expectations and invariants in a pull request.
import { maskedDifference } from "../../findings/credentials.ts";
import type { Position } from "../../findings/finding.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { workflowCommand } from "../../findings/render-github.ts";
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

/** A line for each that fails; empty for none. */
export function githubText({ results, health, notRun, invariants }: AnnotatedResults): string {
  return [
    ...results.flatMap(failedLine),
    ...health.flatMap(({ of, check, healthy, why, at }) =>
      healthy ? [] : [line(at ?? undefined, `${of} ${check}`, why ?? "fails")],
    ),
    ...notRun
      .filter(decidesAnswers)
      .map(({ at, words, reason }) =>
        line(at, "A line was not run", `${maskedConfigLine(words)}: ${LEFT_OUT_BECAUSE[reason]}`),
      ),
    ...invariants.flatMap(invariantLine),
  ].join("\n");
}

function failedLine(result: ExpectationResult): readonly string[] {
  if (result.differences.length === 0) return [];
  const differences = result.differences
    .map(maskedDifference)
    .map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`);
  return [
    line(result.expectation.at, "Expectation failed", [requestText(result), ...differences].join("\n")),
  ];
}

function invariantLine({ invariant, verdict, found, problem }: InvariantResult): readonly string[] {
  if (verdict === "proven") return [];
  const [region] = found?.regions ?? [];
  const because =
    problem ?? (region && `${regionText(region.conditions)}: ${maskedConfigLine(region.answer.text)}`);
  const title = verdict === "violated" ? "Invariant violated" : "Invariant not proven";
  return [line(invariant.at, title, [maskedConfigLine(invariant.text), because ?? ""].join("\n").trimEnd())];
}

function line(at: Position | undefined, title: string, message: string): string {
  const place = at === undefined ? {} : { file: at.file, line: at.line };
  return workflowCommand("error", { ...place, title }, message);
}
