// Routes that no request reaches, because earlier routes match all of their requests.
import type { Plan } from "../plan/plan.ts";
import type { PathMatch, RouteMatch, RoutePlan, SitePlan, ValueMatch } from "../plan/site-plan.ts";
import { type RoutingPlan, shadowedRoutes } from "../space/plan/shadowed-routes.ts";
import { memoized } from "./layers/memoized.ts";

export interface Shadow {
  readonly route: RoutePlan;
  /** The earlier routes, which together match its requests. */
  readonly by: readonly [RoutePlan, ...RoutePlan[]];
  /** Whether it and the only earlier one match exactly the same requests. */
  readonly same: boolean;
}

export interface Shadows {
  readonly shadows: readonly Shadow[];
  /** The evaluation reached its budget: other routes may be shadowed as well. */
  readonly isIncomplete: boolean;
}

type RoutedPlan = RoutingPlan & { readonly sites: readonly Pick<SitePlan, "hosts" | "routes">[] };

/** Used by two rules. */
export const shadowsOf: (plan: Plan | RoutedPlan) => Shadows = memoized((plan: RoutedPlan): Shadows => {
  const { never, isIncomplete } = shadowedRoutes(plan, plan.sites);
  const shadows = never.flatMap(({ of: route, by: [first, ...others] }): Shadow[] => {
    // Without earlier routes, its own condition holds for no request.
    if (first === undefined) return [];
    const same = others.length === 0 && matchKey(first.match) === matchKey(route.match);
    return [{ route, by: [first, ...others], same }];
  });
  return { shadows, isIncomplete };
});

function matchKey({ path, methods, headers, query }: RouteMatch): string {
  const plain = ({ kind, value }: PathMatch) => [kind, value];
  const values = (matches: readonly ValueMatch[]) =>
    matches.map(({ name, kind, value }) => [name, kind, value]);
  return JSON.stringify([plain(path), methods, values(headers), values(query)]);
}
