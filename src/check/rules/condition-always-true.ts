// condition-always-true: condition that holds for every request.
import { countOf } from "../../findings/count.ts";
import { keyOf } from "../groups.ts";
import { alwaysTrueRules } from "../layers/always-true.ts";
import { examinedRules } from "../layers/reached-rules.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

const MOST_PLACES = 5;

export const conditionAlwaysTrue: Rule = {
  code: "condition-always-true",
  severity: "warning",
  writtenByHand: true,
  check: (wiring) =>
    alwaysTrueRules(wiring).map(({ at, text, runs: [first] }) => {
      const unless = first?.condition?.keyword === "unless";
      const cut = examinedRules(wiring).filter(
        ({ state }) =>
          state.kind === "shadowed" && state.by.some((one) => one.at && at && keyOf(one.at) === keyOf(at)),
      );
      const negated = first?.condition?.anyOf.every((terms) => terms[0]?.text.startsWith("!"));
      return {
        what: `the condition of \`${text}\` holds for every request`,
        why: `${unless ? "What follows `unless` holds for no request" : "Each request satisfies one of its alternatives"}: the rule applies as if it had no condition${cut.length > 0 ? `, and no request reaches ${countOf(cut.length, "rule")} behind it` : ""}.`,
        remedy: negated
          ? "Write the terms without `or`, if it is for requests that satisfy none of them, or remove the condition."
          : "Correct the condition, or remove it.",
        at: [at, ...cut.slice(0, MOST_PLACES).map((one) => noted(one.at, "never reached"))],
      };
    }),
};
