// Runs every rule over a plan; findings by severity, then in the order of the description.

import type { Finding, Position } from "../findings/finding.ts";
import type { DescriptionPath, Edge } from "../plan/lowering.ts";
import type { Plan } from "../plan/plan.ts";
import { byWeightAndPlace } from "./order.ts";
import { PLAN_RULES } from "./plan-rules/index.ts";
import { applyRule, type CheckContext } from "./rule.ts";

export { PLAN_RULES } from "./plan-rules/index.ts";

/** The description that a plan was made from; with it findings point at individual values. */
export interface CheckedDescription {
  readonly edge: Edge;
  readonly file: string;
  /** The texts that positions point into. */
  readonly sources: ReadonlyMap<string, string>;
  positionOf(path: DescriptionPath, options?: { readonly key?: boolean }): Position | undefined;
}

/** Every finding about a plan: errors, warnings, notes, each in the order of the description; the same for the same plan. */
export function checkPlan(plan: Plan, description?: CheckedDescription): readonly Finding[] {
  const context: CheckContext = {
    plan,
    edge: description?.edge,
    at: (path, options) => description?.positionOf(path, options),
  };
  return PLAN_RULES.flatMap((rule) => applyRule(rule, context)).sort(byWeightAndPlace);
}
