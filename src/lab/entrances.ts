// The ways in of some layers as the lab opens them: the ports that clients outside have, and those of callers inside.
import { wayOfNodePort } from "../wiring/ways.ts";
import type {
  HaproxyLayer,
  LoadBalancer,
  LoadBalancerListener,
  Service,
  Way,
  Wiring,
} from "../wiring/wiring.ts";
import { knownValue } from "../wiring/wiring.ts";
import type { InFront } from "./in-front.ts";

/** A port that clients outside can come to: a load balancer's, or the hosts' own. */
export interface Entrance {
  readonly port: number;
  /** null: a port of the hosts, with nothing described in front of it. */
  readonly loadBalancer: LoadBalancer | null;
  readonly listener: LoadBalancerListener | null;
  /** At least one; those that break are among them. */
  readonly ways: readonly Way[];
}

/** A Service's port, for callers inside the cluster. */
export interface ServiceDoor {
  readonly service: Service;
  readonly port: number;
  readonly ways: readonly Way[];
}

/** The HAProxy that most ways lead to; undefined where the layers have none. */
export function playedHaproxy(wiring: Wiring): HaproxyLayer | undefined {
  const ways = (layer: HaproxyLayer) => wiring.ways.filter(({ haproxy }) => haproxy === layer).length;
  return wiring.haproxies.toSorted((a, b) => ways(b) - ways(a))[0];
}

/** In the order in which a client outside would find them: a load balancer on the internet first, hosts' ports last. */
export function entrancesOf({ ways }: Pick<Wiring, "ways">): readonly Entrance[] {
  const found: (Entrance & { readonly ways: Way[] })[] = [];
  for (const way of ways) {
    const { port, loadBalancer, listener } = way;
    if (way.begins === "service" || port === undefined || isDatagram(listener)) continue;
    const known = found.find(
      (one) => one.port === port && one.listener === listener && one.loadBalancer === loadBalancer,
    );
    if (known === undefined) found.push({ port, loadBalancer, listener, ways: [way] });
    else known.ways.push(way);
  }
  return found.toSorted((a, b) => rank(a) - rank(b));
}

/** Ports of a load balancer that no layer describes, which leads to nodes' ports. */
export function broughtEntrances(wiring: Wiring, inFront: ReadonlyMap<number, InFront>): readonly Entrance[] {
  return [...inFront].flatMap(([port, { nodePort }]) =>
    nodePort === undefined
      ? []
      : [{ port, loadBalancer: null, listener: null, ways: [wayOfNodePort(wiring, nodePort)] }],
  );
}

export function serviceDoorsOf({ ways }: Pick<Wiring, "ways">): readonly ServiceDoor[] {
  const found: (ServiceDoor & { readonly ways: Way[] })[] = [];
  for (const way of ways) {
    const { service, servicePort, port } = way;
    if (way.begins !== "service" || service === null || port === undefined) continue;
    if (servicePort !== null && servicePort.protocol !== "TCP") continue;
    const known = found.find((one) => one.service === service && one.port === port);
    if (known === undefined) found.push({ service, port, ways: [way] });
    else known.ways.push(way);
  }
  return found;
}

/**
 * The door of a caller inside who writes this name and port: the Service of that name, also as `name.namespace` and
 * `name.namespace.svc…`; where none has the name, a Service that has the port, those for callers inside alone first.
 */
export function doorFor(
  doors: readonly ServiceDoor[],
  hostname: string,
  port: number,
): ServiceDoor | { readonly refused: string } {
  const named = doors.filter(({ service }) => isNamed(service, hostname.toLowerCase()));
  const candidates = (named.length > 0 ? named : doors).filter((door) => door.port === port);
  const [door] = candidates.toSorted((a, b) => openness(a.service) - openness(b.service));
  if (door !== undefined) return door;
  const [{ service } = {}] = named;
  return {
    refused:
      service === undefined
        ? `no Service has the port ${port} for callers inside`
        : `the Service ${service.namespace}/${service.name} has no port ${port}`,
  };
}

function isDatagram(listener: LoadBalancerListener | null): boolean {
  return listener !== null && knownValue(listener.protocol) === "udp";
}

function rank({ loadBalancer, ways }: Entrance): number {
  const whole = ways.some(({ ends }) => ends === null) ? 0 : 1;
  if (loadBalancer === null) return 4 + whole;
  return (knownValue(loadBalancer.internal) === true ? 2 : 0) + whole;
}

function openness({ type, headless }: Service): number {
  return headless ? 2 : type === "ClusterIP" ? 0 : 1;
}

function isNamed({ name, namespace }: Service, hostname: string): boolean {
  const [own, space, svc] = hostname.replace(/\.$/, "").split(".");
  return (
    own === name && (space === undefined || (space === namespace && (svc === undefined || svc === "svc")))
  );
}
