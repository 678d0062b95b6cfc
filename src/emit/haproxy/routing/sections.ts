// The sections of haproxy.cfg for routes: a backend's own, or one that returns a response itself, and which routes share it.
import type { Plan } from "../../../plan/plan.ts";
import { freeName } from "../../../plan/proxy-names.ts";
import type { RouteAction, RoutePlan } from "../../../plan/site-plan.ts";
import type { RankedRoute } from "./routing.ts";
import { partsOf } from "./shares.ts";

export interface Section {
  readonly name: string;
  /** Its backend; undefined for one that returns a response itself. */
  readonly backend: string | undefined;
  /** Its response; undefined for a backend. */
  readonly answer: Exclude<RouteAction, { kind: "forward" }> | undefined;
  /** Every route that uses it. */
  readonly routes: readonly RoutePlan[];
}

/** `of` gives what the path tables hold for a route: a section, or `shares/N` where one is drawn. */
export function nameSections(
  plan: Pick<Plan, "backends">,
  routes: readonly RankedRoute[],
): {
  readonly of: (route: RoutePlan) => string;
  readonly list: readonly Section[];
} {
  const sections = new Map<string, { section: Omit<Section, "routes">; routes: RoutePlan[] }>();
  const taken = new Set(plan.backends.map(({ name }) => name));
  const byAnswer = new Map<string, string>();
  const first = new Map<RoutePlan, string>();
  const join = (section: Omit<Section, "routes">, route: RoutePlan) => {
    const known = sections.get(section.name);
    if (known === undefined) sections.set(section.name, { section, routes: [route] });
    else known.routes.push(route);
  };
  for (const { route } of routes) {
    const { action } = route;
    if (action.kind === "forward") {
      const drawn = action.to.filter(({ weight }) => weight > 0);
      for (const { backend } of drawn) join({ name: backend, backend, answer: undefined }, route);
      const parts = partsOf(route);
      first.set(route, parts === undefined ? (drawn[0]?.backend ?? "") : `shares/${parts}`);
      continue;
    }
    const key = answerKey(route, action);
    const name = byAnswer.get(key) ?? freeName(taken, `${action.kind}-${nameOf(route.id)}`);
    taken.add(name);
    byAnswer.set(key, name);
    first.set(route, name);
    join({ name, backend: undefined, answer: action }, route);
  }
  return {
    of: (route) => first.get(route) ?? "-",
    list: [...sections.values()].map(({ section, routes: led }) => ({ ...section, routes: led })),
  };
}

/** Two routes share an answer when it is the same text; a replaced prefix depends on the path that was matched. */
function answerKey(route: RoutePlan, action: Exclude<RouteAction, { kind: "forward" }>): string {
  const prefix =
    action.kind === "redirect" && action.redirect.path?.kind === "prefix" ? route.match.path.value : "";
  return JSON.stringify([action, prefix]);
}

/** The part of a route's id that a section's name may contain (HAProxy manual section 2.1). */
function nameOf(id: string): string {
  return id
    .replaceAll("*", "any")
    .replace(/[^A-Za-z0-9.-]+/g, "_")
    .replace(/^_|_$/g, "")
    .slice(0, 60);
}
