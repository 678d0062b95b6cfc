// The model's decisions for many requests: only routes whose path may match are considered.
import { indexRoutes, type RouteIndex } from "../check/route-index.ts";
import { queryModel } from "../lab/query-model.ts";
import { splitUrl } from "../lab/send.ts";
import type { Decision } from "../model/decide.ts";
import { readTarget } from "../model/request-target.ts";
import type { Plan } from "../plan/plan.ts";
import type { RoutePlan, SitePlan } from "../plan/site-plan.ts";
import { type Probe, requestOf } from "./probe.ts";

export interface PlanQueries {
  /** `client` is the address that HAProxy sees; default: the probe's. */
  readonly decide: (probe: Probe, client?: string) => Decision | null;
  /** The routes that a probe may reach, of every site that its host may belong to. */
  readonly candidates: (probe: Probe) => readonly RoutePlan[];
}

export function openPlanQueries(plan: Plan): PlanQueries {
  const indexes = new Map<SitePlan, RouteIndex>();
  const byHost = hostIndex(plan);
  const indexOf = (site: SitePlan): RouteIndex => {
    const known = indexes.get(site) ?? indexRoutes(site.routes);
    indexes.set(site, known);
    return known;
  };
  const narrowed = ({ url }: Probe): readonly SitePlan[] => {
    const { hostname, target } = splitUrl(url);
    const read = readTarget(target, plan.paths);
    const path = "problem" in read ? "/" : read.path;
    return byHost(hostname).map((site) => ({ ...site, routes: indexOf(site).candidates(path) }));
  };
  return {
    candidates: (probe) => narrowed(probe).flatMap(({ routes }) => routes),
    decide: (probe, client) =>
      queryModel({ ...plan, sites: narrowed(probe) }, probe.url, requestOf(probe), client),
  };
}

/** The sites that a host may belong to: its own, and those with wildcards, a catch-all or in-cluster clients. */
function hostIndex({ sites, listeners }: Plan): (host: string) => readonly SitePlan[] {
  const isOther = ({ name, hosts }: SitePlan) =>
    listeners.some(({ internalHostSite }) => internalHostSite === name) ||
    hosts.some(({ kind }) => kind !== "exact");
  const [others, own] = [sites.filter(isOther), sites.filter((site) => !isOther(site))];
  const named = own.flatMap((site) => site.hosts.map(({ name }) => ({ name, site })));
  const exact = Map.groupBy(named, ({ name }) => name);
  return (host) => [...(exact.get(host.toLowerCase()) ?? []).map(({ site }) => site), ...others];
}
