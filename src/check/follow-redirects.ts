// Follows redirects through the model, as a browser does, to find those that come back to where they came from.
import { decide, type ModelRequest } from "../model/decide.ts";
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import type { RoutePlan, SitePlan, ValueMatch } from "../plan/site-plan.ts";
import { indexRoutes, type RouteIndex } from "./route-index.ts";

/** One redirect on the way; without a route it is the entrance's own, from plain HTTP to HTTPS. */
export interface Hop {
  readonly url: string;
  readonly route: RoutePlan | null;
}

/** Browsers give up after 20; what has not ended after 10 does not. */
const MOST_HOPS = 10;
/** An address for documentation (RFC 5737): no list of a real edge names it. */
const ANY_CLIENT = "203.0.113.7";

export interface Follower {
  /** The hops that repeat without end when a request for this route is followed, or null: it ends, or leaves the edge. */
  readonly loopOf: (site: SitePlan, route: RoutePlan) => readonly Hop[] | null;
}

interface Step {
  readonly listener: ListenerPlan;
  readonly site: SitePlan;
  readonly url: URL;
  readonly method: string;
}

export function openFollower(plan: Plan): Follower {
  const hosts = exactHosts(plan);
  const indexes = new Map<SitePlan, RouteIndex>();
  const indexOf = (site: SitePlan) => {
    const index = indexes.get(site) ?? indexRoutes(site.routes);
    indexes.set(site, index);
    return index;
  };
  const answer = (step: Step, like: RoutePlan) => {
    const target = `${step.url.pathname}${step.url.search}`;
    const request: ModelRequest = {
      listener: step.listener.name,
      method: step.method,
      target,
      headers: [
        ["Host", step.url.hostname],
        ...like.match.headers.map(
          ({ name, kind, value }) =>
            [name, kind === "exact" ? Buffer.from(value).toString("latin1") : "1"] as const,
        ),
      ],
      client: (like.allow[0] ?? step.listener.allow[0] ?? ANY_CLIENT).split("/")[0] ?? ANY_CLIENT,
    };
    return decide(
      { ...plan, sites: [narrowed(step.site, indexOf(step.site).candidates(step.url.pathname))] },
      request,
    );
  };
  const loopFrom = (start: Step, route: RoutePlan): readonly Hop[] | null => {
    const hops: Hop[] = [];
    const seen = new Map<string, number>();
    for (let step: Step | null = start; step !== null && hops.length < MOST_HOPS; ) {
      const key = `${step.listener.name} ${step.method} ${step.url.href}`;
      const before = seen.get(key);
      if (before !== undefined) return hops.slice(before);
      seen.set(key, hops.length);
      const { location, status, route: taken } = answer(step, route);
      if (location === null) return null;
      if (hops.length === 0 && taken !== route) return null;
      hops.push({ url: step.url.href, route: taken });
      step = next(plan, hosts, step, location, status ?? 302);
    }
    return hops.length === MOST_HOPS ? hops : null;
  };
  return {
    loopOf(site, route) {
      const { action } = route;
      if (
        action.kind !== "redirect" ||
        (action.redirect.location !== null && leaves(action.redirect.location, hosts))
      )
        return null;
      for (const start of starts(plan, site, route)) {
        const loop = loopFrom(start, route);
        if (loop !== null) return loop;
      }
      return null;
    },
  };
}

function exactHosts(plan: Plan): ReadonlyMap<string, SitePlan> {
  const hosts = new Map<string, SitePlan>();
  for (const site of plan.sites) {
    for (const { kind, name, entrances } of site.hosts) {
      if (kind === "exact") for (const entrance of entrances) hosts.set(`${entrance} ${name}`, site);
    }
  }
  return hosts;
}

/** Whether a fixed location is on a host that no site names. A wildcard's or a catch-all's may well lie elsewhere. */
function leaves(location: string, hosts: ReadonlyMap<string, SitePlan>): boolean {
  if (location.startsWith("/") && !location.startsWith("//")) return false;
  const { hostname } = new URL(location, "http://host");
  return !hosts.has(`public ${hostname}`) && !hosts.has(`internal ${hostname}`);
}

/** A request for the route on every port that serves its site; none where a condition can only be guessed. */
function starts(plan: Plan, site: SitePlan, { match }: RoutePlan): readonly Step[] {
  const guessed =
    match.path.kind === "regex" || [...match.headers, ...match.query].some(({ kind }) => kind === "regex");
  if (guessed) return [];
  const query = match.query.map(queryText).join("&");
  return plan.listeners.flatMap((listener) => {
    const host = site.hosts.find(({ entrances }) => entrances.includes(listener.entrance));
    if (host === undefined || listener.does === "redirect") return [];
    const name =
      host.kind === "exact" ? host.name : host.kind === "wildcard" ? `any.${host.name}` : "any.invalid";
    const url = new URL(
      `${listener.scheme}://${name}${portText(plan, listener)}${match.path.value}${query === "" ? "" : `?${query}`}`,
    );
    return [{ listener, site, url, method: match.methods[0] ?? "GET" }];
  });
}

function queryText({ name, kind, value }: ValueMatch): string {
  return kind === "present" ? name : `${name}=${encodeURIComponent(value)}`;
}

function portText(plan: Plan, listener: ListenerPlan): string {
  const port = plan.loadBalancer.ports.find((one) => one.listener === listener.name)?.port.value;
  return port === undefined ? "" : `:${port}`;
}

/** Where the location leads within the edge, or null: elsewhere. */
function next(
  plan: Plan,
  hosts: ReadonlyMap<string, SitePlan>,
  from: Step,
  location: string,
  status: number,
): Step | null {
  if (!URL.canParse(location, from.url.href)) return null;
  const url = new URL(location, from.url.href);
  const listener = listenerFor(plan, from, url);
  if (listener === undefined) return null;
  const site =
    url.hostname === from.url.hostname ? from.site : hosts.get(`${listener.entrance} ${url.hostname}`);
  // 307 and 308 keep the method; browsers turn the others into GET (RFC 9110, 15.4).
  return site === undefined
    ? null
    : { listener, site, url, method: status === 307 || status === 308 ? from.method : "GET" };
}

function listenerFor(plan: Plan, from: Step, url: URL): ListenerPlan | undefined {
  if (url.origin === from.url.origin) return from.listener;
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const way = plan.loadBalancer.ports.find((one) => one.port.value === port);
  return plan.listeners.find(({ name, scheme }) => name === way?.listener && `${scheme}:` === url.protocol);
}

/** The site with the routes that can match. A catch-all of fixed redirects is treated otherwise, so that it must be seen whether this is one. */
function narrowed(site: SitePlan, candidates: readonly RoutePlan[]): SitePlan {
  const other = site.routes.find(
    ({ action }) => action.kind !== "redirect" || action.redirect.location === null,
  );
  return {
    ...site,
    routes: other === undefined || candidates.includes(other) ? candidates : [...candidates, other],
  };
}
