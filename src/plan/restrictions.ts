// What counts as a restriction: a route that refuses requests which another route of its site may accept.
import { containEveryone } from "./everyone.ts";
import type { RoutePlan } from "./site-plan.ts";

/** Whether a list of networks excludes any IPv4 address. */
export function restricts(networks: readonly string[]): boolean {
  return networks.length > 0 && !containEveryone(networks.filter((network) => !network.includes(":")));
}

/**
 * Routes of a site that refuse some requests: by client address, body size or method, or all of them. None where every route has the path `/`:
 * then the path chooses no route. A limit that all routes share does not restrict.
 */
export function restrictedRoutes(routes: readonly RoutePlan[]): readonly RoutePlan[] {
  return refusingRoutes(routes, ({ match }) => match.methods.length > 0);
}

/** Without those that only have a method: for other methods a wider route of the site is as open under the same path. */
export function closedRoutes(routes: readonly RoutePlan[]): readonly RoutePlan[] {
  return refusingRoutes(routes, () => false);
}

function refusingRoutes(
  routes: readonly RoutePlan[],
  also: (route: RoutePlan) => boolean,
): readonly RoutePlan[] {
  if (routes.every(({ match }) => match.path.kind === "prefix" && match.path.value === "/")) return [];
  const largest = Math.max(...routes.map((route) => bodyLimit(route) ?? 0));
  return routes.filter((route) => refuses(route) || (bodyLimit(route) ?? largest) < largest || also(route));
}

function refuses({ allow, deny, action }: RoutePlan): boolean {
  return restricts(allow) || deny.length > 0 || (action.kind === "respond" && action.status >= 400);
}

/** In bytes; null where no backend gets a body. */
function bodyLimit({ maxBody, action }: RoutePlan): number | null {
  return action.kind === "forward" ? (maxBody?.bytes ?? Number.POSITIVE_INFINITY) : null;
}
