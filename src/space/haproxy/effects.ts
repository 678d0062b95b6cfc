// What a rule does besides deciding the outcome of a request, for comparisons: whether requests reach it, and with which values.
import type { HaproxyConfig, HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { Formula } from "../formula.ts";
import { keyOfChoice, one } from "./choice.ts";
import { messageKey } from "./definition.ts";
import { hasOtherEffect, isEvaluatedKeyword } from "./directives.ts";
import { evaluateFormat } from "./evaluate-expression.ts";
import type { FlowRule } from "./flow.ts";
import { valueOfWord } from "./rewrites.ts";
import { placeOf, textOf } from "./rule-lines.ts";
import type { Scope } from "./scope.ts";
import { constant, type Scalar, showScalar, type Value } from "./value.ts";

/** The beginning of the facets of effects that neither client nor server sees. */
export const UNSEEN_EFFECT = "effect:";

interface RunRule {
  readonly line: HaproxyLine;
  readonly action: string;
  readonly words: readonly string[];
  readonly when: Formula;
}

/** The entry for a rule with such an effect; `flow`: the entries before it. */
export function effectsOf(scope: Scope, rule: RunRule, flow: readonly FlowRule[]): readonly FlowRule[] {
  const { line, action, words, when } = rule;
  if (!scope.world.isCompared || !hasEffect(scope, action)) return [];
  const [keyword = ""] = line.tokens.map(({ value }) => value);
  // The rules for responses of both sections are in one list.
  const isOwn = scope.proxy === scope.frontend || scope.phase === "response";
  const section = isOwn ? "" : " of the backend";
  const [name = "", format = ""] = words;
  const isHint = action === "early-hint";
  const id = isHint
    ? `early-hint:${name.toLowerCase()}${section}`
    : `${UNSEEN_EFFECT}${[keyword + section, action, ...words].join(" ")}`;
  const earlier = flow.filter(({ effect }) => effect?.id.replace(/ \(\d+\)$/, "") === id).length;
  const effect = {
    id: earlier === 0 ? id : `${id} (${earlier + 1})`,
    value: isHint ? evaluateFormat(scope, format) : valuesOf(scope, action, words),
  };
  const ends = { leaf: { key: "", text: "" }, store: undefined, proxies: [] };
  return [{ when, ends, effect, at: placeOf(scope.world, line), text: textOf(line) }];
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
        .filter(({ tokens: [first] }) => first !== undefined && !isEvaluatedKeyword(first.value))
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
