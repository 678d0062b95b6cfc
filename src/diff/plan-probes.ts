// The requests at every boundary of a plan: each route matched, and missed by one condition at a time.
import { portText } from "../emit/haproxy/answers.ts";
import { allowed, within } from "../model/networks.ts";
import { readTarget } from "../model/request-target.ts";
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import type { RouteMatch, RoutePlan, SiteHost, SitePlan, ValueMatch } from "../plan/site-plan.ts";
import { boundsOf } from "./network-bounds.ts";
import { PLAIN_REQUEST, type Probe, UNKNOWN_HOST } from "./probe.ts";
import { samplesOf } from "./regex-sample.ts";

export function* planProbes(plan: Plan): Generator<Probe> {
  for (const listener of plan.listeners) {
    const endpoints = endpointsOf(plan, listener);
    for (const endpoint of endpoints) {
      yield at(endpoint, UNKNOWN_HOST, "/");
      for (const site of plan.sites) yield* siteProbes(listener, endpoint, site);
      // In-cluster clients on a public port have their own site there, whatever its hosts.
      const { internalHostPrefix: prefix, internalHostSite } = listener;
      const site = plan.sites.find(({ name }) => name === internalHostSite);
      if (prefix !== null && site !== undefined)
        for (const route of site.routes) yield* routeProbes(listener, endpoint, prefix, route);
    }
  }
}

/** How clients reach a listener: scheme, and the port as they write it. */
interface PlannedEndpoint {
  readonly scheme: "http" | "https";
  readonly port: number;
  readonly through: "public" | "internal";
}

function endpointsOf(plan: Plan, listener: ListenerPlan): readonly PlannedEndpoint[] {
  if (listener.entrance === "internal") return [{ scheme: "http", port: 80, through: "internal" }];
  return plan.loadBalancer.ports
    .filter((port) => port.listener === listener.name)
    .map(({ port }) => ({ scheme: listener.scheme, port: port.value, through: "public" }));
}

function* siteProbes(listener: ListenerPlan, endpoint: PlannedEndpoint, site: SitePlan): Generator<Probe> {
  const hosts = site.hosts.filter(({ entrances }) => entrances.includes(listener.entrance)).map(hostOf);
  const [first] = hosts;
  if (first === undefined) return;
  for (const host of hosts) yield at(endpoint, host, "/");
  const { trustedHeaders } = listener;
  if (trustedHeaders.length > 0)
    yield { ...at(endpoint, first, "/"), headers: trustedHeaders.map((name) => [name, "any"] as const) };
  // The stats endpoint answers every path in the same way.
  if (listener.does === "redirect" && !site.skipsHttpsRedirect) {
    yield at(endpoint, first, "/any?a=1");
    return;
  }
  if (listener.allow.length > 0)
    for (const from of [outside(listener.allow), ...boundsOf(listener.allow)])
      yield { ...at(endpoint, first, "/"), from };
  for (const route of site.routes) yield* routeProbes(listener, endpoint, first, route);
}

function hostOf({ kind, name }: SiteHost): string {
  if (kind === "any") return UNKNOWN_HOST;
  return kind === "exact" ? name : `any.${name}`;
}

function* routeProbes(
  listener: ListenerPlan,
  endpoint: PlannedEndpoint,
  host: string,
  route: RoutePlan,
): Generator<Probe> {
  const { match, allow, deny, maxBody } = route;
  const client = { ...conditions(match), from: clientOf(listener, route) };
  const under = (path: string): Probe => ({
    ...at(endpoint, host, path),
    ...client,
    url: urlOf(endpoint, host, path, match.query),
  });
  const met = under(pathOf(match));
  yield met;
  if (route.webSocket) yield { ...met, webSocket: !met.webSocket };
  const { kind, value } = match.path;
  if (kind === "prefix") {
    yield { ...under(value === "/" ? "/any" : `${value}/any`), below: true };
    if (value !== "/") yield under(`${value}any`);
  } else if (kind === "exact") yield under(`${value}/any`);
  yield* missing(endpoint, host, met, match);
  if (allow.length > 0) yield { ...met, from: outside(allow) };
  for (const from of boundsOf([...allow, ...deny])) yield { ...met, from };
  if (maxBody === null) return;
  const posted = { ...met, method: match.methods[0] ?? "POST" };
  if (maxBody.bytes <= LARGEST_BODY_BYTES) yield { ...posted, body: "x".repeat(maxBody.bytes + 1) };
  yield {
    ...posted,
    headers: [...met.headers, ["Transfer-Encoding", "chunked"]],
    body: "1\r\nx\r\n0\r\n\r\n",
  };
}

/** Larger bodies take too long. */
const LARGEST_BODY_BYTES = 64 * 1024;

/** One condition at a time is not met. */
function* missing(endpoint: PlannedEndpoint, host: string, met: Probe, match: RouteMatch): Generator<Probe> {
  const { methods, headers, query } = match;
  const urlWith = (unchanged: RouteMatch["query"]) => urlOf(endpoint, host, pathOf(match), unchanged);
  const others = ["GET", "POST", "DELETE"].filter((one) => !methods.includes(one));
  if (methods.length > 0) yield { ...met, method: others[0] ?? "PATCH" };
  for (const { name } of headers)
    yield name === "upgrade"
      ? { ...met, webSocket: false }
      : { ...met, headers: met.headers.filter(([own]) => own !== name) };
  for (const parameter of query) yield { ...met, url: urlWith(query.filter((other) => other !== parameter)) };
}

function conditions({ methods, headers }: RouteMatch): Pick<Probe, "method" | "headers" | "webSocket"> {
  const others = headers.filter(({ name }) => name !== "upgrade");
  return {
    method: methods.length === 0 || methods.includes("GET") ? "GET" : (methods[0] ?? "GET"),
    headers: others.map((header) => [header.name, matchingValue(header)] as const),
    // Routes see Upgrade only in a handshake.
    webSocket: others.length < headers.length,
  };
}

function matchingValue({ kind, value }: ValueMatch): string {
  if (kind === "exact") return value;
  return kind === "present" ? "any" : (samplesOf(value)[0] ?? "any");
}

function pathOf({ path: { kind, value } }: RouteMatch): string {
  if (kind !== "regex") return value;
  const paths = samplesOf(value).map((text) => (text.startsWith("/") ? text : `/${text}`));
  // Under `as-is` routing, `/%` would be a bad request and `//` another path.
  const isNormal = (path: string) => {
    const read = readTarget(path, "normal");
    return "path" in read && read.path === path;
  };
  return paths.find(isNormal) ?? paths[0] ?? "/";
}

function at(endpoint: PlannedEndpoint, host: string, path: string): Probe {
  return { ...PLAIN_REQUEST, url: urlOf(endpoint, host, path, []), through: endpoint.through };
}

function urlOf(
  { scheme, port }: PlannedEndpoint,
  host: string,
  path: string,
  query: readonly ValueMatch[],
): string {
  const parameters = query.map((one) => `${one.name}=${encodeURIComponent(matchingValue(one))}`).join("&");
  const sign = path.includes("?") ? "&" : "?";
  const appended = parameters === "" ? "" : `${sign}${parameters}`;
  return `${scheme}://${host}${portText(scheme, port)}${path}${appended}`;
}

/** Addresses for documentation (RFC 5737, RFC 3849) and a private one. */
const CLIENTS = ["203.0.113.7", "198.51.100.9", "192.0.2.1", "10.1.2.3", "2001:db8::1", "fd00::7"] as const;

/** A client that listener and route allow; null: all are allowed, or none is. */
function clientOf({ allow: entrance }: ListenerPlan, { allow, deny }: RoutePlan): string | null {
  if (allow.length === 0 && deny.length === 0 && entrance.length === 0) return null;
  const welcome = (client: string) =>
    allowed(client, entrance) && allowed(client, allow) && !within(client, deny);
  return [...CLIENTS, ...allow.map(insideOf), ...entrance.map(insideOf)].find(welcome) ?? null;
}

function outside(networks: readonly string[]): string {
  return CLIENTS.find((client) => !within(client, networks)) ?? CLIENTS[0];
}

/** The network's own first address. */
function insideOf(network: string): string {
  return network.split("/")[0] ?? network;
}
