// A request for each rule of a plan's space, and whether HAProxy answers it as the model decides.
import { disagreements } from "../../src/lab/agreement.ts";
import type { LayersLab } from "../../src/lab/layers-lab.ts";
import { queryModel } from "../../src/lab/query-model.ts";
import type { LabRequestOptions } from "../../src/lab/send.ts";
import { DEFAULT_CLIENT } from "../../src/lab/sent-path.ts";
import { requestOfWitness, type WitnessPart } from "../../src/lab/witness-request.ts";
import { LONGEST_BODY_BYTES } from "../../src/plan/limits.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { Budget } from "../../src/space/budget.ts";
import type { DecidingRule } from "../../src/space/chain.ts";
import { cubesOf } from "../../src/space/cubes.ts";
import { Evaluator } from "../../src/space/evaluate.ts";
import { Members } from "../../src/space/find-member.ts";
import { Formulas } from "../../src/space/formula.ts";
import { Names } from "../../src/space/name-classes.ts";
import { partition } from "../../src/space/partition.ts";
import { evaluatePlan } from "../../src/space/plan/evaluate-plan.ts";
import { planQueryDimensions } from "../../src/space/plan/plan-query.ts";
import type { Answer } from "../../src/space/program.ts";
import { type Witness, witnessOf } from "../../src/space/witness.ts";

export interface RuleRequest {
  readonly url: string;
  readonly options: LabRequestOptions;
}

const MOST_CUBES = 10_000;
/** The maximum number of requests to a listener, spread over its rules. */
const MOST_REQUESTS = 100;
/** Requests outside of the space, or of which HAProxy refuses even the space's own example. */
const ODD: readonly Partial<Witness>[] = [
  { target: "/%00" },
  { method: "CONNECT" },
  { bodyLength: Number(LONGEST_BODY_BYTES + 1n) },
];

const INVALID_HOST = "a~b";

export function ruleRequests(plan: Plan): readonly RuleRequest[] {
  const formulas = new Formulas();
  const program = evaluatePlan(plan, { formulas, paths: plan.paths });
  const parts = partition([program]);
  const budget = new Budget(50_000_000);
  const { decisions: decide, viewOf } = new Evaluator(parts, formulas, budget).facet(program, "answer");
  const decisions = decide();
  const counts = parts.dimensions.map(({ count }) => count);
  const { cubes } = cubesOf(decisions, counts, () => true, MOST_CUBES);
  const members = new Members(parts);
  const names = new Names(parts);
  const { listeners } = planQueryDimensions(plan);
  const byRule = new Map<DecidingRule, WitnessPart>();
  for (const cube of cubes) {
    const rule = cube.value;
    const member = byRule.has(rule) ? undefined : members.find(decisions, cube, (one) => one === rule);
    if (member === undefined) continue;
    const part = {
      witness: witnessOf(member),
      conditions: names.conditions(cube),
      answers: [viewOf(rule).answer],
    };
    if (!("why" in requestOfWitness(part, listeners))) byRule.set(rule, part);
  }
  return listeners.flatMap((listener) => {
    const sendable = (part: WitnessPart) => {
      const request = requestOfWitness(part, [listener]);
      return "why" in request ? [] : [request];
    };
    const all = [...byRule.values()].filter((part) => sendable(part).length > 0);
    const step = Math.max(1, Math.ceil(all.length / MOST_REQUESTS));
    const own = all.filter((_, index) => index % step === 0);
    const usual = own.map(asUsualClient);
    const plain = usual.find(({ witness: { bodyLength } }) => bodyLength === 0);
    const odd =
      plain === undefined
        ? []
        : ODD.map((one) => ({ ...plain, witness: { ...plain.witness, ...one }, answers: [REFUSED] }));
    const sent = [...own, ...usual, ...usual.flatMap(withQuery), ...odd].flatMap(sendable);
    const first = plain === undefined ? [] : sendable(plain);
    for (const { url, options } of first)
      sent.push({ url, options: { ...options, headers: [["Host", INVALID_HOST], ...options.headers] } });
    return [...new Map(sent.map((request) => [JSON.stringify(request), request])).values()];
  });
}

/** From a client that the load balancer lets through: the part may be of one that it refuses. */
function asUsualClient(part: WitnessPart): WitnessPart {
  const others = new Map(part.witness.others);
  others.delete("client-of-load-balancer");
  return { ...part, witness: { ...part.witness, client: DEFAULT_CLIENT, others } };
}

/** A redirect may keep the query: the shortest one. */
function withQuery(part: WitnessPart): readonly WitnessPart[] {
  const { witness, answers } = part;
  const isRedirect = answers.some((answer) => answer?.kind === "own" && answer.location !== undefined);
  if (!isRedirect || witness.target.includes("?")) return [];
  return [{ ...part, witness: { ...witness, target: `${witness.target}?q` } }];
}

const REFUSED: Answer = { kind: "own", status: undefined };

export async function differsFromModel(
  lab: Pick<LayersLab, "request">,
  plan: Plan,
  { url, options }: RuleRequest,
): Promise<boolean> {
  const answer = await lab.request(url, options);
  const decision = queryModel(plan, url, options, answer.client);
  return decision === null ? answer.refused === null : disagreements(decision, answer).length > 0;
}
