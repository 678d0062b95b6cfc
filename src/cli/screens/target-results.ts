// Results at a running edge, as JSON and as JUnit XML, in which expectations that were not visible are skipped.
import { maskedJson } from "../../findings/credentials.ts";
import type { TargetResult } from "../../lab/target.ts";
import type { InvariantResult } from "../invariants.ts";
import { targetJson } from "./deploy-json.ts";
import { requestText } from "./expectation-text.ts";
import { escaped, failureOf, junit, testCase } from "./junit.ts";
import { invariantCase, invariantJson } from "./results.ts";
import { tallyOf } from "./target-text.ts";

export interface AtTarget {
  readonly results: readonly TargetResult[];
  /** The results for the description's invariants. */
  readonly invariants: readonly InvariantResult[];
  readonly tookMs: number;
}

export function targetResultsJson(
  edge: string,
  target: string,
  { results, invariants, tookMs }: AtTarget,
): string {
  return maskedJson({
    edge,
    target,
    ...tallyOf(results),
    ms: Math.round(tookMs),
    ...(invariants.length > 0 && { invariantsOfDescription: invariants.map(invariantJson) }),
    results: results.map(targetJson),
  });
}

export function targetJunit(edge: string, { results, invariants, tookMs }: AtTarget): string {
  const cases = [
    ...results.map((one) => testCase(edge, requestText(one), one.tookMs, saidOf(one))),
    ...invariants.map((one) => invariantCase(edge, one)),
  ];
  return junit(edge, cases, tookMs);
}

function saidOf(one: TargetResult): string {
  const unseen = escaped(one.notTested ?? `not visible: ${one.unseen.join(", ")}`);
  if (one.verdict === "unseen") return `<skipped message="${unseen}"/>`;
  if (one.verdict === "failed") return failureOf(one.differences, one.expectation.at);
  return one.unseen.length === 0 ? "" : `<system-out>${unseen}</system-out>`;
}
