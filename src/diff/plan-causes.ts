// The line of a description that decides a differing part.

import type { Plan } from "../plan/plan.ts";
import type { RoutePlan } from "../plan/site-plan.ts";
import type { Sides } from "../space/compare.ts";
import type { PlanProgram } from "../space/plan/evaluate-plan.ts";
import type { PlanDecision } from "../space/plan/plan-decision.ts";
import type { Rule } from "../space/program.ts";
import type { DifferingPart, Programs } from "./compare-requests.ts";
import type { Cause } from "./comparison.ts";

/** What decides on each side: a rule, or the route or site that it is about. */
export function planCauses(
  plans: Sides<Plan>,
  programs: Sides<PlanProgram>,
): (part: Pick<DifferingPart, "rules">) => Cause | null {
  const known = new Set(plans.before.sites.flatMap(({ routes }) => routes.map(({ id }) => id)));
  return ({ rules }) => {
    const [old, now] = [rules.before[0], rules.after[0]];
    return causeOf(
      known,
      { rule: old, decision: old && programs.before.decisionOf(old.outcome) },
      { rule: now, decision: now && programs.after.decisionOf(now.outcome) },
    );
  };
}

/** The route that decides, if the other plan has no equal route. */
export function changedRoutes(
  plans: Sides<Plan>,
  programs: Sides<PlanProgram>,
): NonNullable<Programs["ruleKey"]> {
  const routes = (plan: Plan) =>
    new Map(plan.sites.flatMap((site) => site.routes.map((route) => [route.id, route] as const)));
  const [old, now] = [routes(plans.before), routes(plans.after)];
  const known = new Map<RoutePlan, string>();
  const keyOf = (route: RoutePlan, others: ReadonlyMap<string, RoutePlan>) => {
    const other = others.get(route.id);
    return other !== undefined && identity(route) === identity(other) ? "" : route.id;
  };
  return ({ outcome }, side) => {
    const route = programs[side].decisionOf(outcome)?.route;
    if (route === undefined) return "";
    const key = known.get(route) ?? keyOf(route, side === "before" ? now : old);
    known.set(route, key);
    return key;
  };
}

/** Positions and reasons may differ while nothing changes. */
function identity(route: RoutePlan): string {
  return JSON.stringify(route, (key, part: unknown) =>
    key === "at" || key === "because" ? undefined : part,
  );
}

interface Decided {
  readonly rule: Pick<Rule, "at"> | undefined;
  readonly decision: PlanDecision | undefined;
}

/** `known`: the ids of the routes of the earlier plan. */
function causeOf(known: ReadonlySet<string>, old: Decided, now: Decided): Cause | null {
  const place = placeOf(now);
  const id = now.decision?.route?.id;
  const existed = id === undefined || known.has(id);
  // The deciding route may be unchanged: then a removed route preceded it.
  const preceded = place === undefined || (existed && old.decision?.route?.id !== id);
  const former = old.decision?.route === undefined && place !== undefined ? undefined : placeOf(old);
  if (preceded && former !== undefined) return { what: "removed", side: "before", at: former };
  return place === undefined ? null : { what: existed ? "changed" : "new", side: "after", at: place };
}

function placeOf({ rule, decision }: Decided) {
  return rule?.at ?? decision?.route?.at ?? decision?.site?.at ?? decision?.listener?.at;
}
