// condition-never-met-here: condition that no bind of its section meets.
import { examinedRules, isFixed, isSwitch, sectionsOf } from "../layers/reached-rules.ts";
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const conditionNeverMetHere: Rule = {
  code: "condition-never-met-here",
  severity: "note",
  writtenByHand: true,
  check: (wiring) =>
    examinedRules(wiring).flatMap((rule) => {
      const [terms] = rule.impossible.filter((one) => one.some(isFixed) && !one.some(isSwitch));
      const [first] = rule.runs;
      const unless = first?.condition?.keyword === "unless";
      if (rule.state.kind !== "impossible" || (terms === undefined && !unless)) return [];
      if (first?.condition?.anyOf.flat().some(isSwitch) || !first?.condition?.anyOf.flat().some(isFixed))
        return [];
      return {
        what: `\`${rule.text}\` never applies in ${listOf(sectionsOf(rule))}`,
        why: "The binds of the section and its mode decide the condition, the same for every request.",
        remedy: "Remove the line, or move it to the section that it is for.",
        at: [rule.at],
      };
    }),
};
