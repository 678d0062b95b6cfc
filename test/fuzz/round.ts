// One random description: planned, run by a real HAProxy, with many random requests, whose answers are compared with the model.
import fc from "fast-check";
import type { Edge } from "../../src/description/define-edge.ts";
import { edge } from "../../src/description/schema/edge.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { disagreements, rawBlocksOf } from "../../src/lab/agreement.ts";
import type { Difference } from "../../src/lab/expectation.ts";
import { LabClient } from "../../src/lab/http/client.ts";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import type { LabAnswer } from "../../src/lab/send.ts";
import type { Decision } from "../../src/model/decide.ts";
import { rawBlocks, withoutRawLines } from "../../src/model/raw-blocks.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { description } from "./descriptions.ts";
import { type FuzzRequest, requestsFor } from "./requests.ts";
import { ask, listenerOf, send } from "./send.ts";

export interface Disagreement {
  readonly haproxy: Haproxy;
  /** Reproduces the description and its requests. */
  readonly seed: number;
  readonly description: Edge;
  /** null when HAProxy did not start; `differences` has its messages. */
  readonly pair: Pair | null;
  readonly differences: readonly Difference[];
}

export interface Pair {
  readonly request: FuzzRequest;
  readonly decision: Decision;
  readonly answer: LabAnswer;
}

const AT_ONCE = 12;

function descriptionOf(seed: number): Edge {
  const [one] = fc.sample(fc.noBias(description), { seed, numRuns: 1 });
  if (one === undefined) throw new Error("fast-check gave no description");
  return one;
}

/** The result of schema and planner; the plan is undefined when they refuse the description. */
export function planOf(one: Edge): { readonly plan: Plan | undefined; readonly refusal: string } {
  const parsed = edge.safeParse(one);
  if (!parsed.success) return { plan: undefined, refusal: parsed.error.message };
  const { value, findings } = planEdge(parsed.data);
  const errors = findings.filter(({ severity }) => severity === "error");
  return {
    plan: errors.length > 0 ? undefined : value,
    refusal: errors.map(({ code, what }) => `${code}: ${what}`).join("\n"),
  };
}

/** Sends `pairs` requests and `others`; stops at the first few that differ. Throws when a description is refused: that is a defect of the generator. */
export async function runRound(
  haproxy: Haproxy,
  seed: number,
  pairs: number,
  others: readonly FuzzRequest[] = [],
): Promise<readonly Disagreement[]> {
  const one = descriptionOf(seed);
  const { plan, refusal } = planOf(one);
  if (plan === undefined)
    throw new Error(
      `the description of seed ${seed} is refused: ${refusal}\n${JSON.stringify(one, null, 1)}`,
    );
  const requests = [...fc.sample(fc.noBias(requestsFor(plan)), { seed, numRuns: pairs }), ...others];
  const found: Disagreement[] = [];
  const failure = await withLab(plan, haproxy, async (lab, client, plain) => {
    let next = 0;
    const worker = async () => {
      for (
        let request = requests[next++];
        request !== undefined && found.length < 3;
        request = requests[next++]
      ) {
        const { pair, differences } = await compareOn(lab, client, request, plain);
        if (differences.length > 0) found.push({ haproxy, seed, description: one, pair, differences });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  });
  if (failure !== undefined)
    found.push({ haproxy, seed, description: one, pair: null, differences: [failure] });
  return found;
}

/** The lab of the same description without raw lines; opened on first use. */
type PlainLab = () => Promise<Lab>;

/** Opens a lab for `play`; returns HAProxy's messages when it does not start. */
export async function withLab(
  plan: Plan,
  haproxy: Haproxy,
  use: (lab: Lab, client: LabClient, plain: PlainLab) => Promise<void>,
): Promise<Difference | undefined> {
  let lab: Lab;
  try {
    lab = await openLabOf(plan, { haproxy });
  } catch (error) {
    return { what: "start", hop: "haproxy", expected: "HAProxy runs", got: String(error) };
  }
  const client = new LabClient();
  let plain: Promise<Lab> | undefined;
  try {
    await use(lab, client, () => {
      plain ??= openLabOf(withoutRawLines(plan), { haproxy });
      return plain;
    });
  } finally {
    client.close();
    await lab.close();
    await (await plain)?.close();
  }
  return undefined;
}

export async function compareOn(
  lab: Lab,
  client: LabClient,
  request: FuzzRequest,
  plain: PlainLab = () => Promise.resolve(lab),
): Promise<{ readonly pair: Pair; readonly differences: readonly Difference[] }> {
  const decision = ask(lab, request);
  const answer = await send(lab, client, request);
  const pair = { request, decision, answer };
  const differences = disagreements(decision, answer);
  if (differences.length === 0 || rawBlocks(lab.plan).length === 0) return { pair, differences };
  // Raw lines may be the reason: then some apply to the request, and without them model and HAProxy agree.
  if (rawBlocksOf(lab.plan, listenerOf(lab, request), decision, answer).length === 0)
    return { pair, differences };
  const without = await plain();
  const again = await send(without, client, request);
  return { pair: { ...pair, answer: again }, differences: disagreements(ask(without, request), again) };
}
