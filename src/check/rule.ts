// A rule: one object per file that reports faults in the wiring or in the plan.
import type { FindingCode } from "../findings/codes.ts";
import type { Finding, Fix, Position, Severity } from "../findings/finding.ts";
import type { DescriptionPath, Edge } from "../plan/lowering.ts";
import type { Plan } from "../plan/plan.ts";
import type { HaproxyLayer, Wiring } from "../wiring/wiring.ts";

/**
 * A finding without the fields that its rule has. Every line of every layer that takes part, the most specific first;
 * places that are not known are dropped.
 */
export type RuleFinding = Pick<Finding, "what" | "why" | "remedy"> & {
  readonly at: readonly (Position | undefined)[];
  /** Overrides the severity of the rule. */
  readonly severity?: Severity;
  /** Only if it changes nothing else. */
  readonly fix?: Fix;
  readonly described?: Described;
  /** The configurations whose HAProxy certainly does not start. */
  readonly stops?: readonly HaproxyLayer[] | undefined;
};

export type RuleFindings = RuleFinding | readonly RuleFinding[];

/** The text of the finding for files that Portico rendered. */
export interface Described {
  /** Names the description's field. */
  readonly remedy: string;
  /** Whether it replaces a raw line of the description; otherwise a raw line keeps the remedy for haproxy.cfg. */
  readonly replacesRaw?: true;
  /** The field that decides it, if its rendered line has other decisions too. */
  readonly field?: DescriptionPath;
}

/** A finding about files that may have been rendered. */
export type JudgedFinding = Finding & Pick<RuleFinding, "described" | "stops">;

/** A rule over the wiring of layers, unless it names another input. */
export interface Rule<Input = Wiring> {
  /** The name of its file, with a page in docs/findings/. A plan rule about the same fault has the same code. */
  readonly code: FindingCode;
  readonly severity: Severity;
  /** Not for files that a description renders: its plan has the same finding. */
  readonly writtenByHand?: true;
  /** One finding, or several in no order; runs in time proportional to the input. If a value is not known, it reports nothing. */
  readonly check: (input: Input) => RuleFindings;
}

/** The input of a rule over the plan. */
export interface CheckContext {
  readonly plan: Plan;
  /** The description as it was written; undefined if there is only a plan. */
  readonly edge?: Edge | undefined;
  /** The position of the value at a path of the description, or with `key` the key it is written under; undefined: not known. */
  readonly at: (path: DescriptionPath, options?: { readonly key?: boolean }) => Position | undefined;
}

export type PlanRule = Rule<CheckContext>;

export function applyRule<Input>(
  { code, severity, check }: Rule<Input>,
  input: Input,
): readonly JudgedFinding[] {
  return [check(input)].flat().map(({ what, why, remedy, at, ...more }) => ({
    code,
    severity,
    what,
    why,
    remedy,
    at: at.filter((place) => place !== undefined),
    ...more,
  }));
}
