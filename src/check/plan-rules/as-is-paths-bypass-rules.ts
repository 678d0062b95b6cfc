// as-is-paths-bypass-rules: restricted path that other spellings bypass.

import type { PlanRule } from "../plan-rule.ts";
import { slippedPast } from "../slipped-past.ts";
import { listOf } from "../wording.ts";

export const asIsPathsBypassRules: PlanRule = {
  code: "as-is-paths-bypass-rules",
  severity: "warning",
  check({ plan, at }) {
    if (plan.paths !== "as-is") return [];
    const closed = plan.sites.flatMap(slippedPast).filter(({ match }) => match.path.kind !== "regex");
    const [first] = closed;
    if (first === undefined) return [];
    const { value } = first.match.path;
    return [
      {
        what: `another spelling of the path bypasses ${listOf(closed.map(({ id }) => id))}`,
        why: `With \`paths: as-is\` a request for /${value} or /.${value} is not under ${value}: a shorter route takes it, without the restriction, and most backends read both as the same.`,
        remedy: "Leave `paths: as-is` out, so that paths are routed in their normal form.",
        at: [at(["paths"]), ...closed.slice(0, 3).map((route) => route.at)],
      },
    ];
  },
};
