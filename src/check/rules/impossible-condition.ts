// impossible-condition: condition, or one alternative of it, that no request satisfies.
import type { Position } from "../../findings/finding.ts";
import type { ExaminedRule } from "../../space/haproxy/rule-reach.ts";
import type { TracedTerm } from "../../space/haproxy/trace.ts";
import { examinedRules, isFixed, isSwitch, linesOfTerms } from "../layers/reached-rules.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const impossibleCondition: Rule = {
  code: "impossible-condition",
  severity: "warning",
  writtenByHand: true,
  check: (wiring) => examinedRules(wiring).flatMap(findingsOf),
};

function findingsOf(rule: ExaminedRule): readonly RuleFinding[] {
  const [first] = rule.runs;
  const condition = first?.condition;
  if (condition === undefined) return [];
  const found = rule.impossible.filter((terms) => !terms.some((term) => isFixed(term) || isSwitch(term)));
  if (found.length === 0) return [];
  const never = rule.state.kind === "impossible" && condition.keyword === "if";
  const whole = rule.impossible.length === condition.anyOf.length;
  if (whole && condition.keyword === "unless" && rule.isAlwaysTrue) return [];
  const [terms = []] = found;
  return [
    {
      what: `no request satisfies ${listOf(terms.map(({ text }) => text))}${terms.length > 1 ? " together" : ""}`,
      why: `${reasonOf(terms)} ${never ? `\`${rule.text}\` never applies.` : `This alternative of \`${rule.text}\` has no effect.`}`,
      remedy: remedyOf(terms),
      at: placesOf(rule, terms),
    },
  ];
}

function placesOf(rule: ExaminedRule, terms: readonly TracedTerm[]): readonly (Position | undefined)[] {
  return [
    rule.at,
    ...linesOfTerms(terms)
      .slice(0, 4)
      .map((at) => noted(at, "part of the condition")),
  ];
}

function reasonOf(terms: readonly TracedTerm[]): string {
  const [only] = terms;
  if (only === undefined || terms.length > 1)
    return testsHost(terms)
      ? "Terms next to each other must hold together, and a request has one Host."
      : "Terms next to each other must hold together, and what they require excludes each other.";
  const variable = /\bvar\(([^),]+)/.exec(only.tests[0]?.fetch.value ?? "")?.[1];
  if (variable !== undefined) return `No rule before it sets \`${variable}\` to such a value.`;
  if (only.tests.some(({ fetch }) => /^req[._]ssl_/.test(fetch.value)))
    return "`req.ssl_sni` reads a TLS handshake that HAProxy does not terminate, in `mode tcp`: here it finds none.";
  return "Its value is never such.";
}

function testsHost(terms: readonly TracedTerm[]): boolean {
  return terms.every(({ tests }) =>
    tests.every(({ fetch }) => /hdr\(host\)|^hdr_\w+\(host\)/i.test(fetch.value)),
  );
}

function remedyOf(terms: readonly TracedTerm[]): string {
  const [only] = terms;
  if (terms.length > 1) return "Write `or` between them, if one of them is enough, or remove the rule.";
  if (only?.tests.some(({ fetch }) => /^req[._]ssl_sni/.test(fetch.value)))
    return "Write `ssl_fc_sni`, which a `bind … ssl` knows, or remove the condition.";
  return "Correct the term, or remove it.";
}
