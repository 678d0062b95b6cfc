// Two plans over one partition: whether equal keys are equal outcomes, and whether what differs is in the comparison.
import { changedDetails, type Outcome } from "../../../src/diff/outcome.ts";
import type { ModelRequest } from "../../../src/model/decide.ts";
import { passedOn } from "../../../src/model/forwarded.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { Budget } from "../../../src/space/budget.ts";
import { type Comparison, comparePrograms } from "../../../src/space/compare.ts";
import type { Node } from "../../../src/space/diagram.ts";
import { Evaluator } from "../../../src/space/evaluate.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { type Partition, partition } from "../../../src/space/partition.ts";
import { evaluatePlan, type PlanProgram } from "../../../src/space/plan/evaluate-plan.ts";
import type { Leaf } from "../../../src/space/program.ts";
import { valueAt } from "../value-at.ts";
import { classesOf, expected } from "./members.ts";
import { outcomeOfDecision } from "./outcome-of-decision.ts";

interface Side {
  readonly plan: Plan;
  /** By facet. */
  readonly values: ReadonlyMap<string, Node<Leaf>>;
}

interface EvaluatedPair {
  readonly before: Side;
  readonly after: Side;
  readonly parts: Partition;
  readonly comparison: Comparison;
}

/** Both plans have the same `paths`. */
export function evaluatedPair(before: Plan, after: Plan): EvaluatedPair {
  const formulas = new Formulas();
  const [old, now] = [before, after].map((plan) => evaluatePlan(plan, { formulas, paths: plan.paths })) as [
    PlanProgram,
    PlanProgram,
  ];
  const parts = partition([old, now]);
  const budget = new Budget(50_000_000);
  const evaluator = new Evaluator(parts, formulas, budget);
  const ids = new Set([...old.facets, ...now.facets].map(({ id }) => id));
  const side = (plan: Plan, program: PlanProgram): Side => {
    return { plan, values: new Map([...ids].map((id) => [id, evaluator.facet(program, id).values])) };
  };
  return {
    before: side(before, old),
    after: side(after, now),
    parts,
    comparison: comparePrograms(old, now, { formulas }),
  };
}

/** Empty: none; undefined: the request is outside the space. */
export function pairDifference(
  { before, after, parts, comparison }: EvaluatedPair,
  request: ModelRequest,
  connecting: string,
): string | undefined {
  const [old, now] = [before, after].map(({ plan }) => forwarded(plan, request)) as [
    ModelRequest,
    ModelRequest,
  ];
  const classes = classesOf(before.plan, parts, old, connecting);
  if (classes === undefined || classesOf(after.plan, parts, now, connecting) === undefined) return undefined;
  const point = classes.map((one) => one ?? 0);
  const differing = [...before.values].flatMap(([id, node]) => {
    const other = after.values.get(id);
    return other !== undefined && valueAt(node, point).key !== valueAt(other, point).key ? [id] : [];
  });
  if (differing.length === 0)
    return outcomeDifference(outcomeOf(before.plan, old, connecting), outcomeOf(after.plan, now, connecting));
  const listed = comparison.facets.filter(
    ({ changed, undecided, incomplete }) => changed.length + undecided.length > 0 || incomplete !== undefined,
  );
  const told = differing.some((id) => listed.some((facet) => facet.id === id));
  return told
    ? ""
    : `${differing.join()} differ, and the comparison has only ${listed.map(({ id }) => id).join()}`;
}

function forwarded(plan: Plan, request: ModelRequest): ModelRequest {
  const listener = plan.listeners.find(({ name }) => name === request.listener);
  if (listener === undefined) return request;
  return { ...request, headers: passedOn(listener, request.headers, request.client) };
}

function outcomeDifference(before: Outcome, after: Outcome): string {
  const summary = before.text === after.text ? [] : [`${before.text} ⇒ ${after.text}`];
  return [...summary, ...changedDetails(before, after)].join(", ");
}

/** A backend with retries of its own has the servers of the described one. */
function outcomeOf(plan: Plan, request: ModelRequest, connecting: string): Outcome {
  const decision = expected(plan, request, connecting);
  const backends = decision.backends.map((share) => ({ ...share, backend: share.pool }));
  return outcomeOfDecision(plan, { ...decision, backends });
}
