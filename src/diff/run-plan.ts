// Compares the model's decisions with a real HAProxy: sends probes, and records each answer with its differences.
import { disagreements, rawBlocksOf } from "../lab/agreement.ts";
import type { Difference } from "../lab/expectation.ts";
import { inParallel } from "../lab/in-parallel.ts";
import { type Lab, type LabOptions, openLabOf } from "../lab/lab.ts";
import type { NotRun } from "../lab/not-run.ts";
import { listenerFor } from "../lab/planned-listener.ts";
import { type LabAnswer, splitUrl } from "../lab/send.ts";
import { type RawBlock, rawBlocks, withoutRawLines } from "../model/raw-blocks.ts";
import type { Plan } from "../plan/plan.ts";
import { type Outcome, outcomeOfAnswer } from "./outcome.ts";
import { type Probe, requestOf } from "./probe.ts";
import { openPlanQueries, type PlanQueries } from "./query-plan.ts";

export interface Disagreement {
  readonly probe: Probe;
  readonly differences: readonly Difference[];
}

export interface ProbeResult extends Disagreement {
  readonly outcome: Outcome;
  /** The second answer; absent where no raw line takes part. */
  readonly again?: Outcome;
  readonly raw: readonly RawBlock[];
  /** Several backends may get the request, by weight. */
  readonly drawn: boolean;
}

export type RunPlanOptions = Pick<LabOptions, "trust">;

export interface PlanRun {
  readonly notRun: readonly NotRun[];
  /** In the probes' order. */
  readonly results: readonly ProbeResult[];
  /** Where HAProxy and the model disagree and no raw line is the reason: a defect of Portico. */
  readonly disagreements: readonly Disagreement[];
}

/** Sends all to a real HAProxy with what the plan renders to, or with the given files. Rejects with HaproxyFailure. */
export async function runPlan(
  plan: Plan,
  probes: readonly Probe[],
  { files, ...options }: LabOptions,
): Promise<PlanRun> {
  const { results, notRun } = await sendAll(plan, probes, { ...options, ...(files && { files }) });
  const differing = results.filter(isDifferent);
  if (differing.length === 0 || rawBlocks(plan).length === 0)
    return { results, notRun, disagreements: differing };
  // The model ignores raw lines: a difference that remains without them is a defect.
  const again = differing.map(({ probe }) => probe);
  const plain = await sendAll(withoutRawLines(plan), again, options);
  return { results, notRun, disagreements: plain.results.filter(isDifferent) };
}

function isDifferent({ differences }: ProbeResult): boolean {
  return differences.length > 0;
}

/** Without comparing the differences from the model with a run that has no raw lines. */
export async function sendAll(
  plan: Plan,
  probes: readonly Probe[],
  options: LabOptions,
): Promise<Pick<PlanRun, "results" | "notRun">> {
  const queries = openPlanQueries(plan);
  const lab = await openLabOf(plan, options);
  try {
    const results = await inParallel(probes, (probe) => run(lab, queries, probe));
    return { results, notRun: lab.leftOut };
  } finally {
    await lab.close();
  }
}

async function run(lab: Lab, queries: PlanQueries, probe: Probe): Promise<ProbeResult> {
  const answer = await lab.request(probe.url, requestOf(probe));
  const decision = queries.decide(probe, answer.client);
  const listener = listenerFor(lab.plan, splitUrl(probe.url), probe.through);
  const raw = listener === undefined ? [] : rawBlocksOf(lab.plan, listener, decision, answer);
  return {
    probe,
    outcome: outcomeOfAnswer(answer),
    ...(raw.length === 0 ? {} : { again: outcomeOfAnswer(await lab.request(probe.url, requestOf(probe))) }),
    raw,
    drawn: decision !== null && decision.backends.length > 1,
    differences: decision === null ? unexpected(answer) : disagreements(decision, answer),
  };
}

/** Where the model has no listener, HAProxy must not answer. */
function unexpected({ refused, status }: LabAnswer): readonly Difference[] {
  return refused === null
    ? [{ what: "connection", hop: "connection", expected: "no answer", got: String(status) }]
    : [];
}
