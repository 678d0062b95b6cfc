// Restricted routes that another spelling of their path bypasses, because a wider route of the site matches it.
import { closedRoutes } from "../plan/restrictions.ts";
import type { RoutePlan, SitePlan } from "../plan/site-plan.ts";

export function bypassedRoutes({ routes }: SitePlan): readonly RoutePlan[] {
  const closed = new Set(closedRoutes(routes));
  const open = new Set(
    routes
      .filter(
        (route) =>
          route.match.path.kind === "prefix" && route.action.kind === "forward" && !closed.has(route),
      )
      .map(({ match }) => match.path.value),
  );
  return [...closed].filter(({ match: { path } }) =>
    path.kind === "regex" ? open.size > 0 : parentsOf(path.value).some((parent) => open.has(parent)),
  );
}

/** `/a/b` → `/a`, `/`. */
function parentsOf(path: string): readonly string[] {
  const segments = path.split("/").slice(1, -1);
  const parents = segments.map((_, index) => `/${segments.slice(0, index + 1).join("/")}`);
  return path === "/" ? [] : ["/", ...parents];
}
