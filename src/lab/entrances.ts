// The entrances of some layers as the lab opens them: public ports, and ports of Services for in-cluster clients.
import type { LoadBalancer, LoadBalancerListener } from "../wiring/cloud.ts";
import { pathOfNodePort } from "../wiring/traffic-paths.ts";
import type { HaproxyLayer, Service, TrafficPath, Wiring } from "../wiring/wiring.ts";
import { knownValue } from "../wiring/written.ts";
import type { ExternalLoadBalancer } from "./external-load-balancer.ts";

/** A port that clients outside the cluster can connect to: a load balancer's, or the hosts' own. */
export interface Entrance {
  readonly port: number;
  /** undefined: a port of the hosts, with no load balancer described. */
  readonly loadBalancer?: LoadBalancer | undefined;
  readonly listener?: LoadBalancerListener | undefined;
  /** At least one; includes incomplete paths. */
  readonly trafficPaths: readonly TrafficPath[];
}

/** A Service's port, for in-cluster clients. */
export interface ServiceEndpoint {
  readonly service: Service;
  readonly port: number;
  readonly trafficPaths: readonly TrafficPath[];
}

/** The HAProxy that most paths lead to; undefined where the layers have none. */
export function testedHaproxy(wiring: Wiring): HaproxyLayer | undefined {
  const trafficPaths = (layer: HaproxyLayer) =>
    wiring.trafficPaths.filter(({ haproxy }) => haproxy === layer).length;
  return wiring.haproxies.toSorted((a, b) => trafficPaths(b) - trafficPaths(a))[0];
}

/** Internet-facing load balancers first, ports of hosts last. */
export function entrancesOf({ trafficPaths }: Pick<Wiring, "trafficPaths">): readonly Entrance[] {
  const found: (Entrance & { readonly trafficPaths: TrafficPath[] })[] = [];
  for (const path of trafficPaths) {
    const { port, loadBalancer, listener } = path;
    if (path.start === "service" || path.start === "bind" || port === undefined || isDatagram(listener))
      continue;
    const known = found.find(
      (one) => one.port === port && one.listener === listener && one.loadBalancer === loadBalancer,
    );
    if (known === undefined) found.push({ port, loadBalancer, listener, trafficPaths: [path] });
    else known.trafficPaths.push(path);
  }
  return found.toSorted((a, b) => rank(a) - rank(b));
}

/** Ports of a load balancer that no layer describes, and that forwards to node ports. */
export function externalEntrances(
  wiring: Wiring,
  externalLoadBalancers: ReadonlyMap<number, ExternalLoadBalancer>,
): readonly Entrance[] {
  return [...externalLoadBalancers].flatMap(([port, { nodePort }]) =>
    nodePort === undefined ? [] : [{ port, trafficPaths: [pathOfNodePort(wiring, nodePort)] }],
  );
}

export function serviceEndpointsOf({
  trafficPaths,
}: Pick<Wiring, "trafficPaths">): readonly ServiceEndpoint[] {
  const found: (ServiceEndpoint & { readonly trafficPaths: TrafficPath[] })[] = [];
  for (const path of trafficPaths) {
    const { service, servicePort, port } = path;
    if (path.start !== "service" || service === undefined || port === undefined) continue;
    if (servicePort !== undefined && servicePort.protocol !== "TCP") continue;
    const known = found.find((one) => one.service === service && one.port === port);
    if (known === undefined) found.push({ service, port, trafficPaths: [path] });
    else known.trafficPaths.push(path);
  }
  return found;
}

/**
 * The Service that an in-cluster client reaches by this name and port: the one of that name, also as `name.namespace` and
 * `name.namespace.svc…`; where no Service has the name, one that has the port, ClusterIP Services first.
 */
export function serviceEndpointFor(
  endpoints: readonly ServiceEndpoint[],
  hostname: string,
  port: number,
): ServiceEndpoint | { readonly refused: string } {
  const named = endpoints.filter(({ service }) => isNamed(service, hostname.toLowerCase()));
  const candidates = (named.length > 0 ? named : endpoints).filter((endpoint) => endpoint.port === port);
  const [endpoint] = candidates.toSorted((a, b) => openness(a.service) - openness(b.service));
  if (endpoint !== undefined) return endpoint;
  const [{ service } = {}] = named;
  return {
    refused:
      service === undefined
        ? `no Service has the port ${port} for in-cluster clients`
        : `the Service ${service.namespace}/${service.name} has no port ${port}`,
  };
}

function isDatagram(listener: LoadBalancerListener | undefined): boolean {
  return knownValue(listener?.protocol) === "udp";
}

function rank({ loadBalancer, trafficPaths }: Entrance): number {
  const whole = trafficPaths.some(({ brokenAt }) => brokenAt === undefined) ? 0 : 1;
  if (loadBalancer === undefined) return 4 + whole;
  return (knownValue(loadBalancer.internal) === true ? 2 : 0) + whole;
}

function openness({ type, headless }: Service): number {
  if (headless) return 2;
  return type === "ClusterIP" ? 0 : 1;
}

function isNamed({ name, namespace }: Service, hostname: string): boolean {
  const [own, space, svc] = hostname.replace(/\.$/, "").split(".");
  return (
    own === name && (space === undefined || (space === namespace && (svc === undefined || svc === "svc")))
  );
}
