// Which requests two plans answer differently: every boundary of either is put to both models.
import type { Position } from "../findings/finding.ts";
import type { Decision } from "../model/decide.ts";
import type { Plan } from "../plan/plan.ts";
import type { RoutePlan } from "../plan/site-plan.ts";
import { type Outcome, outcomeOfDecision, sameOutcome } from "./outcome.ts";
import { planProbes } from "./plan-probes.ts";
import { distinctProbes, type Probe } from "./probe.ts";
import { openPlanQueries, type PlanQueries } from "./query-plan.ts";

export interface Compared {
  /** Every boundary of either plan. */
  readonly probes: readonly Probe[];
  readonly changed: readonly ChangedProbe[];
  /** Those that come to nothing that has changed: their outcome cannot be another. */
  readonly untouched: readonly Probe[];
}

export interface ChangedProbe {
  readonly probe: Probe;
  readonly before: Outcome;
  readonly after: Outcome;
  /** The place that decides now, or decided before; null: no line can be named. */
  readonly because: Cause | null;
}

export interface Cause {
  readonly what: "new" | "changed" | "removed";
  readonly side: "before" | "after";
  readonly at: Position;
}

export function comparePlans(before: Plan, after: Plan): Compared {
  const probes = distinctProbes([...planProbes(before), ...planProbes(after)]);
  const asked = { before: openPlanQueries(before), after: openPlanQueries(after) };
  const touched = touchedBy(before, after, asked);
  const known = new Set(before.sites.flatMap(({ routes }) => routes.map(({ id }) => id)));
  const changed: ChangedProbe[] = [];
  const untouched: Probe[] = [];
  for (const probe of probes) {
    if (!touched(probe)) {
      untouched.push(probe);
      continue;
    }
    const decisions = { before: asked.before.decide(probe), after: asked.after.decide(probe) };
    const outcomes = {
      before: outcomeOfDecision(before, decisions.before),
      after: outcomeOfDecision(after, decisions.after),
    };
    if (!sameOutcome(outcomes.before, outcomes.after))
      changed.push({ probe, ...outcomes, because: causeOf(known, decisions.before, decisions.after) });
  }
  return { probes, changed, untouched };
}

/**
 * A request's outcome follows from the routes that its host and path may come to, and from what holds for all of them: where
 * both are the same, there is nothing to ask. So a thousand routes cost little when one has changed.
 */
function touchedBy(
  before: Plan,
  after: Plan,
  asked: { readonly before: PlanQueries; readonly after: PlanQueries },
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
    const [old, now] = [asked.before.candidates(probe), asked.after.candidates(probe)];
    return (
      old.length !== now.length ||
      old.some((route, index) => {
        const other = now[index];
        return other === undefined || identities.before(route) !== identities.after(other);
      })
    );
  };
}

/** All that a route says and where it sends to, as text. */
function routeIdentities(plan: Plan): (route: RoutePlan) => string {
  const servers = new Map(plan.backends.map(({ name, servers: all }) => [name, withoutReasons(all)]));
  const known = new Map<RoutePlan, string>();
  return (route) => {
    const made =
      known.get(route) ??
      withoutReasons([
        route,
        route.action.kind === "forward" ? route.action.to.map(({ backend }) => servers.get(backend)) : [],
      ]);
    known.set(route, made);
    return made;
  };
}

/** Places and reasons may be others while nothing changes. */
function withoutReasons(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) =>
    key === "at" || key === "because" ? undefined : part,
  );
}

/** `known`: the ids of the routes that there were before. */
function causeOf(known: ReadonlySet<string>, old: Decision | null, now: Decision | null): Cause | null {
  const place = now?.route?.at ?? now?.site?.at;
  if (now !== null && place !== null && place !== undefined) {
    const id = now.route?.id;
    const existed = id === undefined || known.has(id);
    const wasChosen = old?.route?.id === id;
    // What now decides may be as it was: then a route that went before it is gone.
    const former = old?.route?.at ?? null;
    if (existed && !wasChosen && former !== null) return { what: "removed", side: "before", at: former };
    return { what: existed ? "changed" : "new", side: "after", at: place };
  }
  const former = old?.route?.at ?? old?.site?.at;
  return former === null || former === undefined ? null : { what: "removed", side: "before", at: former };
}
