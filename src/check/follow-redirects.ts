// Follows redirects through the model, as a browser does, to find loops.

import { decide } from "../model/decide.ts";
import { passedOn } from "../model/forwarded.ts";
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import type { RoutePlan, SitePlan, ValueMatch } from "../plan/site-plan.ts";
import { indexRoutes, type RouteIndex } from "./route-index.ts";

/** One redirect of the chain; without a route, the listener's redirect from plain HTTP to HTTPS. */
export interface Hop {
  readonly url: string;
  readonly route: RoutePlan | null;
}

/** Paths that grow with every step never repeat: a route that matches this often is a loop. */
const MOST_TIMES = 10;
/** An address for documentation (RFC 5737): no list of a real edge names it. */
const ANY_CLIENT = "203.0.113.7";

export interface Follower {
  /**
   * The hops that repeat without end when a request for this route is followed, or undefined: it ends, leaves the edge, or
   * runs into hops that were followed before.
   */
  readonly loopOf: (site: SitePlan, route: RoutePlan) => readonly Hop[] | undefined;
}

interface Step {
  readonly listener: ListenerPlan;
  readonly site: SitePlan;
  readonly url: URL;
  readonly method: string;
}

/** Headers that the route requires, sent with every step. */
interface Browser {
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly client: string;
}

export function openFollower(plan: Plan): Follower {
  const hosts = exactHosts(plan);
  const sites = siteLookup();
  const followed = new Set<string>();
  const follow = (start: Step, route: RoutePlan): readonly Hop[] | undefined => {
    const browser = browserFor(start, route);
    const who = JSON.stringify(browser);
    const hops: Hop[] = [];
    const seen = new Map<string, number>();
    const times = new Map<RoutePlan | null, number>();
    for (let step: Step | undefined = start; step !== undefined; ) {
      const key = `${who} ${step.listener.name} ${step.method} ${step.url.href}`;
      const before = seen.get(key);
      if (before !== undefined) return hops.slice(before);
      if (followed.has(key)) return undefined;
      const request = {
        ...browser,
        listener: step.listener.name,
        method: step.method,
        target: `${step.url.pathname}${step.url.search}`,
      };
      const headers = [["Host", step.url.hostname] as const, ...browser.headers];
      const answer = decide(
        { ...plan, sites: [sites.narrowed(step.site, step.url.pathname)] },
        { ...request, headers: passedOn(step.listener, headers, browser.client) },
      );
      if (hops.length === 0 && answer.route !== route) return undefined;
      seen.set(key, hops.length);
      followed.add(key);
      if (answer.location === null) return undefined;
      hops.push({ url: step.url.href, route: answer.route });
      const taken = (times.get(answer.route) ?? 0) + 1;
      if (taken === MOST_TIMES) return hops.slice(hops.findIndex((hop) => hop.route === answer.route));
      times.set(answer.route, taken);
      step = next(plan, hosts, step, answer.location, answer.status ?? 302);
    }
    return undefined;
  };
  return {
    loopOf(site, route) {
      if (route.action.kind !== "redirect") return undefined;
      const { location } = route.action.redirect;
      if (location !== null && leaves(location, hosts)) return undefined;
      for (const start of starts(plan, site, route)) {
        const loop = follow(start, route);
        if (loop !== undefined) return loop;
      }
      return undefined;
    },
  };
}

function browserFor({ listener }: Step, { match, allow }: RoutePlan): Browser {
  const headers = match.headers.map(
    ({ name, kind, value }) =>
      [name, kind === "exact" ? Buffer.from(value).toString("latin1") : "1"] as const,
  );
  return { headers, client: (allow[0] ?? listener.allow[0] ?? ANY_CLIENT).split("/")[0] ?? ANY_CLIENT };
}

/** Sites with the routes that can match a path, so that a step does not look at all others. */
function siteLookup(): { readonly narrowed: (site: SitePlan, path: string) => SitePlan } {
  const known = new Map<SitePlan, { readonly index: RouteIndex; readonly other: RoutePlan | undefined }>();
  return {
    narrowed(site, path) {
      const { index, other } = known.get(site) ?? {
        index: indexRoutes(site.routes),
        // A catch-all that contains only fixed redirects is treated differently.
        other: site.routes.find(
          ({ action }) => action.kind !== "redirect" || action.redirect.location === null,
        ),
      };
      known.set(site, { index, other });
      const candidates = index.candidates(path);
      return {
        ...site,
        routes: other === undefined || candidates.includes(other) ? candidates : [...candidates, other],
      };
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

/** Whether a fixed location is on a host that no site names. A wildcard or a catch-all may redirect to another server. */
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
    if (host === undefined || listener.httpsRedirect !== null) return [];
    const name = { exact: host.name, wildcard: `any.${host.name}`, any: "any.invalid" }[host.kind];
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

/** Where the location leads within the edge, or undefined: elsewhere. */
function next(
  plan: Plan,
  hosts: ReadonlyMap<string, SitePlan>,
  from: Step,
  location: string,
  status: number,
): Step | undefined {
  const url = URL.parse(location, from.url.href);
  if (url === null) return undefined;
  const listener = listenerFor(plan, from, url);
  if (listener === undefined) return undefined;
  const site =
    url.hostname === from.url.hostname ? from.site : hosts.get(`${listener.entrance} ${url.hostname}`);
  // 307 and 308 keep the method; browsers turn the others into GET (RFC 9110, 15.4).
  return site === undefined
    ? undefined
    : { listener, site, url, method: status === 307 || status === 308 ? from.method : "GET" };
}

function listenerFor(plan: Plan, from: Step, url: URL): ListenerPlan | undefined {
  if (url.origin === from.url.origin) return from.listener;
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const balancerPort = plan.loadBalancer.ports.find((one) => one.port.value === port);
  return plan.listeners.find(
    ({ name, scheme }) => name === balancerPort?.listener && `${scheme}:` === url.protocol,
  );
}
