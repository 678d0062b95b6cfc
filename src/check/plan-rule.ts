// What a rule is: one object a file, that looks at a plan and says what is wrong or unwise about it.

import type { FindingCode } from "../findings/codes.ts";
import type { Finding, Position, Severity } from "../findings/finding.ts";
import type { DescriptionPath, Edge } from "../plan/lowering.ts";
import type { Plan } from "../plan/plan.ts";

/** What a rule may look at. */
export interface CheckContext {
  readonly plan: Plan;
  /** The description as it was written; null where only a plan is at hand. */
  readonly edge: Edge | null;
  /** Where the value at a path of the description stands, or with `key` the key it is written under; null: not known. */
  readonly at: (path: DescriptionPath, options?: { readonly key?: boolean }) => Position | undefined;
}

/** A finding without what its rule already says. Places that are not known are dropped. */
export type PlanRuleFinding = Pick<Finding, "what" | "why" | "remedy"> & {
  readonly at: readonly (Position | null | undefined)[];
};

export type PlanRuleFindings = PlanRuleFinding | readonly PlanRuleFinding[];

export interface PlanRule {
  /** The name of its file, with a page in docs/findings/. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** One finding, or several in no order; runs in time proportional to the plan. */
  readonly check: (context: CheckContext) => PlanRuleFindings;
}
