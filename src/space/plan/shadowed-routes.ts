// Routes of a site that no request reaches, because routes before them match all their requests.
import type { ListenerPlan, Plan } from "../../plan/plan.ts";
import type { RoutePlan, SitePlan } from "../../plan/site-plan.ts";
import { FALSE, Formulas } from "../formula.ts";
import { type Entry, neverDeciding, type Undecided } from "../undecided-rules.ts";
import { pathDimension } from "./plan-dimensions.ts";
import { type Conditions, routeCondition } from "./route-condition.ts";

/** About three seconds. */
const STEPS = 5_000_000;

export interface RoutingPlan extends Pick<Plan, "paths"> {
  readonly listeners: readonly Pick<ListenerPlan, "entrance" | "trustedHeaders">[];
}

type RoutedSite = Pick<SitePlan, "hosts" | "routes">;

/** Access lists and limits do not choose the route: a route that refuses a request still matches it. All sites share their conditions. */
export function shadowedRoutes(plan: RoutingPlan, sites: readonly RoutedSite[]): Undecided<RoutePlan> {
  const formulas = new Formulas();
  return neverDeciding(
    sites.flatMap((site) => listsOf(plan, site, formulas)),
    formulas,
    STEPS,
  );
}

const FORMS: readonly Conditions["form"][] = ["path", "asterisk", "connect"];

function listsOf(
  { listeners, paths }: RoutingPlan,
  { hosts, routes }: RoutedSite,
  formulas: Formulas,
): readonly (readonly Entry<RoutePlan>[])[] {
  const path = pathDimension(paths);
  const serving = listeners.filter(({ entrance }) =>
    hosts.some(({ entrances }) => entrances.includes(entrance)),
  );
  const reachable = serving.length > 0 ? serving : listeners;
  // Listeners differ in the headers that they trust.
  const apart = new Map(reachable.map((one) => [one.trustedHeaders.join(), one]));
  return [...apart.values()].flatMap((listener) =>
    FORMS.map((form) =>
      routes.flatMap((route) => {
        const when = routeCondition({ formulas, path, form }, listener, route.match);
        return when === FALSE ? [] : [{ when, of: route }];
      }),
    ),
  );
}
