// `http-request normalize-uri`: paths in normal form are followed; of others it is only said that they are answered as their normal form.
import { readCondition, wordsBeforeCondition } from "../../wiring/haproxy/condition.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { whenChoice } from "./choice.ts";
import type { FlowRule } from "./flow.ts";
import { type RuleLine, textOf } from "./rule-lines.ts";
import { notExamined, type Scope } from "./scope.ts";
import { testText } from "./text-tests.ts";
import { partsOf } from "./value.ts";

const REWRITES: ReadonlySet<string> = new Set([
  "normalize-uri",
  "set-path",
  "set-pathq",
  "set-uri",
  "replace-path",
  "replace-pathq",
  "replace-uri",
]);

export function isPathRewrite(action: string): boolean {
  return REWRITES.has(action);
}

function isNormalization({ line }: RuleLine): boolean {
  return line.tokens[1]?.value === "normalize-uri";
}

/** Whether a rewrite belongs to a normalization: it is one, or has the condition of one. */
export function isPartOfNormalization(rules: readonly RuleLine[], rule: RuleLine): boolean {
  if (isNormalization(rule)) return true;
  const condition = readCondition(rule.line)?.text;
  return (
    condition !== undefined &&
    rules.some((other) => isNormalization(other) && readCondition(other.line)?.text === condition)
  );
}

/** The entry for paths that the rule changes, and when a path is one. */
export function normalization(
  scope: Scope,
  rules: readonly RuleLine[],
  rule: RuleLine,
  when: Formula,
): { readonly odd: Formula; readonly entry: FlowRule } {
  const steps = rules.filter((other) => isPartOfNormalization(rules, other)).map(({ line }) => textOf(line));
  const odd = scope.formulas.and(when, changes(scope, rule));
  notExamined(
    scope.world,
    "paths that `normalize-uri` changes: they are answered as their normal form",
    scope.at,
  );
  const key = `as the normal form of the path ${steps.join("\0")}`;
  const leaf = { key, text: "as the normal form of the path" };
  const place = { at: scope.at, text: textOf(rule.line) };
  return { odd, entry: { when: odd, ends: { leaf, store: undefined, proxies: [scope.proxy] }, ...place } };
}

/** Paths that an action changes (manual section 4.2, `normalize-uri`). */
const CHANGED: Readonly<Record<string, string>> = {
  "path-merge-slashes": "//",
  "path-strip-dot": "(?:\\A|/)\\.(?:/|\\z)",
  "path-strip-dotdot": "(?:\\A|/)\\.\\.(?:/|\\z)",
  "percent-decode-unreserved":
    "%(?:2[dDeE]|3[0-9]|4[1-9a-fA-F]|5[0-9aAfF]|6[1-9a-fA-F]|7[0-9aAeE])|%(?![0-9A-Fa-f][0-9A-Fa-f])",
  "percent-to-uppercase": "%(?:[a-f][0-9A-Fa-f]|[0-9A-Fa-f][a-f])|%(?![0-9A-Fa-f][0-9A-Fa-f])",
};

function changes(scope: Scope, rule: RuleLine): Formula {
  if (!isNormalization(rule)) return TRUE;
  const action = wordsBeforeCondition(rule.line)[2]?.value ?? "";
  if (action === "fragment-strip" || action === "fragment-encode") return FALSE;
  const source = Object.hasOwn(CHANGED, action) ? CHANGED[action] : undefined;
  if (source === undefined) return TRUE;
  return whenChoice(scope.formulas, scope.store.path, (path) =>
    testText(scope, partsOf(path), { kind: "pattern", source, ignoreCase: false }),
  );
}
