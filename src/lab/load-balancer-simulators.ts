// Opens a simulator for each load balancer of the layers: it listens, checks and forwards as described.
import { within } from "../model/networks.ts";
import { PROVIDERS } from "../providers/providers.ts";
import { acceptedSources, arrivesWithClientAddress } from "../wiring/client-address.ts";
import { isNlb } from "../wiring/cloud.ts";
import { knownValue } from "../wiring/written.ts";
import { closedByRanges, closedToClients } from "./blocked.ts";
import { labCertificate } from "./certificates.ts";
import { type Entrance, entrancesOf, externalEntrances } from "./entrances.ts";
import { type ExternalLoadBalancer, readsRequests } from "./external-load-balancer.ts";
import { type Check, checkOf, type Target } from "./load-balancer-checks.ts";
import type { Endpoint } from "./network.ts";
import { checkFailureText, type HealthReport } from "./pod-probes.ts";
import { externalLoadBalancerOf, known, proxyOf, reachedFrom, type SimulatorOptions } from "./reach.ts";
import { openLoadBalancer } from "./simulators/load-balancer.ts";
import type { ListenerSpec, LoadBalancer } from "./simulators/load-balancer-spec.ts";
import type { AlpnPolicy } from "./simulators/tls-listener.ts";

/** A port of a simulator that public clients can connect to. */
export interface OpenEntrance {
  readonly entrance: Entrance;
  readonly endpoint: Endpoint;
  /** Set where the layers do not describe the load balancer. */
  readonly external: ExternalLoadBalancer | undefined;
  /** Whether a PROXY header carries the client address to HAProxy. */
  readonly proxied: boolean;
  /** Whether X-Forwarded-For carries the client address. */
  readonly forwards: boolean;
  /** Why the connection of a client with this address ends here; undefined: it reaches HAProxy. */
  refusedFor(client: string): string | undefined;
}

export interface OpenSimulators {
  readonly loadBalancers: readonly LoadBalancer[];
  readonly entrances: readonly OpenEntrance[];
  readonly health: readonly HealthReport[];
}

/**
 * Opens one simulator per load balancer, and one for the ports of hosts, and waits until each has decided whether its
 * targets are healthy. `opened` gets each as soon as it listens, also when a later one fails.
 */
export async function openLoadBalancers(
  options: SimulatorOptions,
  opened: LoadBalancer[],
): Promise<OpenSimulators> {
  const all = [
    ...entrancesOf(options.wiring),
    ...externalEntrances(options.wiring, options.externalLoadBalancers),
  ];
  const groups = Map.groupBy(all, ({ loadBalancer }) => loadBalancer);
  // Awaits all, also when one fails: those that opened must be closed.
  const settled = await Promise.allSettled(
    [...groups.values()].map((group) => openSimulator(options, group, opened)),
  );
  const simulators = settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
  return {
    loadBalancers: simulators.flatMap(({ loadBalancers }) => loadBalancers),
    entrances: inOrder(
      all,
      simulators.flatMap(({ entrances }) => entrances),
    ),
    health: simulators.flatMap(({ health }) => health),
  };
}

/** In the order of `entrancesOf`. */
function inOrder(all: readonly Entrance[], entrances: readonly OpenEntrance[]): readonly OpenEntrance[] {
  const place = ({ entrance }: OpenEntrance) =>
    all.findIndex(({ port, listener }) => port === entrance.port && listener === entrance.listener);
  return entrances.toSorted((a, b) => place(a) - place(b));
}

async function openSimulator(
  options: SimulatorOptions,
  group: readonly Entrance[],
  opened: LoadBalancer[],
): Promise<OpenSimulators> {
  const kind = kindOf(options, group);
  const targets = group.map(
    (entrance): Target => ({
      entrance,
      // A classic ELB checks instances as a whole; others have one target group per listener.
      id: kind === "classic-elb" ? "nodes" : `nodes of ${entrance.port}`,
      reached: reachedFrom(options, entrance),
    }),
  );
  const checks = targets
    .filter(({ id }, index) => targets.findIndex((other) => other.id === id) === index)
    .flatMap((target) => checkOf(options, targets, target) ?? []);
  const simulator = await openLoadBalancer({
    kind,
    listeners: await Promise.all(targets.map((target) => listenerSpec(options, target))),
    healthChecks: checks.map(({ spec }) => spec),
    clientAddress: "preamble",
    localAddress: options.places.from("load balancer"),
  });
  opened.push(simulator);
  await Promise.all(checks.map(({ spec }) => simulator.untilDecided(spec.target)));
  const health = checks.map((check) => reportOf(simulator, check));
  // Without a healthy target, an NLB and an ALB send to all of them (see load-balancer.ts).
  const unhealthy = kind !== "classic-elb" ? undefined : health.find(({ healthy }) => !healthy);
  return {
    loadBalancers: [simulator],
    entrances: targets.map((target) => openEntrance(options, simulator, target, unhealthy)),
    health,
  };
}

function kindOf(options: SimulatorOptions, group: readonly Entrance[]): LoadBalancer["kind"] {
  const [{ loadBalancer } = {}] = group;
  if (loadBalancer !== undefined && isNlb(loadBalancer)) return "nlb";
  const brought = group.some((entrance) => readsRequests(externalLoadBalancerOf(options, entrance)));
  return loadBalancer?.kind === "alb" || brought ? "alb" : "classic-elb";
}

function reportOf(simulator: LoadBalancer, { spec, report, unreachable }: Check): HealthReport {
  const healthy = simulator.stateOf(spec.target) === "healthy";
  const why = unreachable ?? checkFailureText(simulator.whyOf(spec.target) ?? "");
  return { ...report, healthy, why: healthy ? null : why };
}

function openEntrance(
  options: SimulatorOptions,
  simulator: LoadBalancer,
  { entrance, reached }: Target,
  unhealthy: HealthReport | undefined,
): OpenEntrance {
  const { loadBalancer, port } = entrance;
  const external = externalLoadBalancerOf(options, entrance);
  return {
    entrance,
    endpoint: simulator.endpointOf(nameOf(entrance)),
    external,
    proxied: proxyOf(options, entrance) !== "none",
    forwards: readsRequests({ protocol: protocolOf(options, entrance) }),
    refusedFor: (client) => {
      const [path] = readsRanges(loadBalancer, external) ? entrance.trafficPaths : [];
      const ranges = path && closedByRanges(path, client);
      const groups = loadBalancer && closedToClients(options.wiring, loadBalancer, port, client);
      const closed = ranges ?? groups;
      if (closed !== undefined) return closed;
      if (knownValue(entrance.listener?.answer) !== undefined) return undefined;
      if ("refused" in reached) return reached.refused;
      return unhealthy === undefined
        ? undefined
        : `the load balancer has no healthy node: ${unhealthy.check} ${unhealthy.why ?? "fails"}`;
    },
  };
}

/** An unknown provider may ignore `loadBalancerSourceRanges` (Kubernetes API, ServiceSpec: "if supported by the platform"). */
function readsRanges(
  loadBalancer: Entrance["loadBalancer"],
  external: ExternalLoadBalancer | undefined,
): boolean {
  const provider = PROVIDERS.find(({ name }) => name === loadBalancer?.provider);
  return external?.sourceRanges === true || provider?.sourceRanges === true;
}

function nameOf({ port }: Entrance): string {
  return String(port);
}

/** An unknown protocol counts as TCP. */
function protocolOf(options: SimulatorOptions, entrance: Entrance): ListenerSpec["protocol"] {
  const protocol = externalLoadBalancerOf(options, entrance)?.protocol ?? known(entrance.listener?.protocol);
  return protocol === "tls" || protocol === "http" || protocol === "https" ? protocol : "tcp";
}

async function listenerSpec(
  options: SimulatorOptions,
  { entrance, id, reached }: Target,
): Promise<ListenerSpec> {
  const { listener, loadBalancer } = entrance;
  const external = externalLoadBalancerOf(options, entrance);
  const protocol = protocolOf(options, entrance);
  const targetProtocolName = known(listener?.targetProtocol);
  const idleTimeoutS = known(loadBalancer?.idleTimeoutS);
  const answer = knownValue(listener?.answer);
  const idleTimeoutMs = idleTimeoutS === undefined ? external?.idleTimeoutMs : idleTimeoutS * 1000;
  return {
    name: nameOf(entrance),
    listen: await options.places.loadBalancer(),
    protocol,
    ...(protocol === "tls" || protocol === "https" ? { certificates: [labCertificate(options.hosts)] } : {}),
    ...(listener?.alpn === undefined ? {} : { alpn: alpnOf(knownValue(listener.alpn)) }),
    targetProtocol: targetProtocolName === "tls" || targetProtocolName === "https" ? "tls" : "tcp",
    targets: "to" in reached ? [{ id, at: reached.to }] : [],
    ...(answer === undefined ? {} : { answer: { is: answer, port: entrance.port } }),
    proxy: proxyOf(options, entrance),
    ...sourceFor(options, entrance),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  };
}

/**
 * If the client's own address arrives, clients outside of the accepted networks connect from an address that HAProxy refuses. In the
 * lab, the accepted networks are the load balancer's address.
 */
function sourceFor(
  { places }: SimulatorOptions,
  { trafficPaths }: Entrance,
): Pick<ListenerSpec, "sourceFor"> {
  const [path] = trafficPaths.filter(arrivesWithClientAddress);
  if (path?.haproxy === undefined || path.proxy === undefined) return {};
  const accepted = acceptedSources(path.haproxy, path.proxy).map(({ value }) => value);
  if (accepted.length === 0) return {};
  return { sourceFor: (client) => (within(client, accepted) ? undefined : places.from("untrusted")) };
}

/** AWS, "TLS listeners for your Network Load Balancer", ALPN policies. */
function alpnOf(policy: string | undefined): AlpnPolicy {
  const policies: Readonly<Record<string, AlpnPolicy>> = {
    HTTP1Only: "http1-only",
    HTTP2Only: "http2-only",
    HTTP2Optional: "http2-optional",
    HTTP2Preferred: "http2-preferred",
  };
  return policies[policy ?? ""] ?? "none";
}
