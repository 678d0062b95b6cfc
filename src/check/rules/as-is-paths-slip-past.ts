// as-is-paths-slip-past: a path with restricted access, on an edge that takes every spelling of a path for another path.

import { restricts } from "../../plan/restrictions.ts";
import type { RoutePlan, SitePlan } from "../../plan/site-plan.ts";
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const asIsPathsSlipPast: Rule = {
  code: "as-is-paths-slip-past",
  severity: "warning",
  about: "restricted paths on an edge with `paths: as-is`",
  check({ plan, at }) {
    if (plan.paths !== "as-is") return [];
    const closed = plan.sites.flatMap(slippedPast);
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

/** Restricted routes whose path has an open route above it. */
function slippedPast({ routes }: SitePlan): readonly RoutePlan[] {
  const open = new Set(
    routes
      .filter(
        (route) => route.match.path.kind === "prefix" && route.action.kind === "forward" && !isClosed(route),
      )
      .map(({ match }) => match.path.value),
  );
  return routes.filter(
    (route) =>
      isClosed(route) &&
      route.match.path.kind !== "regex" &&
      parentsOf(route.match.path.value).some((parent) => open.has(parent)),
  );
}

function isClosed({ allow, deny, action }: RoutePlan): boolean {
  return (
    restricts(allow) ||
    deny.length > 0 ||
    (action.kind === "respond" && [401, 403, 404].includes(action.status))
  );
}

/** `/a/b` → `/a`, `/`. */
function parentsOf(path: string): readonly string[] {
  const segments = path.split("/").slice(1, -1);
  const parents = segments.map((_, index) => `/${segments.slice(0, index + 1).join("/")}`);
  return path === "/" ? [] : ["/", ...parents];
}
