// How one request gets into a running edge: by the load balancer's double, the real one, or past both; or why it does not.

import { within } from "../model/networks.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import type { Route } from "./http/dial.ts";
import { listenerFor } from "./planned-listener.ts";
import { DEFAULT_CLIENT, proxyHeader, splitUrl, type UrlParts } from "./send.ts";
import type { LoadBalancer } from "./simulators/load-balancer-spec.ts";
import type { InternalEndpoint, TargetEndpoints } from "./target-endpoints.ts";

export interface TargetPath {
  readonly route: Route;
  /** The listener's name; null: a port of the real load balancer that no listener has. */
  readonly listener: string | null;
  /** The client as HAProxy sees it; null: nobody here can tell. */
  readonly client: string | null;
  /** Whether the certificate is the edge's own, and not the double's. */
  readonly ownCertificate: boolean;
  readonly inside?: InternalEndpoint;
  /** What the load balancer would add to the request is added here: nobody else does on this way. */
  readonly forwards?: boolean;
}

/** `refused`: nobody leads there, which is known without asking. */
export type FoundPath = TargetPath | { readonly notTested: string } | { readonly refused: string };

/** The end of a port forward, as HAProxy sees it. */
const INSIDE_CLIENT = "127.0.0.1";

export async function findPath(
  plan: Plan,
  endpoints: TargetEndpoints,
  simulator: LoadBalancer | undefined,
  { request }: ExpectationPlan,
): Promise<FoundPath> {
  const asked = splitUrl(request.url);
  if (request.through === "internal") return internalPath(plan, endpoints, asked, request);
  if (request.through === "pod") return { notTested: "no pod is started to write the client address" };
  const toStats = isStats(plan, asked);
  const listener = listenerFor(plan, asked, request.through);
  if (request.through === "untrusted") return untrustedPath(plan, endpoints, asked, request, listener);
  const name = toStats && plan.stats?.public === true ? "stats" : listener?.name;
  const told = listener !== undefined && listener.client.value !== "connection";
  if (request.from !== null && (!told || endpoints.loadBalancer.size > 0))
    return { notTested: `no request from here has the client address ${request.from}` };
  const real = endpoints.loadBalancer.get(asked.scheme);
  if (real !== undefined) {
    // A port that the description has not: the load balancer's own is asked for it.
    const to = name === undefined ? { host: real.host, port: asked.port } : real;
    return {
      route: { to, ...tlsOptions(asked) },
      listener: name ?? null,
      client: null,
      ownCertificate: true,
    };
  }
  if (
    name === undefined &&
    endpoints.servicePorts !== undefined &&
    !endpoints.servicePorts.includes(asked.port)
  )
    return { refused: `the Service that the load balancer reaches has no port ${asked.port}` };
  if (name === undefined)
    return {
      notTested: `the load balancer has no port ${asked.port} for ${asked.scheme}, and is not there to be asked`,
    };
  if (simulator !== undefined && (endpoints.nodePorts.get(name)?.length ?? 0) > 0)
    return {
      route: {
        to: simulator.endpointOf(name),
        preamble: proxyHeader(asked, request.from === null ? {} : { from: request.from }),
        ...tlsOptions(asked),
      },
      listener: name,
      client: told ? (request.from ?? DEFAULT_CLIENT) : null,
      ownCertificate: listener?.tls != null,
    };
  return pastLoadBalancer(plan, endpoints, asked, listener);
}

/** No node port is reached from here: a port forward is, where HAProxy takes us for nobody in particular. */
async function pastLoadBalancer(
  plan: Plan,
  endpoints: TargetEndpoints,
  asked: UrlParts,
  listener: ListenerPlan | undefined,
): Promise<FoundPath> {
  if (listener === undefined || endpoints.inside === undefined) return { notTested: endpoints.noPathReason };
  const proxied = listener.proxyProtocol.value !== "none";
  const told = listener.client.value !== "connection";
  if (told && !believed(plan))
    return {
      notTested: `${endpoints.noPathReason}, and a port forward is not believed to be the load balancer`,
    };
  const inside = await endpoints.inside(listener.port.value);
  return {
    route: {
      to: inside.to,
      ...(proxied ? { preamble: proxyHeader(asked, {}) } : {}),
      ...(listener.tls === null ? {} : tlsOptions(asked)),
    },
    listener: listener.name,
    client: told ? DEFAULT_CLIENT : INSIDE_CLIENT,
    ownCertificate: listener.tls !== null,
    inside,
    forwards: forwardsOn(listener),
  };
}

async function internalPath(
  plan: Plan,
  endpoints: TargetEndpoints,
  asked: UrlParts,
  { from }: ExpectationPlan["request"],
): Promise<FoundPath> {
  if (from !== null) return { notTested: `no request from here has the client address ${from}` };
  const listener = isStats(plan, asked) ? undefined : listenerFor(plan, asked, "internal");
  const port = isStats(plan, asked) ? plan.stats?.port.value : listener?.port.value;
  if (port === undefined) return { notTested: "there is no internal entrance" };
  if (endpoints.inside === undefined)
    return { notTested: "callers inside the cluster are not played from outside" };
  const inside = await endpoints.inside(port);
  return {
    route: { to: inside.to },
    listener: listener?.name ?? "stats",
    client: INSIDE_CLIENT,
    ownCertificate: false,
    inside,
  };
}

/** From outside every connection comes by a node's address, or the load balancer's: only past them one is an untrusted source. */
async function untrustedPath(
  plan: Plan,
  endpoints: TargetEndpoints,
  asked: UrlParts,
  { from }: ExpectationPlan["request"],
  listener: ListenerPlan | undefined,
): Promise<FoundPath> {
  if (listener === undefined) return { notTested: `no listener has port ${asked.port}` };
  if (endpoints.inside === undefined) return { notTested: "untrusted sources are not played from outside" };
  const proxied = listener.proxyProtocol.value !== "none";
  if (listener.client.value !== "connection" && believed(plan))
    return { notTested: "a port forward's address is among those that HAProxy believes (`sources`)" };
  const inside = await endpoints.inside(listener.port.value);
  return {
    route: {
      to: inside.to,
      ...(proxied ? { preamble: proxyHeader(asked, from === null ? {} : { from }) } : {}),
      ...(listener.tls === null ? {} : tlsOptions(asked)),
    },
    listener: listener.name,
    client: INSIDE_CLIENT,
    ownCertificate: listener.tls !== null,
    inside,
    forwards: forwardsOn(listener),
  };
}

function forwardsOn({ client }: ListenerPlan): boolean {
  return client.value === "x-forwarded-for";
}

/** Whether HAProxy believes the PROXY header, or the X-Forwarded-For, of a connection from its own loopback address. */
function believed({ loadBalancer }: Plan): boolean {
  return within(INSIDE_CLIENT, loadBalancer.sources.value);
}

function isStats({ stats }: Plan, { scheme, port }: UrlParts): boolean {
  return stats !== null && scheme === "http" && port === stats.port.value;
}

function tlsOptions({ scheme, hostname }: UrlParts): Pick<Route, "tls"> {
  return scheme === "https" ? { tls: { servername: hostname, verify: false, alpn: ["http/1.1"] } } : {};
}
