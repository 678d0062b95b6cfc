// A load balancer's health checks: where they go, what they send first, and their results.
import { isNlb, type LoadBalancerListener, statusIn } from "../wiring/cloud.ts";
import { isNodePort } from "../wiring/kubernetes/node-ports.ts";
import { pathOfNodePort } from "../wiring/traffic-paths.ts";
import { knownValue } from "../wiring/written.ts";
import { closedToLoadBalancer } from "./blocked.ts";
import type { Entrance } from "./entrances.ts";
import { bindAt } from "./places.ts";
import { FIRST_INTERVAL_MS, type HealthReport } from "./pod-probes.ts";
import { known, proxyOf, type Reached, reach, type SimulatorOptions } from "./reach.ts";
import type { HealthCheckSpec } from "./simulators/health-check.ts";
import { encodeProxyV1, encodeProxyV2, proxiedAddresses } from "./tcp/proxy-protocol.ts";

/** The nodes behind one port of a load balancer. */
export interface Target {
  readonly entrance: Entrance;
  readonly id: string;
  readonly reached: Reached;
}

export interface Check {
  readonly spec: HealthCheckSpec;
  readonly report: Pick<HealthReport, "of" | "check" | "at">;
  /** Why the check cannot reach anything, where that is known in advance. */
  readonly unreachable?: string | undefined;
}

/** undefined: there is no check, or the layers do not say what it is. */
export function checkOf(
  options: SimulatorOptions,
  all: readonly Target[],
  target: Target,
): Check | undefined {
  const { loadBalancer, listener } = target.entrance;
  const check = listener?.healthCheck;
  if (loadBalancer === undefined || listener === undefined || check === undefined) return undefined;
  const [protocol, wanted] = [knownValue(check.protocol), knownValue(check.port)];
  const port = wanted === "traffic" ? knownValue(listener.to.port) : wanted;
  if (protocol === undefined || port === undefined) return undefined;
  const reached = reachedByCheck(options, target, listener, port, wanted === "traffic");
  if (reached === undefined) return undefined;
  const path = knownValue(check.path);
  const statuses = knownValue(check.statuses);
  const preamble = preambleOf(options, all, target, protocol, port);
  return {
    spec: {
      target: target.id,
      at: "to" in reached ? reached.to : options.places.unused,
      protocol,
      ...(path === undefined ? {} : { path }),
      intervalMs: (knownValue(check.intervalS) ?? 30) * 1000,
      firstIntervalMs: FIRST_INTERVAL_MS,
      timeoutMs: (knownValue(check.timeoutS) ?? 5) * 1000,
      healthyThreshold: knownValue(check.healthy) ?? 2,
      unhealthyThreshold: knownValue(check.unhealthy) ?? 2,
      ...(statuses === undefined ? {} : { statuses: (status) => statusIn(statuses, status) !== false }),
      ...(preamble === undefined ? {} : { preamble }),
    },
    report: {
      // A classic ELB has one health check for all ports.
      of: `health check of ${loadBalancer.id}${isNlb(loadBalancer) ? ` port ${target.entrance.port}` : ""}`,
      check: `${protocol === "tls" ? "SSL" : protocol.toUpperCase()}:${port}${path ?? ""}`,
      at: check.at,
    },
    unreachable: "to" in reached ? undefined : `reaches nothing: ${reached.refused}`,
  };
}

/** undefined: a port that does not belong to these layers, such as kube-proxy's own. */
function reachedByCheck(
  options: SimulatorOptions,
  { entrance, reached }: Target,
  { to }: LoadBalancerListener,
  port: number,
  traffic: boolean,
): Reached | undefined {
  const { wiring, layer, places } = options;
  const { loadBalancer } = entrance;
  const closed = loadBalancer && closedToLoadBalancer(wiring, loadBalancer, port);
  if (closed !== undefined) return { refused: closed };
  if (traffic) return reached;
  if (to.kind === "pod") {
    const bind = bindAt(layer.wiring, port);
    return bind === undefined
      ? { refused: `HAProxy binds no port ${port}` }
      : { to: places.bindPlace(bind, port) };
  }
  if (to.kind === "nowhere") return undefined;
  // Ports other than node ports of these files belong to the cluster, such as the one of kube-proxy.
  const path = pathOfNodePort(wiring, port);
  if (to.kind === "service" && path.brokenAt !== undefined)
    return path.brokenAt.kind === "missing" && isNodePort(wiring.services, port)
      ? { refused: path.brokenAt.because }
      : undefined;
  return reach(options, path);
}

/** What a check sends first where the traffic of its port begins with a PROXY header (see load-balancer.ts). */
function preambleOf(
  options: SimulatorOptions,
  all: readonly Target[],
  target: Target,
  protocol: HealthCheckSpec["protocol"],
  port: number,
): Buffer | undefined {
  const { loadBalancer } = target.entrance;
  if (loadBalancer !== undefined && isNlb(loadBalancer))
    return proxyOf(options, target.entrance) === "v2" ? encodeProxyV2("local") : undefined;
  const asTraffic = all.find(({ entrance: { listener } }) => known(listener?.to.port) === port);
  if (asTraffic === undefined || proxyOf(options, asTraffic.entrance) !== "v1") return undefined;
  const own = options.places.from("load balancer");
  return protocol === "tcp" || protocol === "tls"
    ? encodeProxyV1(proxiedAddresses(own, 40_000, own, port))
    : undefined;
}
