// A request for each rule of a plan's space, and whether HAProxy answers it as the model decides.
import { witnessOptions } from "../../src/cli/witness-request.ts";
import { disagreements } from "../../src/lab/agreement.ts";
import type { LayersLab } from "../../src/lab/layers-lab.ts";
import { queryModel } from "../../src/lab/query-model.ts";
import type { LabRequestOptions } from "../../src/lab/send.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { Budget } from "../../src/space/budget.ts";
import type { DecidingRule } from "../../src/space/chain.ts";
import { type Cube, cubesOf } from "../../src/space/cubes.ts";
import { Evaluator } from "../../src/space/evaluate.ts";
import { Members } from "../../src/space/find-member.ts";
import { Formulas } from "../../src/space/formula.ts";
import { partition } from "../../src/space/partition.ts";
import { evaluatePlan } from "../../src/space/plan/evaluate-plan.ts";
import { planQueryDimensions } from "../../src/space/plan/plan-query.ts";
import { urlOfWitness, witnessOf } from "../../src/space/witness.ts";

export interface RuleRequest {
  readonly url: string;
  readonly options: LabRequestOptions;
}

const MOST_CUBES = 10_000;
/** A request-target that the space leaves out. */
const ODD_TARGET = "/%00";

export function ruleRequests(plan: Plan): readonly RuleRequest[] {
  const formulas = new Formulas();
  const program = evaluatePlan(plan, { formulas, paths: plan.paths });
  const parts = partition([program]);
  const budget = new Budget(50_000_000);
  const decisions = new Evaluator(parts, formulas, budget).facet(program, "answer").decisions();
  const counts = parts.dimensions.map(({ count }) => count);
  const { cubes } = cubesOf(decisions, counts, () => true, MOST_CUBES);
  const byRule = new Map<DecidingRule, Cube<DecidingRule>>(cubes.map((cube) => [cube.value, cube]));
  const members = new Members(parts);
  const { listeners } = planQueryDimensions(plan);
  return [...byRule.values()].flatMap((cube) => {
    const member = members.find(decisions, cube, (rule) => rule === cube.value);
    const witness = member && witnessOf(member);
    const listener = listeners.find(({ name }) => name === witness?.listener);
    if (witness === undefined || listener === undefined) return [];
    const options = witnessOptions(witness, listener);
    return [witness, { ...witness, target: ODD_TARGET }].map((one) => ({
      url: urlOfWitness(one, listener),
      options,
    }));
  });
}

export async function differsFromModel(
  lab: Pick<LayersLab, "request">,
  plan: Plan,
  { url, options }: RuleRequest,
): Promise<boolean> {
  const answer = await lab.request(url, options);
  const decision = queryModel(plan, url, options, answer.client);
  return decision === null ? answer.refused === null : disagreements(decision, answer).length > 0;
}
