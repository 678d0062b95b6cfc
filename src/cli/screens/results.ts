// Machine-readable results: JSON, and JUnit XML.
import { maskedJson } from "../../findings/credentials.ts";
import type { Finding } from "../../findings/finding.ts";
import { maskedFinding } from "../../findings/masked-finding.ts";
import type { ExpectationResult } from "../../lab/expectation.ts";
import { decidesAnswers, type NotRun } from "../../lab/not-run.ts";
import type { HealthReport } from "../../lab/pod-probes.ts";
import { LEFT_OUT_BECAUSE } from "../../wiring/haproxy/untrusted/reasons.ts";
import type { InvariantResult } from "../invariants.ts";
import { answerJson } from "./answer-json.ts";
import { place, requestText } from "./expectation-text.ts";
import { regionJson, undecidedJson } from "./found-json.ts";
import { escaped, failure, failureOf, junit, testCase } from "./junit.ts";

export function resultsJson(
  edge: string,
  results: readonly ExpectationResult[],
  haproxy: string,
  tookMs: number,
  more: Readonly<Record<string, unknown>> = {},
): string {
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  const rows = results.map(({ expectation, answer, differences, tookMs: ms }) => ({
    request: expectation.request,
    at: expectation.at,
    passed: differences.length === 0,
    differences,
    answer: answerJson(answer),
    ms: Math.round(ms * 10) / 10,
  }));
  return maskedJson({
    edge,
    haproxy: { version: haproxy },
    passed: results.length - failed,
    failed,
    ms: Math.round(tookMs),
    ...more,
    results: rows,
  });
}

export interface MoreResults {
  readonly health: readonly HealthReport[];
  readonly notRun: readonly NotRun[];
  readonly invariants: readonly InvariantResult[];
}

/** One test case per expectation, per health check, per invariant, and per line of the configuration that was not run. */
export function junitText(
  edge: string,
  results: readonly ExpectationResult[],
  tookMs: number,
  { health, notRun, invariants }: MoreResults,
): string {
  const cases = [
    ...results.map((one) =>
      testCase(edge, requestText(one), one.tookMs, failureOf(one.differences, one.expectation.at)),
    ),
    ...health.map(({ of, check, healthy, why, at }) =>
      testCase(edge, `${of} ${check}`, 0, healthy ? "" : failure(why ?? "fails", place(at))),
    ),
    ...notRun.map((one) =>
      testCase(
        edge,
        `line ${one.at.line} ${one.words}`,
        0,
        decidesAnswers(one)
          ? failure("not run", `${LEFT_OUT_BECAUSE[one.reason]}\n${place(one.at)}`)
          : `<system-out>${escaped(`not run: ${LEFT_OUT_BECAUSE[one.reason]}`)}</system-out>`,
      ),
    ),
    ...invariants.map((one) => invariantCase(edge, one)),
  ];
  return junit(edge, cases, tookMs);
}

export function invariantCase(edge: string, { invariant, verdict }: InvariantResult): string {
  return testCase(edge, invariant.text, 0, verdict === "proven" ? "" : failure(verdict, place(invariant.at)));
}

export function invariantJson({ invariant, verdict, found, problem, counterexample }: InvariantResult) {
  return {
    invariant: invariant.text,
    at: invariant.at ?? null,
    verdict,
    problem: problem ?? null,
    regions: (found?.regions ?? []).map(regionJson),
    undecided: (found?.undecided ?? []).map(undecidedJson),
    ...counterexampleJson(counterexample),
  };
}

function counterexampleJson(counterexample: InvariantResult["counterexample"]) {
  if (counterexample === undefined) return { answer: null, confirmed: null, unconfirmed: null };
  if ("why" in counterexample)
    return { answer: null, confirmed: null, unconfirmed: `not sent: ${counterexample.why}` };
  const { answer, confirmed } = counterexample;
  return { answer: answerJson(answer), confirmed, unconfirmed: null };
}

/** One test case per finding, an error where the finding is one: for a command without a result. */
export function findingsJunit(findings: readonly Finding[]): string {
  const cases = findings.map(maskedFinding).map(({ code, severity, what, why, remedy, at }) => {
    const text = escaped([what, why, remedy, ...at.map(place)].join("\n"));
    const result =
      severity === "error"
        ? `<error message="${escaped(what)}" type="${code}">${text}</error>`
        : `<system-out>${text}</system-out>`;
    return testCase("portico", `${code}: ${what}`, 0, result);
  });
  return junit("portico", cases, 0);
}
