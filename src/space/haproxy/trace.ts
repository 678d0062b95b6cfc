// The rules of a configuration one by one, in HAProxy's order, to explain one request.
import type { Position } from "../../findings/finding.ts";
import {
  type Condition,
  type ConditionTerm,
  readCondition,
  wordsBeforeCondition,
} from "../../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Formula } from "../formula.ts";
import { evaluateTerm, namedTests, writtenTest } from "./evaluate-condition.ts";
import { placeOf, type RuleLine, textOf } from "./rule-lines.ts";
import type { Scope } from "./scope.ts";

export interface TracedRule {
  /** Whose rule it is when it runs: a rule of `defaults` runs in each section that takes them. */
  readonly proxy: HaproxyProxy;
  readonly phase: Scope["phase"];
  readonly at: Position | undefined;
  /** As written. */
  readonly text: string;
  /** When it runs, what rules before it decide included. */
  readonly when: Formula;
  /** Whether no rule of the section is run after it. */
  readonly ends: boolean;
  /** undefined: the rule has no condition. */
  readonly condition?: TracedCondition;
}

export interface TracedCondition {
  readonly keyword: Condition["keyword"];
  readonly anyOf: readonly (readonly TracedTerm[])[];
}

export interface TracedTerm {
  /** `!office`, `{ path_beg /api }` */
  readonly text: string;
  readonly holds: Formula;
  /** Of a named ACL. */
  readonly lines: readonly { readonly text: string; readonly at: Position | undefined }[];
}

export function traceRule(scope: Scope, { line }: RuleLine, when: Formula): void {
  const { trace } = scope.world;
  if (trace === undefined) return;
  const condition = readCondition(line);
  trace({
    ...entryOf(scope),
    at: scope.at,
    text: textOf(line),
    when,
    ends: ENDS.test(
      wordsBeforeCondition(line)
        .map(({ value }) => value)
        .join(" "),
    ),
    ...(condition && { condition: tracedCondition(scope, condition) }),
  });
}

/** What is no rule with a condition of its own: `default_backend`, the stats page. */
export function traceWhole(scope: Scope, when: Formula, place: Pick<TracedRule, "at" | "text">): void {
  scope.world.trace?.({ ...entryOf(scope), ...place, when, ends: true });
}

const ENDS =
  /^(?:redirect|use_backend) |^(?:http-request|http-response|tcp-request \S+) (?:auth|block|deny|redirect|reject|return|silent-drop|tarpit|use-service)\b/;

function entryOf({ proxy, phase }: Scope): Pick<TracedRule, "proxy" | "phase"> {
  return { proxy, phase };
}

function tracedCondition(scope: Scope, { keyword, anyOf }: Condition): TracedCondition {
  return { keyword, anyOf: anyOf.map((terms) => terms.map((term) => tracedTerm(scope, term))) };
}

function tracedTerm(scope: Scope, term: ConditionTerm): TracedTerm {
  const { name = "", test, negated } = term;
  const own = test === undefined ? name : `{ ${writtenTest(test)} }`;
  const lines = test === undefined ? namedTests(scope.section, name) : [];
  return {
    text: `${negated ? "!" : ""}${own}`,
    holds: evaluateTerm(scope, term),
    lines: lines.map(({ line }) => ({ text: textOf(line), at: placeOf(scope.world, line) })),
  };
}
