// Runs the rules of a section in order: what ends the request becomes an entry of the flow, other actions change the store.
import { readCondition, wordsBeforeCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyLine } from "../../wiring/haproxy/config.ts";
import { FALSE, type Formula } from "../formula.ts";
import type { Leaf } from "../program.ts";
import { fixedAnswer, readRedirect, redirectAnswer, replyAnswer } from "./answers.ts";
import { type Choice, one } from "./choice.ts";
import { definition } from "./definition.ts";
import { ACTIONS_WITHOUT_EFFECT } from "./directives.ts";
import { changesOf, effectsOf } from "./effects.ts";
import { evaluateCondition } from "./evaluate-condition.ts";
import { type FlowRule, rulesFrom } from "./flow.ts";
import { isPartOfNormalization, isPathRewrite, normalization } from "./normalize-uri.ts";
import { rewrite } from "./rewrites.ts";
import { placeOf, type RuleLine, textOf } from "./rule-lines.ts";
import { notExamined, type Scope } from "./scope.ts";
import { unknown } from "./text-tests.ts";
import { traceRule } from "./trace.ts";

/** When a line runs. */
export function runsWhen(scope: Scope, { line }: RuleLine): Formula {
  return scope.formulas.and(scope.world.appliesWhen(line), evaluateCondition(scope, readCondition(line)));
}

/** Of a rule that is run now. */
export function scopeOf(
  scope: Scope,
  { line, section }: RuleLine,
  flow: readonly FlowRule[] | undefined,
): Scope {
  scope.world.evaluated.add(line);
  const at = placeOf(scope.world, line);
  const isExact = !scope.store.changedBlindly;
  const { proxy, phase } = scope;
  const isPlaced = flow !== undefined && phase === "request";
  const rule = isPlaced ? { proxy, flow, before: flow.length, isExact, text: textOf(line) } : undefined;
  return { ...scope, section, at, rule };
}

/** The outcome of a message that a rule answers. */
export type End = (scope: Scope, leaf: Leaf) => FlowRule["ends"];

/** `http-request` rules, or those for responses; the entries go behind those of `flow`. */
export function runHttpRules(scope: Scope, rules: readonly RuleLine[], flow: FlowRule[], end: End): void {
  const { formulas } = scope;
  let left: Formula = FALSE;
  let decided: Formula = FALSE;
  for (const rule of rules) {
    const here = scopeOf(scope, rule, flow);
    const [, action = "", ...words] = wordsBeforeCondition(rule.line).map(({ value }) => value);
    const replaced = removesWhatItTests(rule, words);
    const runs = replaced ? scope.world.appliesWhen(rule.line) : runsWhen(here, rule);
    const when = formulas.and(runs, formulas.not(left));
    const normalizes = isPathRewrite(action) && isPartOfNormalization(rules, rule);
    traceRule(here, rule, flow, { runs, when, isExact: !replaced && !normalizes });
    const reached = formulas.not(left);
    flow.push(...effectsOf(here, { line: rule.line, action, words, when, reached }, flow));
    if (formulas.and(when, formulas.not(decided)) === FALSE) continue;
    if (action === "allow") left = formulas.or(left, when);
    else if (normalizes && !scope.world.everyRequest) {
      const { odd, entry } = normalization(here, rules, rule, when);
      flow.push(entry);
      decided = formulas.or(decided, odd);
    } else runAction(here, { line: rule.line, action, words, when, end }, flow);
  }
}

/** `del-header X -m reg` if a header of that name is there: without the condition it does the same. */
function removesWhatItTests({ line }: RuleLine, [pattern, flag, method]: readonly string[]): boolean {
  const condition = readCondition(line);
  const [term, ...others] = condition?.terms ?? [];
  const test = term?.test;
  return (
    line.tokens[1]?.value === "del-header" &&
    flag === "-m" &&
    condition?.keyword === "if" &&
    others.length === 0 &&
    term?.negated === false &&
    test?.fetch.value === "req.hdr_names" &&
    test.method === method &&
    test.patterns.length === 1 &&
    test.patterns[0]?.value === pattern
  );
}

interface Action {
  readonly line: HaproxyLine;
  readonly action: string;
  readonly words: readonly string[];
  readonly when: Formula;
  readonly end: End;
}

function runAction(scope: Scope, { line, action, words, when, end }: Action, flow: FlowRule[]): void {
  const place = { at: scope.at, text: textOf(line) };
  const answer = answerOf(scope, action, words);
  if (answer !== undefined) {
    const ends = rulesFrom(answer, (leaf) => end(scope, leaf), place);
    flow.push({ when, ends, ...place });
    return;
  }
  if (/^(?:track-sc|sc-)/.test(action)) scope.world.times.tracked += 1;
  scope.store.changes = changesOf(scope, action, words, when);
  if (rewrite(scope, action, words, when) || ACTIONS_WITHOUT_EFFECT.test(action.replace(/\(.*/s, ""))) return;
  unfollowedAction(scope, [action, ...words].join(" "), when, flow, { ...place, end });
}

/** What the action answers; undefined: the request goes on. */
function answerOf(scope: Scope, action: string, words: readonly string[]): Choice<Leaf> | undefined {
  switch (action) {
    case "deny":
    case "block":
    case "tarpit":
    case "return":
      return replyAnswer(scope, action, words);
    case "reject":
    case "silent-drop":
      return one(
        fixedAnswer(`closed by ${[action, ...words].join(" ")}`, `connection closed (${action})`, {
          kind: "closed",
        }),
      );
    case "auth":
      return one(fixedAnswer(`401 ${words.join(" ")}`, "401", { kind: "own", status: 401 }));
    case "use-service":
      return one(
        fixedAnswer(`service ${words.join(" ")}`, `service ${words[0]}`, { kind: "own", status: undefined }),
      );
    case "redirect": {
      const redirect = readRedirect(words, true);
      return redirect && redirectAnswer(scope, redirect);
    }
    default:
      return undefined;
  }
}

/** It may answer, change the request, or neither. */
function unfollowedAction(
  scope: Scope,
  written: string,
  when: Formula,
  flow: FlowRule[],
  { end, ...place }: Pick<Action, "end"> & Pick<FlowRule, "at" | "text">,
): void {
  notExamined(scope.world, `what \`${written}\` changes`, scope.at);
  // The cache may answer, and changes nothing.
  if (!written.startsWith("cache-use")) scope.store.changedBlindly = true;
  if (!/^(?:lua\.|send-spoe-group|wasm)/.test(written)) return;
  const ends = unknown(scope, {
    id: definition(scope, `${written} ends the request ${scope.world.extensions}`),
    text: `${written} ends the request`,
    why: `the action ${written} is not followed`,
  });
  const leaf: Leaf = {
    key: definition(scope, written),
    text: written,
    dependsOn: [{ text: written, at: scope.at }],
  };
  flow.push({ when: scope.formulas.and(when, ends), ends: end(scope, leaf), ...place });
}

/** `tcp-request connection`, `session` or `content`. */
export function runTcpRules(scope: Scope, rules: readonly RuleLine[], flow: FlowRule[], end: End): void {
  const { formulas } = scope;
  let left: Formula = FALSE;
  for (const rule of rules) {
    const here = scopeOf(scope, rule, flow);
    const [, level = "", action = "", ...words] = wordsBeforeCondition(rule.line).map(({ value }) => value);
    const runs = runsWhen(here, rule);
    const when = formulas.and(runs, formulas.not(left));
    traceRule(here, rule, flow, { runs, when, isExact: true });
    const reached = formulas.not(left);
    flow.push(...effectsOf(here, { line: rule.line, action, words, when, reached }, flow));
    if (when === FALSE) continue;
    if (action === "accept") left = formulas.or(left, when);
    else if (action === "switch-mode") notExamined(scope.world, `\`${level} ${action}\``, here.at);
    else runAction(here, { line: rule.line, action, words, when, end }, flow);
  }
}
