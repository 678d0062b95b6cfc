// What a rule does besides deciding the outcome of a request, for comparisons: whether requests reach it, and with which values.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyConfig, HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { Formula } from "../formula.ts";
import { either, keyOfChoice, one } from "./choice.ts";
import { CAPTURES, messageKey } from "./definition.ts";
import { digestOf } from "./digest.ts";
import { EVALUATED, hasOtherEffect } from "./directives.ts";
import { evaluateTerm, testsOfName, writtenTest } from "./evaluate-condition.ts";
import { evaluateFormat } from "./evaluate-expression.ts";
import type { FlowRule } from "./flow.ts";
import { valueOfWord } from "./rewrites.ts";
import { placeOf, textOf } from "./rule-lines.ts";
import type { Scope, Store } from "./scope.ts";
import { changedFile, hasSideEffect } from "./side-effects.ts";
import { ABSENT, constant, type Scalar, showScalar, type Value } from "./value.ts";

/** The beginning of the facets of effects that neither client nor server sees. */
export const UNSEEN_EFFECT = "effect:";

interface RunRule {
  readonly line: HaproxyLine;
  readonly action: string;
  readonly words: readonly string[];
  readonly when: Formula;
  /** When its condition is evaluated. */
  readonly reached: Formula;
}

/** The entries for a rule with such effects; `flow`: the entries before it. */
export function effectsOf(scope: Scope, rule: RunRule, flow: readonly FlowRule[]): readonly FlowRule[] {
  const { line, action, words, when } = rule;
  if (!scope.world.isCompared) return [];
  const ends = { leaf: { key: "", text: "" }, store: undefined, proxies: [] };
  const place = { at: placeOf(scope.world, line), text: textOf(line) };
  const expressions = effectOfExpressions(scope, rule, flow);
  const own = expressions === undefined ? [] : [{ when: rule.reached, ends, effect: expressions, ...place }];
  if (!hasEffect(scope, action)) return own;
  const [keyword = ""] = line.tokens.map(({ value }) => value);
  // The rules for responses of both sections are in one list.
  const isOwn = scope.proxy === scope.frontend || scope.phase === "response";
  const section = isOwn ? "" : " of the backend";
  const [name = "", format = ""] = words;
  const isHint = action === "early-hint";
  const id = isHint
    ? `early-hint:${name.toLowerCase()}${section}`
    : `${UNSEEN_EFFECT}${[keyword + section, action, ...words].join(" ")}`;
  const effect = {
    id: numbered(id, flow),
    value: isHint ? evaluateFormat(scope, format) : valuesOf(scope, action, words),
  };
  return [...own, { when, ends, effect, ...place }];
}

function numbered(id: string, flow: readonly FlowRule[]): string {
  const earlier = flow.filter(({ effect }) => effect?.id.replace(/ \(\d+\)$/, "") === id).length;
  return earlier === 0 ? id : `${id} (${earlier + 1})`;
}

/** Of a rule whose expressions change something: which of them are evaluated depends on the terms before them. */
function effectOfExpressions(
  scope: Scope,
  { line, action, words }: RunRule,
  flow: readonly FlowRule[],
): FlowRule["effect"] {
  const { formulas, section } = scope;
  const condition = readCondition(line);
  const written = (condition?.terms ?? [])
    .flatMap(({ name, test }) => test ?? testsOfName(section, name ?? ""))
    .map(writtenTest);
  if (![...words, ...written].some(hasSideEffect)) return undefined;
  const terms = (condition?.anyOf ?? []).map((all) =>
    all.map((term) => formulas.idOf(evaluateTerm(scope, term))).join(" "),
  );
  const text = [
    condition?.keyword,
    ...terms,
    ...written,
    keyOfChoice(formulas, valuesOf(scope, action, words), showScalar),
  ].join("\0");
  return {
    id: numbered(`${UNSEEN_EFFECT}expressions of ${textOf(line)}`, flow),
    value: one<Scalar | undefined>(constant(`evaluates ${text}`)),
  };
}

/** What captures and files are after the action, for those that read them later. */
export function changesOf(
  scope: Scope,
  action: string,
  words: readonly string[],
  when: Formula,
): Store["changes"] {
  const { formulas, store } = scope;
  const what = action === "capture" ? CAPTURES : changedFile(action);
  if (what === undefined) return store.changes;
  const value = keyOfChoice(formulas, either(when, valuesOf(scope, action, words), ABSENT), showScalar);
  return new Map([...store.changes, [what, digestOf(`${store.changes.get(what)} ${action} ${value}`)]]);
}

function hasEffect({ world }: Scope, action: string): boolean {
  const [, variable] = /^(?:un)?set-var(?:-fmt)?\(([^,)]*)/.exec(action) ?? [];
  return variable === undefined ? hasOtherEffect(action) : wordsElsewhere(world.config).has(variable);
}

const known = new WeakMap<HaproxyConfig, ReadonlySet<string>>();

/** Of lines that are not evaluated, such as `log-format`. */
function wordsElsewhere(config: HaproxyConfig): ReadonlySet<string> {
  const found =
    known.get(config) ??
    new Set(
      config.lines
        .filter(({ tokens: [first] }) => first !== undefined && !EVALUATED.has(first.value))
        .flatMap(({ text }) => text.split(/[^\w.-]+/)),
    );
  known.set(config, found);
  return found;
}

/** The words with the values of the expressions in them, which earlier rules may change. */
function valuesOf(scope: Scope, action: string, words: readonly string[]): Value {
  // Whatever these words refer to is not part of the outcome.
  const aside: Scope = { ...scope, world: { ...scope.world, notExamined: new Map() } };
  const keys = words.map((word) => {
    const value = word.includes("%") ? evaluateFormat(aside, word) : valueOfWord(aside, word);
    return `${word}\0${keyOfChoice(scope.formulas, value, showScalar)}`;
  });
  const message = action === "do-log" ? [messageKey(scope)] : [];
  return one<Scalar | undefined>(constant(`runs ${[...keys, ...message].join("\0")}`));
}
