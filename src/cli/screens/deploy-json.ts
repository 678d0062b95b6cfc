// The result of a deploy as JSON: what changed, the rollout, and what the edge answers now.
import type { Cluster } from "../../cluster/connect.ts";
import type { DeployOutcome, Survey } from "../../cluster/deploy.ts";
import type { Rendered } from "../../cluster/rendered.ts";
import { maskedJson } from "../../findings/credentials.ts";
import type { Finding } from "../../findings/finding.ts";
import type { TargetResult } from "../../lab/target.ts";
import type { Plan } from "../../plan/plan.ts";
import type { BehaviourResult } from "../behaviour-changes.ts";
import type { InvariantResult } from "../invariants.ts";
import type { SpaceInput } from "../space-input.ts";
import { answerJson } from "./answer-json.ts";
import { invariantJson } from "./results.ts";
import { tallyOf } from "./target-text.ts";

/** The invariants of the description. */
export interface DeployInvariants {
  /** undefined: it has none. */
  readonly input: SpaceInput | undefined;
  readonly results: readonly InvariantResult[];
}

export interface DeployReport {
  readonly invariants: DeployInvariants;
  readonly findings: readonly Finding[];
  readonly survey?: Survey;
  readonly cluster?: Cluster;
  readonly rendered?: Rendered;
  readonly result?: BehaviourResult;
  readonly outcome?: DeployOutcome;
  readonly tookMs?: number;
}

export function deployJson({ edge, namespace }: Plan, report: DeployReport): string {
  const { cluster, rendered, survey, outcome } = report;
  return maskedJson({
    edge,
    context: cluster?.api.context ?? null,
    kubernetes: cluster?.version ?? null,
    namespace,
    image: rendered?.image.reference ?? null,
    changes: (survey?.changes ?? []).map(({ object, change, fields }) => ({
      kind: object.kind,
      name: object.metadata.name,
      change,
      fields: fields.map(({ field }) => field),
    })),
    behaviour:
      report.result?.behaviour === undefined
        ? null
        : {
            expectations: report.result.behaviour.after.length,
            notRun: report.result.behaviour.notRun,
            failing: report.result.behaviour.after.filter(({ differences }) => differences.length > 0).length,
            changed: report.result.behaviour.changed.map(({ before, after }) => ({
              request: after.expectation.request,
              before: answerJson(before.answer),
              after: answerJson(after.answer),
            })),
          },
    invariants: report.invariants.results.map(invariantJson),
    state: outcome?.state ?? (isRefused(report) ? "refused" : "planned"),
    verified:
      outcome?.verified === undefined
        ? null
        : {
            through: outcome.verified.through,
            ...tallyOf(outcome.verified.results),
            results: outcome.verified.results.map(targetJson),
          },
    rolledBack: outcome?.rolledBack ?? null,
    cleared: outcome?.cleared ?? [],
    findings: report.findings,
    ms: report.tookMs === undefined ? null : Math.round(report.tookMs),
  });
}

/** Stopped before anything was changed. */
function isRefused({ survey, findings, result }: DeployReport): boolean {
  const failing = (result?.behaviour?.after ?? []).some(({ differences }) => differences.length > 0);
  return survey === undefined || failing || findings.some(({ severity }) => severity === "error");
}

export function targetJson(result: TargetResult): object {
  const { expectation, verdict, differences, unseen, notTested, answer, tookMs } = result;
  return {
    request: expectation.request,
    at: expectation.at,
    verdict,
    differences,
    unseen,
    notTested,
    answer: answerJson(answer),
    ms: Math.round(tookMs * 10) / 10,
  };
}
