// The share table: a weighted route's backends, one line per part, from which a random number selects one.
import type { RoutePlan } from "../../../plan/site-plan.ts";
import type { MapEntry, RankedRoute } from "./routing.ts";

export interface ShareTable {
  /** Keys `route|n` with n from 0. */
  readonly entries: readonly MapEntry[];
}

/** How many parts a weighted route has; undefined: it has one outcome only. */
export function partsOf({ action }: RoutePlan): number | undefined {
  if (action.kind !== "forward" || action.to.filter(({ weight }) => weight > 0).length < 2) return undefined;
  return action.to.reduce((sum, { weight }) => sum + weight, 0);
}

export function shareTable(routes: readonly RankedRoute[]): ShareTable {
  const entries = routes.flatMap(({ route }) => {
    if (partsOf(route) === undefined || route.action.kind !== "forward") return [];
    const drawn = route.action.to.flatMap(({ backend, weight }) => Array<string>(weight).fill(backend));
    return drawn.map((backend, index) => ({ key: `${route.id}|${index}`, value: backend, at: route.at }));
  });
  return { entries };
}
