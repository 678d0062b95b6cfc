// The doubles of the layers' load balancers: each listens, checks and forwards as its description says.
import { PROVIDERS } from "../providers/providers.ts";
import { knownValue } from "../wiring/wiring.ts";
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

/** A port of a double that clients outside can connect to. */
export interface OpenEntrance {
  readonly entrance: Entrance;
  readonly endpoint: Endpoint;
  /** Where the layers do not say it. */
  readonly front: ExternalLoadBalancer | undefined;
  /** Whether HAProxy is told by a PROXY header who the client is. */
  readonly proxied: boolean;
  /** Whether the requests themselves are told it, in X-Forwarded-For. */
  readonly forwards: boolean;
  /** Why a client from this address gets no further than here; null: its connection goes on to HAProxy. */
  refusedFor(client: string): string | null;
}

export interface OpenSimulators {
  readonly loadBalancers: readonly LoadBalancer[];
  readonly entrances: readonly OpenEntrance[];
  readonly health: readonly HealthReport[];
}

/**
 * Opens one double a load balancer, and one for ports of the hosts, and waits until each knows whether its targets are
 * healthy. `opened` gets each as soon as it listens, also where a later one fails.
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
  // All are waited for, also when one fails: what has opened by then must be closed.
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

/** As a client would find them. */
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
      // A classic ELB has instances, healthy or not as a whole; others a target group a listener.
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
  // Without any healthy target an NLB sends to all of them, and so does an ALB (see load-balancer.ts).
  const ill = kind !== "classic-elb" ? undefined : health.find(({ healthy }) => !healthy);
  return {
    loadBalancers: [simulator],
    entrances: targets.map((target) => openEntrance(options, simulator, target, ill)),
    health,
  };
}

function kindOf(options: SimulatorOptions, group: readonly Entrance[]): LoadBalancer["kind"] {
  const [{ loadBalancer } = {}] = group;
  if (loadBalancer?.kind === "nlb") return "nlb";
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
  ill: HealthReport | undefined,
): OpenEntrance {
  const { loadBalancer, port } = entrance;
  const front = externalLoadBalancerOf(options, entrance);
  return {
    entrance,
    endpoint: simulator.endpointOf(nameOf(entrance)),
    front,
    proxied: proxyOf(options, entrance) !== "none",
    forwards: readsRequests({ protocol: protocolOf(options, entrance) }),
    refusedFor: (client) => {
      const [path] = readsRanges(loadBalancer, front) ? entrance.trafficPaths : [];
      const ranges = path === undefined ? null : closedByRanges(path, client);
      const groups =
        loadBalancer === null ? null : closedToClients(options.wiring, loadBalancer, port, client);
      const closed = ranges ?? groups;
      if (closed !== null) return closed;
      if ("refused" in reached) return reached.refused;
      return ill === undefined
        ? null
        : `the load balancer finds no healthy node: ${ill.check} ${ill.why ?? "fails"}`;
    },
  };
}

/** A provider that is not known may ignore `loadBalancerSourceRanges` (Kubernetes API, ServiceSpec: "if supported by the platform"). */
function readsRanges(
  loadBalancer: Entrance["loadBalancer"],
  front: ExternalLoadBalancer | undefined,
): boolean {
  const provider = PROVIDERS.find(({ name }) => name === loadBalancer?.provider);
  return front?.sourceRanges === true || provider?.sourceRanges === true;
}

function nameOf({ port }: Entrance): string {
  return String(port);
}

/** A load balancer that has no protocol of its own there passes bytes on. */
function protocolOf(options: SimulatorOptions, entrance: Entrance): ListenerSpec["protocol"] {
  const protocol = externalLoadBalancerOf(options, entrance)?.protocol ?? known(entrance.listener?.protocol);
  return protocol === "tls" || protocol === "http" || protocol === "https" ? protocol : "tcp";
}

async function listenerSpec(
  options: SimulatorOptions,
  { entrance, id, reached }: Target,
): Promise<ListenerSpec> {
  const { listener, loadBalancer } = entrance;
  const front = externalLoadBalancerOf(options, entrance);
  const protocol = protocolOf(options, entrance);
  const spoken = known(listener?.targetProtocol);
  const idleTimeoutS = known(loadBalancer?.idleTimeoutS);
  const idleTimeoutMs = idleTimeoutS === undefined ? front?.idleTimeoutMs : idleTimeoutS * 1000;
  return {
    name: nameOf(entrance),
    listen: await options.places.loadBalancer(),
    protocol,
    ...(protocol === "tls" || protocol === "https" ? { certificates: [labCertificate(options.hosts)] } : {}),
    ...(listener?.alpn == null ? {} : { alpn: alpnOf(knownValue(listener.alpn)) }),
    targetProtocol: spoken === "tls" || spoken === "https" ? "tls" : "tcp",
    targets: "to" in reached ? [{ id, at: reached.to }] : [],
    proxy: proxyOf(options, entrance),
    ...(idleTimeoutMs === undefined ? {} : { idleTimeoutMs }),
  };
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
