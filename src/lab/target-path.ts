// How one request reaches a running edge: through the simulated load balancer, the real one, or past both; or why it does not.
import { within } from "../model/networks.ts";
import type { ExpectationPlan } from "../plan/expectation-plan.ts";
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import type { Route } from "./http/dial.ts";
import { listenerFor } from "./planned-listener.ts";
import { type LabRequestOptions, splitUrl, type UrlParts } from "./send.ts";
import { DEFAULT_CLIENT, proxyHeader, tlsOptions } from "./sent-path.ts";
import type { LoadBalancer } from "./simulators/load-balancer-spec.ts";
import type { InternalEndpoint, TargetEndpoints } from "./target-endpoints.ts";

export interface TargetPath {
  readonly route: Route;
  /** The listener's name; null: a port of the real load balancer that no listener has. */
  readonly listener: string | null;
  /** The client address that HAProxy sees; null: unknown. */
  readonly client: string | null;
  /** Whether the certificate is the edge's own, and not the simulator's. */
  readonly ownCertificate: boolean;
  readonly inside?: InternalEndpoint;
  /** X-Forwarded headers are added here, because no load balancer is on this path. */
  readonly forwards?: boolean;
}

/** `refused`: no connection is possible, which is known in advance. */
export type FoundPath = TargetPath | { readonly notTested: string } | { readonly refused: string };

/** The end of a port forward, as HAProxy sees it. */
const INSIDE_CLIENT = "127.0.0.1";

export async function findPath(
  plan: Plan,
  endpoints: TargetEndpoints,
  simulator: LoadBalancer | undefined,
  { request }: ExpectationPlan,
): Promise<FoundPath> {
  const urlParts = splitUrl(request.url);
  if (request.through === "internal") return internalPath(plan, endpoints, urlParts, request);
  if (request.through === "pod") return { notTested: "no pod is started that could send the client address" };
  const toStats = isStats(plan, urlParts);
  const listener = listenerFor(plan, urlParts, request.through);
  if (request.through === "untrusted") return untrustedPath(plan, endpoints, urlParts, request, listener);
  const name = toStats && plan.stats?.public === true ? "stats" : listener?.name;
  const trustsHeader = listener !== undefined && listener.client.value !== "connection";
  if (request.from !== null && (!trustsHeader || endpoints.loadBalancer.size > 0))
    return { notTested: `this machine cannot send requests with the client address ${request.from}` };
  const real = endpoints.loadBalancer.get(urlParts.scheme);
  if (real !== undefined) {
    // The load balancer itself is tested for a port that the description does not have.
    const to = name === undefined ? { host: real.host, port: urlParts.port } : real;
    return {
      route: { to, ...tlsOptions(urlParts) },
      listener: name ?? null,
      client: null,
      ownCertificate: true,
    };
  }
  if (
    name === undefined &&
    endpoints.servicePorts !== undefined &&
    !endpoints.servicePorts.includes(urlParts.port)
  )
    return { refused: `the Service behind the load balancer has no port ${urlParts.port}` };
  if (name === undefined)
    return {
      notTested: `the load balancer has no port ${urlParts.port} for ${urlParts.scheme}, and no real one is available to test`,
    };
  if (simulator !== undefined && (endpoints.nodePorts.get(name)?.length ?? 0) > 0)
    return {
      route: {
        to: simulator.endpointOf(name),
        preamble: proxyHeader(urlParts, request.from === null ? {} : { from: request.from }),
        ...tlsOptions(urlParts),
      },
      listener: name,
      client: trustsHeader ? (request.from ?? DEFAULT_CLIENT) : null,
      ownCertificate: listener?.tls != null,
    };
  return pastLoadBalancer(plan, endpoints, urlParts, listener);
}

/** A port forward instead of a node port: HAProxy sees an untrusted client. */
async function pastLoadBalancer(
  plan: Plan,
  endpoints: TargetEndpoints,
  urlParts: UrlParts,
  listener: ListenerPlan | undefined,
): Promise<FoundPath> {
  if (listener === undefined || endpoints.inside === undefined) return { notTested: endpoints.noPathReason };
  const trustsHeader = listener.client.value !== "connection";
  if (trustsHeader && !trustsLoopback(plan))
    return {
      notTested: `${endpoints.noPathReason}, and HAProxy does not trust a port forward as a load balancer`,
    };
  const inside = await endpoints.inside(listener.port.value);
  return forwardedPath(inside, listener, urlParts, {}, trustsHeader ? DEFAULT_CLIENT : INSIDE_CLIENT);
}

async function internalPath(
  plan: Plan,
  endpoints: TargetEndpoints,
  urlParts: UrlParts,
  { from }: ExpectationPlan["request"],
): Promise<FoundPath> {
  if (from !== null)
    return { notTested: `this machine cannot send requests with the client address ${from}` };
  const listener = isStats(plan, urlParts) ? undefined : listenerFor(plan, urlParts, "internal");
  const port = isStats(plan, urlParts) ? plan.stats?.port.value : listener?.port.value;
  if (port === undefined) return { notTested: "there is no internal entrance" };
  if (endpoints.inside === undefined)
    return { notTested: "requests of in-cluster clients cannot be sent from outside" };
  const inside = await endpoints.inside(port);
  return {
    route: { to: inside.to },
    listener: listener?.name ?? "stats",
    client: INSIDE_CLIENT,
    ownCertificate: false,
    inside,
  };
}

/** Public connections come from a node's address or the load balancer's. An untrusted source must connect past them. */
async function untrustedPath(
  plan: Plan,
  endpoints: TargetEndpoints,
  urlParts: UrlParts,
  { from }: ExpectationPlan["request"],
  listener: ListenerPlan | undefined,
): Promise<FoundPath> {
  if (listener === undefined) return { notTested: `no listener has port ${urlParts.port}` };
  if (endpoints.inside === undefined)
    return { notTested: "requests of untrusted sources cannot be sent from outside" };
  if (listener.client.value !== "connection" && trustsLoopback(plan))
    return { notTested: "HAProxy trusts the address of a port forward (`sources`)" };
  const inside = await endpoints.inside(listener.port.value);
  return forwardedPath(inside, listener, urlParts, from === null ? {} : { from }, INSIDE_CLIENT);
}

/** To a listener of HAProxy's pod, with what the load balancer would send first. */
function forwardedPath(
  inside: InternalEndpoint,
  { name, client: source, proxyProtocol, tls }: ListenerPlan,
  urlParts: UrlParts,
  from: Pick<LabRequestOptions, "from">,
  client: string,
): TargetPath {
  return {
    route: {
      to: inside.to,
      ...(proxyProtocol.value === "none" ? {} : { preamble: proxyHeader(urlParts, from) }),
      ...(tls === null ? {} : tlsOptions(urlParts)),
    },
    listener: name,
    client,
    ownCertificate: tls !== null,
    inside,
    forwards: source.value === "x-forwarded-for",
  };
}

/** Whether HAProxy trusts the PROXY header, or the X-Forwarded-For, of a connection from its own loopback address. */
function trustsLoopback({ loadBalancer }: Plan): boolean {
  return within(INSIDE_CLIENT, loadBalancer.sources.value);
}

function isStats({ stats }: Plan, { scheme, port }: UrlParts): boolean {
  return stats !== null && scheme === "http" && port === stats.port.value;
}
