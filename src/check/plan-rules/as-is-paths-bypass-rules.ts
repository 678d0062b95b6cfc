// as-is-paths-bypass-rules: restricted path that other spellings bypass.

import { bypassedRoutes } from "../bypassed-routes.ts";
import type { PlanRule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const asIsPathsBypassRules: PlanRule = {
  code: "as-is-paths-bypass-rules",
  severity: "warning",
  check({ plan, at }) {
    if (plan.paths !== "as-is") return [];
    const closed = plan.sites.flatMap(bypassedRoutes).filter(({ match }) => match.path.kind !== "regex");
    const [first] = closed;
    if (first === undefined) return [];
    const { value } = first.match.path;
    return {
      what: `another spelling of the path bypasses ${listOf(closed.map(({ id }) => id))}`,
      why: `With \`paths: as-is\`, requests for /${value} and /.${value} do not match ${value}: a wider route takes them without the restriction, and most backends read them as ${value}.`,
      remedy: "Remove `paths: as-is`, so that HAProxy routes by the normal form of paths.",
      at: [at(["paths"]), ...closed.slice(0, 3).map((route) => route.at)],
    };
  },
};
