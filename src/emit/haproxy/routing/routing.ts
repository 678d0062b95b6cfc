// The plan's routes as tables that HAProxy looks up: hosts, paths, conditions, shares. Cost per request does not grow with routes.
import type { Plan } from "../../../plan/plan.ts";
import { noRouteName } from "../../../plan/proxy-names.ts";
import type { RoutePlan, SitePlan } from "../../../plan/site-plan.ts";
import type { Place } from "../../file.ts";
import { type ConditionSet, type ConditionTable, collectConditions, shapeKey } from "./conditions.ts";
import { type HostTable, hostTables } from "./hosts.ts";
import { type PathTables, pathTables } from "./paths.ts";
import { isConditional, isRuled, type RuledRoute } from "./ruled.ts";
import { nameSections, type Section } from "./sections.ts";
import { type ShareTable, shareTable } from "./shares.ts";

/** A line of a map file. Keys hold no white space; a value reaches to the end of its line. */
export interface MapEntry {
  readonly key: string;
  readonly value: string;
  /** The place of the site or route in the description. */
  readonly at: Place;
}

export interface Routing {
  /** One table for all entrances, or one each where they differ. */
  readonly hosts: readonly HostTable[];
  readonly paths: PathTables;
  /** The value of a table if no path selects a route. */
  readonly nothing: string;
  /** One per shape of conditions; a request looks up its own values in each. */
  readonly conditions: readonly ConditionTable[];
  /** Routes that need their own rule, the least specific first, so that the last match wins. */
  readonly ruled: readonly RuledRoute[];
  readonly shares: ShareTable;
  readonly sections: readonly Section[];
  /** Whether more than one table or rule can propose a route: values begin with a rank then, and the lowest wins. */
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
  const sections = nameSections(plan, all);
  const ruled = all.filter(({ route }) => isRuled(route.match));
  const inTables = all.filter(({ route }) => !isRuled(route.match) && isConditional(route.match));
  const shapes = new Set(inTables.map(({ route }) => shapeKey(route.match)));
  const ranked = ruled.length > 0 || shapes.size > 1;
  const rankWord = rankWords(sites.reduce((most, { length }) => Math.max(most, length), 0));
  const noRoute = noRouteName(plan);
  const value = (one: RankedRoute | undefined, set: ConditionSet | undefined) =>
    [
      ...(ranked ? [rankWord(one?.rank ?? undefined)] : []),
      ...(one === undefined ? [noRoute, "-"] : [sections.of(one.route), one.route.id]),
      ...(set === undefined ? [] : [set.key]),
      ...(set !== undefined && ranked ? [set.tables] : []),
    ].join(" ");
  const conditions = collectConditions((one) => value(one, undefined));
  const paths = pathTables(sites, value, conditions.setOf);
  return {
    hosts: hostTables(plan),
    paths,
    nothing: value(undefined, undefined),
    conditions: conditions.tables(),
    ruled: ruled
      .map((one) => ({ ...one, rankWord: rankWord(one.rank), value: value(one, undefined) }))
      .sort((a, b) => b.rank - a.rank),
    shares: shareTable(all),
    sections: sections.list,
    ranked,
  };
}

/** Ranks all of one length, so that HAProxy compares them as text; undefined, which means no route, is the highest. */
function rankWords(mostRoutes: number): (rank: number | undefined) => string {
  const length = Math.max(4, String(mostRoutes + 1).length);
  return (rank) => (rank === undefined ? "9".repeat(length) : String(rank).padStart(length, "0"));
}
