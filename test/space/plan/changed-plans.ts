// A plan with one random change, for comparisons.

import fc from "fast-check";
import { NO_EDITS } from "../../../src/plan/header-edits.ts";
import type { ListenerPlan, Plan } from "../../../src/plan/plan.ts";
import type { RoutePlan, SitePlan } from "../../../src/plan/site-plan.ts";

type Change = (plan: Plan, draws: Draws) => Plan;

/** Random choices, the same for the same seed. */
interface Draws {
  readonly one: <T>(all: readonly T[]) => T | undefined;
}

/** Plans are changed, not descriptions: the order of routes may be one that no description gives. */
export function changedPlan(plan: Plan, seed: number): Plan {
  const numbers = fc.sample(fc.noBias(fc.nat()), { seed, numRuns: 20 });
  const one = <T>(all: readonly T[]) => all[(numbers.pop() ?? 0) % Math.max(all.length, 1)];
  const change = one(CHANGES);
  return change === undefined ? plan : change(plan, { one });
}

function inSite(change: (site: SitePlan, draws: Draws, plan: Plan) => SitePlan): Change {
  return (plan, draws) => {
    const chosen = draws.one(plan.sites);
    return { ...plan, sites: plan.sites.map((site) => (site === chosen ? change(site, draws, plan) : site)) };
  };
}

function inRoute(change: (route: RoutePlan, draws: Draws, plan: Plan) => RoutePlan): Change {
  return inSite((site, draws, plan) => {
    const chosen = draws.one(site.routes);
    return {
      ...site,
      routes: site.routes.map((route) => (route === chosen ? change(route, draws, plan) : route)),
    };
  });
}

function inListener(change: (listener: ListenerPlan, draws: Draws) => ListenerPlan): Change {
  return (plan, draws) => {
    const chosen = draws.one(plan.listeners);
    return {
      ...plan,
      listeners: plan.listeners.map((one) => (one === chosen ? change(one, draws) : one)),
    };
  };
}

const NETWORKS = [[], ["203.0.113.0/24"], ["10.0.0.0/8", "::/0"], ["203.0.113.7", "2001:db8::/32"]] as const;
const EDITS = [
  { ...NO_EDITS, remove: [{ name: "x-a" }, { name: "X-Real-IP" }] },
  { ...NO_EDITS, set: [{ name: "X-B", value: "b" }], add: [{ name: "x-b", value: "c" }] },
  { ...NO_EDITS, set: [{ name: "x-forwarded-for", value: "é" }] },
  { ...NO_EDITS, setIfAbsent: [{ name: "x-b", value: "d" }] },
] as const;

/** A route of the same kind of path, whose action and rewrites fit. */
function like(route: RoutePlan, { one }: Draws, { sites }: Plan): RoutePlan {
  const all = sites.flatMap(({ routes }) => routes);
  return one(all.filter(({ match }) => match.path.kind === route.match.path.kind)) ?? route;
}

const CHANGES: readonly Change[] = [
  (plan) => plan,
  inSite((site, { one }) => {
    const gone = site.routes.length > 1 ? one(site.routes) : undefined;
    return { ...site, routes: site.routes.filter((route) => route !== gone) };
  }),
  inSite((site) => ({ ...site, routes: [...site.routes.slice(1), ...site.routes.slice(0, 1)] })),
  inSite((site) => ({ ...site, hsts: site.hsts === null ? "max-age=1" : null })),
  inSite((site) => ({
    ...site,
    ambiguousPaths: {
      ...site.ambiguousPaths,
      value: site.ambiguousPaths.value === "refuse" ? "allow" : "refuse",
    },
  })),
  inSite((site, { one }) => {
    // A site without hosts is none.
    const gone = site.hosts.length > 1 ? one(site.hosts) : undefined;
    return { ...site, hosts: site.hosts.filter((host) => host !== gone) };
  }),
  inRoute((route, draws, plan) => ({ ...route, action: like(route, draws, plan).action })),
  inRoute((route, draws, plan) => ({ ...route, rewrite: like(route, draws, plan).rewrite })),
  inRoute((route, draws, plan) => ({
    ...route,
    match: { ...like(route, draws, plan).match, path: route.match.path },
  })),
  inRoute((route, draws, plan) => ({
    ...route,
    match: { ...route.match, path: like(route, draws, plan).match.path },
  })),
  inRoute((route, { one }) => ({ ...route, allow: one(NETWORKS) ?? [] })),
  inRoute((route, { one }) => ({ ...route, deny: one(NETWORKS) ?? [] })),
  inRoute((route, { one }) => ({ ...route, requestHeaders: one(EDITS) ?? route.requestHeaders })),
  inRoute((route, { one }) => ({ ...route, responseHeaders: one(EDITS) ?? route.responseHeaders })),
  inRoute((route, { one }) => ({ ...route, ownResponseHeaders: one(EDITS) })),
  inRoute((route) => ({ ...route, webSocket: !route.webSocket })),
  inRoute((route, { one }) => ({
    ...route,
    maxBody: {
      bytes: one([0, 5, 100, 2 ** 40]) ?? 0,
      unknownLength: one(["refuse", "allow"] as const) ?? "refuse",
    },
  })),
  inListener((listener, { one }) => ({ ...listener, allow: one(NETWORKS) ?? [] })),
  inListener((listener) => ({
    ...listener,
    httpsRedirect: listener.httpsRedirect === null ? { status: 301 } : null,
  })),
  inListener((listener) => ({ ...listener, redirectPorts: { http: 81, https: 444 } })),
  inListener((listener) => ({ ...listener, trustedHeaders: ["cf-connecting-ip", "x-real-ip"] })),
  (plan) => ({ ...plan, errorPages: [{ status: 404, html: "none" }] }),
  (plan, { one }) => {
    const chosen = one(plan.backends);
    const changed = (servers: Plan["backends"][number]["servers"]) =>
      servers.map((server) => ({ ...server, port: server.port + 1 }));
    return {
      ...plan,
      backends: plan.backends.map((backend) =>
        backend === chosen ? { ...backend, servers: changed(backend.servers) } : backend,
      ),
    };
  },
];
