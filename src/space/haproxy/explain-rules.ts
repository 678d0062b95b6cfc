// What the rules of a haproxy.cfg do with one request: which run, which do not and why, and what decides.
import type { Position } from "../../findings/finding.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { type Ask, type Decided, decidedBy, holdsFor } from "../evaluate-request.ts";
import { type Formula, Formulas } from "../formula.ts";
import type { Leaf, Program } from "../program.ts";
import { evaluateHaproxy, type HaproxyInput } from "./evaluate-haproxy.ts";
import { locateRequest, type SentRequest } from "./locate-request.ts";
import type { TracedRule, TracedTerm } from "./trace.ts";

export interface ExplainedRule {
  /** `frontend web`: whose rule it is when it runs. */
  readonly section: string;
  readonly at: Position | undefined;
  /** As written. */
  readonly text: string;
  /** `not-reached`: a rule before it decides. `unknown`: it depends on what is not followed. */
  readonly state: "matched" | "not-matched" | "not-reached" | "unknown";
  /** ACLs that decide that it does not match, or what it depends on. */
  readonly because: readonly Because[];
}

export interface Because {
  /** `!office does not hold`, `depends on be_conn(app) gt 50: be_conn is not followed` */
  readonly text: string;
  /** The lines of a named ACL. */
  readonly lines: readonly { readonly text: string; readonly at: Position | undefined }[];
}

export interface RulesExplanation {
  /** In HAProxy's order. */
  readonly rules: readonly ExplainedRule[];
  /** The answer that the rules decide; undefined: it depends on something that is not followed. */
  readonly answer: Leaf | undefined;
  readonly unexamined: Program["unexamined"];
}

/** `frontend` is where the request enters; `actual` the backend that HAProxy used, where the rules do not determine one. */
export function explainRules(
  input: HaproxyInput,
  request: SentRequest,
  frontend: HaproxyProxy,
  actual: string | undefined,
): RulesExplanation {
  const traced: TracedRule[] = [];
  const program = evaluateHaproxy({ ...input, trace: (rule) => traced.push(rule) }, new Formulas());
  const ask = locateRequest(request);
  const [answers] = program.facets;
  const decided = answers && decidedBy(answers, ask);
  const backend = decided === undefined ? actual : backendOf(decided, traced, frontend);
  const own = traced.filter(({ proxy, phase }) => proxy === frontend && phase === "request");
  const behind =
    backend === undefined || backend === frontend.name
      ? []
      : traced.filter(({ proxy, phase }) => proxy.name === backend && phase === "request");
  // A backend may have been run for several frontends.
  const inBackend = behind.filter(({ at }, index) => behind.findIndex((one) => one.at === at) === index);
  return {
    rules: [...explained(own, ask), ...explained(inBackend, ask)],
    answer: decided?.leaf,
    unexamined: program.unexamined,
  };
}

/** undefined: HAProxy answers before a backend is chosen. */
function backendOf(
  { leaf, rules }: Decided,
  traced: readonly TracedRule[],
  frontend: HaproxyProxy,
): string | undefined {
  const [server] = leaf.answer?.kind === "forward" ? (leaf.answer.backends ?? []) : [];
  const last = rules.at(-1)?.at;
  const answers = traced.find(({ proxy, at }) => proxy !== frontend && isSameLine(at, last));
  return server ?? answers?.proxy.name;
}

function isSameLine(a: Position | undefined, b: Position | undefined): boolean {
  return a !== undefined && a.file === b?.file && a.line === b.line;
}

/** The first rule that holds and decides is the last that is reached. */
function explained(traced: readonly TracedRule[], ask: Ask): readonly ExplainedRule[] {
  let isDecided = false;
  return traced.map((rule): ExplainedRule => {
    const { proxy, at, text } = rule;
    const place = { section: `${proxy.kind} ${proxy.name}`, at, text };
    if (isDecided) return { ...place, state: "not-reached", because: [] };
    const holds = holdsFor(rule.when, ask);
    isDecided = holds === true && rule.ends;
    if (holds === true) return { ...place, state: "matched", because: [] };
    if (holds === undefined) return { ...place, state: "unknown", because: unknownsOf(rule, ask) };
    const because = missesOf(rule, ask);
    return { ...place, state: because.length === 0 ? "not-reached" : "not-matched", because };
  });
}

/** The first term of each alternative that does not hold; of `unless`, those of an alternative that holds. */
function missesOf({ condition }: TracedRule, ask: Ask): readonly Because[] {
  if (condition === undefined) return [];
  if (condition.keyword === "unless") {
    const holding = condition.anyOf.find((terms) =>
      terms.every(({ holds }) => holdsFor(holds, ask) === true),
    );
    return (holding ?? []).map((term) => becauseOf(term, "holds"));
  }
  return condition.anyOf.flatMap((terms) => {
    const failed = terms.find(({ holds }) => holdsFor(holds, ask) === false);
    return failed === undefined ? [] : [becauseOf(failed, "does not hold")];
  });
}

function becauseOf({ text, lines }: TracedTerm, how: string): Because {
  return { text: `${text} ${how}`, lines };
}

/** What the rule depends on: the terms that are not known, with their reasons. */
function unknownsOf({ condition, when }: TracedRule, ask: Ask): readonly Because[] {
  const terms = (condition?.anyOf ?? []).flat().filter(({ holds }) => holdsFor(holds, ask) === undefined);
  if (terms.length > 0)
    return terms.map((term) => ({
      text: `depends on ${term.text}${whyOf(term.holds, ask)}`,
      lines: term.lines,
    }));
  return [{ text: `depends on a rule before it${whyOf(when, ask)}`, lines: [] }];
}

function whyOf(formula: Formula, ask: Ask): string {
  const reasons = new Set<string>();
  collect(formula, ask, reasons);
  return reasons.size === 0 ? "" : `: ${[...reasons].slice(0, MOST_REASONS).join(", ")}`;
}

const MOST_REASONS = 3;

function collect(formula: Formula, ask: Ask, reasons: Set<string>): void {
  if (holdsFor(formula, ask) !== undefined) return;
  switch (formula.kind) {
    case "constant":
      return;
    case "test": {
      const { on } = formula.test;
      reasons.add(on.kind === "unknown" ? on.why : `${on.id} of this request`);
      return;
    }
    case "not":
      collect(formula.of, ask, reasons);
      return;
    default:
      for (const part of formula.of) collect(part, ask, reasons);
  }
}
