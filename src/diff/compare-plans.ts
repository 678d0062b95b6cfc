// Finds the requests that two plans answer differently: both models decide every boundary of either plan.

import type { Position } from "../findings/finding.ts";
import type { Decision } from "../model/decide.ts";
import type { Plan } from "../plan/plan.ts";
import type { RoutePlan } from "../plan/site-plan.ts";
import { type AllRequests, compareAllRequests } from "./all-requests.ts";
import { type Outcome, outcomeOfDecision, sameOutcome } from "./outcome.ts";
import { planProbes } from "./plan-probes.ts";
import { distinctProbes, type Probe } from "./probe.ts";
import { openPlanQueries, type PlanQueries } from "./query-plan.ts";

export interface Compared {
  readonly probes: readonly Probe[];
  readonly changed: readonly ChangedProbe[];
  /** Boundaries that reach nothing changed: their outcome is the same. */
  readonly untouched: readonly Probe[];
  readonly all: AllRequests;
}

export interface ChangedProbe {
  readonly probe: Probe;
  readonly before: Outcome;
  readonly after: Outcome;
  /** Where the deciding line is, or was; null: there is no such line. */
  readonly because: Cause | null;
}

export interface Cause {
  readonly what: "new" | "changed" | "removed";
  readonly side: "before" | "after";
  readonly at: Position;
}

export function comparePlans(before: Plan, after: Plan): Compared {
  const all = compareAllRequests(before, after);
  const ofParts = all.parts.flatMap(({ probe }) => probe ?? []);
  const probes = distinctProbes([...planProbes(before), ...planProbes(after), ...ofParts]);
  const queries = { before: openPlanQueries(before), after: openPlanQueries(after) };
  const touched = touchedBy(before, after, queries);
  const known = new Set(before.sites.flatMap(({ routes }) => routes.map(({ id }) => id)));
  const changed: ChangedProbe[] = [];
  const untouched: Probe[] = [];
  for (const probe of probes) {
    if (!touched(probe)) {
      untouched.push(probe);
      continue;
    }
    const [old, now] = [queries.before.decide(probe), queries.after.decide(probe)];
    const outcomes = { before: outcomeOfDecision(before, old), after: outcomeOfDecision(after, now) };
    if (!sameOutcome(outcomes.before, outcomes.after))
      changed.push({ probe, ...outcomes, because: causeOf(known, old, now) });
  }
  return { probes, changed, untouched, all };
}

/**
 * A request's outcome follows from the routes that its host and path may reach, and from what holds for all of them. Where
 * both are equal, the models are not queried: comparing a thousand routes is cheap when one has changed.
 */
function touchedBy(
  before: Plan,
  after: Plan,
  queries: { readonly before: PlanQueries; readonly after: PlanQueries },
): (probe: Probe) => boolean {
  const around = (plan: Plan) =>
    withoutReasons({
      paths: plan.paths,
      listeners: plan.listeners,
      ports: plan.loadBalancer.ports,
      errorPages: plan.errorPages,
      sites: plan.sites.map(({ routes: _, ...site }) => site),
    });
  if (around(before) !== around(after)) return () => true;
  const identities = { before: routeIdentities(before), after: routeIdentities(after) };
  return (probe) => {
    const [old, now] = [queries.before.candidates(probe), queries.after.candidates(probe)];
    return (
      old.length !== now.length ||
      old.some((route, index) => {
        const other = now[index];
        return other === undefined || identities.before(route) !== identities.after(other);
      })
    );
  };
}

/** Everything a route decides and its backends, as text. */
function routeIdentities(plan: Plan): (route: RoutePlan) => string {
  const servers = new Map(plan.backends.map(({ name, servers: all }) => [name, withoutReasons(all)]));
  const known = new Map<RoutePlan, string>();
  return (route) => {
    const { action } = route;
    const to = action.kind === "forward" ? action.to.map(({ backend }) => servers.get(backend)) : [];
    const identity = known.get(route) ?? withoutReasons([route, to]);
    known.set(route, identity);
    return identity;
  };
}

/** Positions and reasons may differ while nothing changes. */
function withoutReasons(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) =>
    key === "at" || key === "because" ? undefined : part,
  );
}

/** `known`: the ids of the routes of the earlier plan. */
function causeOf(known: ReadonlySet<string>, old: Decision | null, now: Decision | null): Cause | null {
  const place = now?.route?.at ?? now?.site?.at;
  const id = now?.route?.id;
  const existed = id === undefined || known.has(id);
  // The deciding route may be unchanged: then a removed route preceded it.
  const preceded = place === undefined || (existed && old?.route?.id !== id);
  const former = old?.route?.at ?? (place === undefined ? old?.site?.at : undefined);
  if (preceded && former !== undefined) return { what: "removed", side: "before", at: former };
  return place === undefined ? null : { what: existed ? "changed" : "new", side: "after", at: place };
}
