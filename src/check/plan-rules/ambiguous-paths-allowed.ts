// ambiguous-paths-allowed: site with restricted routes accepts paths that backends read as restricted paths.

import { bypassedRoutes } from "../bypassed-routes.ts";
import type { PlanRule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const ambiguousPathsAllowed: PlanRule = {
  code: "ambiguous-paths-allowed",
  severity: "warning",
  check({ plan, at }) {
    return plan.sites.flatMap((site, index) => {
      if (site.ambiguousPaths.value !== "allow") return [];
      const closed = bypassedRoutes(site);
      if (closed.length === 0) return [];
      const path = closed.find(({ match }) => match.path.kind !== "regex")?.match.path.value ?? "/admin";
      return {
        what: `\`ambiguousPaths: allow\` lets other spellings of the path bypass ${listOf(closed.map(({ id }) => id))}`,
        why: `To HAProxy, ${path}%2Fx, ${path};x and /x/..;${path} are other paths than ${path}: a wider route takes them without the restriction. Backends that decode %2F (Flask, Django, Starlette) or remove ;x (Tomcat, Jetty, Spring) serve ${path}.`,
        remedy:
          "Remove `ambiguousPaths: allow`. If some paths need it, serve them under another host, without the backend of the restricted routes.",
        at: [at(["sites", index, "ambiguousPaths"]), ...closed.slice(0, 3).map((route) => route.at)],
      };
    });
  },
};
