// The plan's routes as tables that HAProxy looks up: hosts, paths, conditions, shares. Cost per request does not grow with routes.
import type { Plan } from "../plan.ts";
import type { RoutePlan, SitePlan } from "../site-plan.ts";
import { type ConditionTable, conditionTables } from "./conditions.ts";
import { type HostTable, hostTables } from "./hosts.ts";
import { NOTHING, NOTHING_RANK, type PathTables, pathTables } from "./paths.ts";
import { isRuled, type RuledRoute } from "./ruled.ts";
import { nameSections, type Section } from "./sections.ts";
import { type ShareTable, shareTable } from "./shares.ts";

/** A line of a map file. Keys hold no white space; a value reaches to the end of its line. */
export interface MapEntry {
  readonly key: string;
  readonly value: string;
}

export interface Routing {
  /** One table for all entrances, or one each where they differ. */
  readonly hosts: readonly HostTable[];
  readonly paths: PathTables;
  /** One a shape of conditions; a request asks each for its own values. */
  readonly conditions: readonly ConditionTable[];
  /** Routes that need a rule of their own, the least specific first, so that the last that applies wins. */
  readonly ruled: readonly RuledRoute[];
  readonly shares: ShareTable;
  readonly sections: readonly Section[];
  /** Whether more than one table or rule can propose a route, so that ranks must be compared. */
  readonly ranked: boolean;
}

/** A route with its site and its rank there: 1 is tried first. */
export interface RankedRoute {
  readonly site: SitePlan;
  readonly route: RoutePlan;
  readonly rank: number;
}

export function routingOf(plan: Plan): Routing {
  const sites = plan.sites.map((site) =>
    site.routes.map((route, index): RankedRoute => ({ site, route, rank: index + 1 })),
  );
  const all = sites.flat();
  const sections = nameSections(all);
  const ruled = all.filter(({ route }) => isRuled(route.match));
  const shapes = new Set(
    all.filter(({ route }) => !isRuled(route.match)).map(({ route }) => shapeKey(route)),
  );
  shapes.delete("");
  const ranked = ruled.length > 0 || shapes.size > 1;
  const value = (one: RankedRoute | null, set: string | null) => {
    const words = one === null ? [NOTHING] : [sections.of(one.route), one.route.id];
    if (ranked) return [...words, set ?? "-", one?.rank ?? NOTHING_RANK].join(" ");
    return set === null ? words.join(" ") : [...words, set].join(" ");
  };
  const { tables, sets } = pathTables(sites, value);
  return {
    hosts: hostTables(plan),
    paths: tables,
    conditions: conditionTables(sets, value),
    ruled: ruled.map((one) => ({ ...one, value: value(one, null) })).sort((a, b) => b.rank - a.rank),
    shares: shareTable(all),
    sections: sections.list,
    ranked,
  };
}

function shapeKey({ match }: RoutePlan): string {
  return [
    match.methods.length > 0 ? "method" : "",
    ...match.headers.map(({ name, kind }) => `h:${kind}:${name}`),
    ...match.query.map(({ name }) => `q:${name}`),
  ]
    .filter((part) => part !== "")
    .join(" ");
}
