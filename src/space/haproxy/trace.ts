// The rules of a configuration one by one, in HAProxy's order, to explain one request.
import type { Position } from "../../findings/finding.ts";
import {
  type AclTest,
  type Condition,
  type ConditionTerm,
  readCondition,
  wordsBeforeCondition,
} from "../../wiring/haproxy/condition.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { Formula } from "../formula.ts";
import { evaluateTerm, namedTests, testsOfName, writtenTest } from "./evaluate-condition.ts";
import type { FlowRule } from "./flow.ts";
import { placeOf, type RuleLine, textOf } from "./rule-lines.ts";
import type { Scope } from "./scope.ts";

export interface TracedRule {
  /** Whose rule it is when it runs: a rule of `defaults` runs in each section that takes them. */
  readonly proxy: HaproxyProxy;
  readonly phase: Scope["phase"];
  /** undefined: no line of the configuration. */
  readonly line: HaproxyLine | undefined;
  readonly at: Position | undefined;
  /** As written. */
  readonly text: string;
  /** When its own condition holds. */
  readonly runs: Formula;
  /** When it runs, where no rule before it ends the request: `allow` and `accept` before it included. */
  readonly when: Formula;
  /** Whether no rule of the section is run after it. */
  readonly ends: boolean;
  /** Whether it is `allow` or `accept`: no rule of its kind is run after it. */
  readonly leaves: boolean;
  /** The rules of its section that end requests, and how many of them are before it. */
  readonly flow: readonly FlowRule[];
  readonly before: number;
  /** Whether its conditions are those of the line: an action before it may have changed anything in the request. */
  readonly isExact: boolean;
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
  /** The tests that it is made of. */
  readonly tests: readonly AclTest[];
}

export interface TracedConditions {
  readonly runs: Formula;
  readonly when: Formula;
  /** Whether `runs` is the condition of the line, not an equivalent one. */
  readonly isExact: boolean;
}

export function traceRule(
  scope: Scope,
  { line }: RuleLine,
  flow: readonly FlowRule[],
  { runs, when, isExact }: TracedConditions,
): void {
  const { trace } = scope.world;
  if (trace === undefined) return;
  const entry = entryOf(scope, flow);
  const written = wordsBeforeCondition(line)
    .map(({ value }) => value)
    .join(" ");
  const condition = readCondition(line);
  trace({
    ...entry,
    isExact: isExact && entry.isExact,
    line,
    at: scope.at,
    text: textOf(line),
    runs,
    when,
    ends: ENDS.test(written),
    leaves: LEAVES.test(written),
    ...(condition && { condition: tracedCondition(scope, condition) }),
  });
}

/** What is no rule with a condition of its own: `default_backend`, the stats page. */
export function traceWhole(
  scope: Scope,
  flow: readonly FlowRule[],
  when: Formula,
  place: Pick<TracedRule, "at" | "text">,
): void {
  const own = { line: undefined, runs: when, when, ends: true, leaves: false };
  scope.world.trace?.({ ...entryOf(scope, flow), ...place, ...own });
}

const ENDS =
  /^(?:redirect|use_backend) |^(?:http-request|http-response|tcp-request \S+) (?:auth|block|deny|redirect|reject|return|silent-drop|tarpit|use-service)\b/;

const LEAVES = /^(?:http-request|http-response) allow\b|^tcp-request \S+ accept\b/;

function entryOf(
  { proxy, phase, store }: Scope,
  flow: readonly FlowRule[],
): Pick<TracedRule, "proxy" | "phase" | "flow" | "before" | "isExact"> {
  return { proxy, phase, flow, before: flow.length, isExact: !store.changedBlindly };
}

function tracedCondition(scope: Scope, { keyword, anyOf }: Condition): TracedCondition {
  return { keyword, anyOf: anyOf.map((terms) => terms.map((term) => tracedTerm(scope, term))) };
}

function tracedTerm(scope: Scope, term: ConditionTerm): TracedTerm {
  const { name = "", test, negated } = term;
  const own = test === undefined ? name : `{ ${writtenTest(test)} }`;
  const lines = test === undefined ? namedTests(scope.section, name) : [];
  const tests = test === undefined ? testsOfName(scope.section, name) : [test];
  return {
    text: `${negated ? "!" : ""}${own}`,
    holds: evaluateTerm(scope, term),
    lines: lines.map(({ line }) => ({ text: textOf(line), at: placeOf(scope.world, line) })),
    tests,
  };
}
