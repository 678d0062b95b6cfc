// unreachable-rule: earlier rules of haproxy.cfg decide every request that the rule matches.
import { countOf } from "../../findings/count.ts";
import type { Position } from "../../findings/finding.ts";
import type { ExaminedRule } from "../../space/haproxy/rule-reach.ts";
import type { Shadow } from "../../space/haproxy/shadowing-rules.ts";
import { groupsOf, keyOf } from "../groups.ts";
import { alwaysTrueAt } from "../layers/always-true.ts";
import { examinedRules, sectionsOf } from "../layers/reached-rules.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

/** A rule that no request reaches, and the rules that take its requests. */
interface Dead {
  readonly rule: ExaminedRule;
  readonly by: readonly Shadow[];
}

export const unreachableRule: Rule = {
  code: "unreachable-rule",
  severity: "warning",
  writtenByHand: true,
  check(wiring) {
    const explained = alwaysTrueAt(wiring);
    const dead = examinedRules(wiring).flatMap((rule): Dead[] => {
      if (rule.state.kind !== "shadowed") return [];
      const { by } = rule.state;
      return by.some(({ at }) => at !== undefined && explained.has(keyOf(at))) ? [] : [{ rule, by }];
    });
    // All rules whose requests one rule takes are one mistake.
    const groups = groupsOf(dead, ({ rule, by: [first, ...others] }) =>
      first?.always && others.length === 0 && first.at ? keyOf(first.at) : rule,
    );
    return groups.map(finding);
  },
};

const MOST_PLACES = 6;

function finding(group: readonly [Dead, ...Dead[]]): RuleFinding {
  const [{ rule, by }] = group;
  const others = group.length - 1;
  return {
    what: `no request reaches \`${rule.text}\`${others > 0 ? `, nor ${countOf(others, "rule")} after it` : ""}`,
    why: `${reason(rule, by)}${orderOf(rule, by)}`,
    remedy:
      by.length === 0
        ? "Remove it, or send the requests that it is for to this section."
        : `Remove ${others > 0 ? "these lines" : "it"}, or add a condition that excludes ${others > 0 ? "their" : "its"} requests from the rules that take them.`,
    at: [
      ...group.slice(0, MOST_PLACES).map((one) => noted(one.rule.at, "never reached")),
      ...by.slice(0, MOST_PLACES).map(({ at }) => noted(at, "takes its requests")),
    ],
  };
}

function reason(rule: ExaminedRule, by: readonly Shadow[]): string {
  const [first] = by;
  if (first === undefined)
    return `No request that gets to ${listOf(sectionsOf(rule))} satisfies its condition: the rules that lead there, or those before it, exclude it.`;
  if (first.always) return `\`${first.text}\` ends every request that gets to it.`;
  const takers = listOf(by.map(({ text }) => text));
  return by.length === 1
    ? `${takers} takes every request that satisfies its condition.`
    : `${takers} together take every request that satisfies its condition.`;
}

/** HAProxy's phases (manual section 4.2), if the file has a different order. */
function orderOf({ at, text }: ExaminedRule, by: readonly Shadow[]): string {
  const later = by.find((shadow) => isBehind(shadow.at, at) && phaseOf(shadow.text) !== phaseOf(text));
  if (later === undefined) return "";
  return ` HAProxy runs \`${phaseOf(later.text)}\` before \`${phaseOf(text)}\`, whatever their order in the file.`;
}

function isBehind(a: Position | undefined, b: Position | undefined): boolean {
  return a !== undefined && b !== undefined && a.file === b.file && a.line > b.line;
}

function phaseOf(text: string): string {
  return /^(?:tcp-request \S+|\S+)/.exec(text)?.[0] ?? text;
}
