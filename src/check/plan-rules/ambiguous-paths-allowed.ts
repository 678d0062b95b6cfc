// ambiguous-paths-allowed: site with restricted routes accepts paths that backends read as restricted paths.

import type { PlanRule } from "../plan-rule.ts";
import { slippedPast } from "../slipped-past.ts";
import { listOf } from "../wording.ts";

export const ambiguousPathsAllowed: PlanRule = {
  code: "ambiguous-paths-allowed",
  severity: "warning",
  check({ plan, at }) {
    return plan.sites.flatMap((site, index) => {
      if (site.ambiguousPaths.value !== "allow") return [];
      const closed = slippedPast(site);
      if (closed.length === 0) return [];
      const path = closed.find(({ match }) => match.path.kind !== "regex")?.match.path.value ?? "/admin";
      return [
        {
          what: `\`ambiguousPaths: allow\` opens ${listOf(closed.map(({ id }) => id))} under other paths`,
          why: `To HAProxy, ${path}%2Fx, ${path};x and /x/..;${path} are other paths than ${path}: a wider route takes them without the restriction. Backends that decode %2F (Flask, Django, Starlette) or remove ;x (Tomcat, Jetty, Spring) serve ${path}.`,
          remedy:
            "Leave `ambiguousPaths: allow` out. If some paths need it, serve them under a host of their own, without the restricted routes' backend.",
          at: [at(["sites", index, "ambiguousPaths"]), ...closed.slice(0, 3).map((route) => route.at)],
        },
      ];
    });
  },
};
