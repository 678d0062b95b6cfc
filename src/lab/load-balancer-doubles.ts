// The doubles of the layers' load balancers: each listens, checks and forwards as its description says.
import { PROVIDERS } from "../providers/providers.ts";
import { knownValue } from "../wiring/wiring.ts";
import { closedByRanges, closedToClients } from "./blocked.ts";
import { labCertificate } from "./certificates.ts";
import { openLoadBalancer } from "./doubles/load-balancer.ts";
import type { ListenerSpec, LoadBalancer } from "./doubles/load-balancer-spec.ts";
import type { AlpnPolicy } from "./doubles/tls-listener.ts";
import { broughtEntrances, type Entrance, entrancesOf } from "./entrances.ts";
import { type InFront, readsRequests } from "./in-front.ts";
import { type Check, checkOf, type Target } from "./load-balancer-checks.ts";
import type { Endpoint } from "./network.ts";
import { failureWords, type HealthReport } from "./pod-probes.ts";
import { type DoublesOptions, inFrontOf, known, proxyOf, reachedFrom } from "./reach.ts";

/** A port of a double that clients outside can connect to. */
export interface OpenEntrance {
  readonly entrance: Entrance;
  readonly endpoint: Endpoint;
  /** Where the layers do not say it. */
  readonly front: InFront | undefined;
  /** Whether HAProxy is told by a PROXY header who the client is. */
  readonly proxied: boolean;
  /** Whether the requests themselves are told it, in X-Forwarded-For. */
  readonly forwards: boolean;
  /** Why a client from this address gets no further than here; null: its connection goes on to HAProxy. */
  refusedFor(client: string): string | null;
}

export interface OpenDoubles {
  readonly loadBalancers: readonly LoadBalancer[];
  readonly entrances: readonly OpenEntrance[];
  readonly health: readonly HealthReport[];
}

/**
 * Opens one double a load balancer, and one for ports of the hosts, and waits until each knows whether its targets are
 * healthy. `opened` gets each as soon as it listens, also where a later one fails.
 */
export async function openLoadBalancers(
  options: DoublesOptions,
  opened: LoadBalancer[],
): Promise<OpenDoubles> {
  const all = [...entrancesOf(options.wiring), ...broughtEntrances(options.wiring, options.inFront)];
  const groups = Map.groupBy(all, ({ loadBalancer }) => loadBalancer);
  // All are waited for, also when one fails: what has opened by then must be closed.
  const settled = await Promise.allSettled(
    [...groups.values()].map((group) => openDouble(options, group, opened)),
  );
  const doubles = settled.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
  return {
    loadBalancers: doubles.flatMap(({ loadBalancers }) => loadBalancers),
    entrances: inOrder(
      all,
      doubles.flatMap(({ entrances }) => entrances),
    ),
    health: doubles.flatMap(({ health }) => health),
  };
}

/** As a client would find them. */
function inOrder(all: readonly Entrance[], entrances: readonly OpenEntrance[]): readonly OpenEntrance[] {
  const place = ({ entrance }: OpenEntrance) =>
    all.findIndex(({ port, listener }) => port === entrance.port && listener === entrance.listener);
  return entrances.toSorted((a, b) => place(a) - place(b));
}

async function openDouble(
  options: DoublesOptions,
  group: readonly Entrance[],
  opened: LoadBalancer[],
): Promise<OpenDoubles> {
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
  const double = await openLoadBalancer({
    kind,
    listeners: await Promise.all(targets.map((target) => listenerSpec(options, target))),
    healthChecks: checks.map(({ spec }) => spec),
    clientAddress: "preamble",
    localAddress: options.places.from("load balancer"),
  });
  opened.push(double);
  await Promise.all(checks.map(({ spec }) => double.untilDecided(spec.target)));
  const health = checks.map((check) => reportOf(double, check));
  // Without any healthy target an NLB sends to all of them, and so does an ALB (see load-balancer.ts).
  const ill = kind !== "classic-elb" ? undefined : health.find(({ healthy }) => !healthy);
  return {
    loadBalancers: [double],
    entrances: targets.map((target) => openEntrance(options, double, target, ill)),
    health,
  };
}

function kindOf(options: DoublesOptions, group: readonly Entrance[]): LoadBalancer["kind"] {
  const [{ loadBalancer } = {}] = group;
  if (loadBalancer?.kind === "nlb") return "nlb";
  const brought = group.some((entrance) => readsRequests(inFrontOf(options, entrance)));
  return loadBalancer?.kind === "alb" || brought ? "alb" : "classic-elb";
}

function reportOf(double: LoadBalancer, { spec, report, unreachable }: Check): HealthReport {
  const healthy = double.stateOf(spec.target) === "healthy";
  const why = unreachable ?? failureWords(double.whyOf(spec.target) ?? "");
  return { ...report, healthy, why: healthy ? null : why };
}

function openEntrance(
  options: DoublesOptions,
  double: LoadBalancer,
  { entrance, reached }: Target,
  ill: HealthReport | undefined,
): OpenEntrance {
  const { loadBalancer, port } = entrance;
  const front = inFrontOf(options, entrance);
  return {
    entrance,
    endpoint: double.endpointOf(nameOf(entrance)),
    front,
    proxied: proxyOf(options, entrance) !== "none",
    forwards: readsRequests({ protocol: protocolOf(options, entrance) }),
    refusedFor: (client) => {
      const [way] = readsRanges(loadBalancer, front) ? entrance.ways : [];
      const ranges = way === undefined ? null : closedByRanges(way, client);
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
function readsRanges(loadBalancer: Entrance["loadBalancer"], front: InFront | undefined): boolean {
  const provider = PROVIDERS.find(({ name }) => name === loadBalancer?.provider);
  return front?.sourceRanges === true || provider?.sourceRanges === true;
}

function nameOf({ port }: Entrance): string {
  return String(port);
}

/** A load balancer that has no protocol of its own there passes bytes on. */
function protocolOf(options: DoublesOptions, entrance: Entrance): ListenerSpec["protocol"] {
  const protocol = inFrontOf(options, entrance)?.protocol ?? known(entrance.listener?.protocol);
  return protocol === "tls" || protocol === "http" || protocol === "https" ? protocol : "tcp";
}

async function listenerSpec(
  options: DoublesOptions,
  { entrance, id, reached }: Target,
): Promise<ListenerSpec> {
  const { listener, loadBalancer } = entrance;
  const front = inFrontOf(options, entrance);
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
