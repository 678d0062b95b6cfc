// From a description to the plan: every value is decided once, with its reason.
import { DEFAULTS } from "../description/defaults.ts";
import type { Finding, Outcome } from "../findings/finding.ts";
import { lowerBackends } from "./backends.ts";
import { checkPorts } from "./check-ports.ts";
import { lowerCloud } from "./cloud.ts";
import type { PositionOf } from "./described.ts";
import { lowerDns } from "./dns.ts";
import { lowerDrain, patientReadiness } from "./drain.ts";
import { lowerExpectations } from "./expectations.ts";
import { lowerHealth } from "./health.ts";
import { lowerImage } from "./image.ts";
import { lowerInvariants } from "./invariants.ts";
import { lowerKubernetes, lowerReplicas } from "./kubernetes.ts";
import { lowerLimits } from "./limits.ts";
import { entrancesOf, lowerListeners, lowerStats } from "./listeners.ts";
import { lowerLoadBalancer } from "./load-balancer.ts";
import { lowerLogs } from "./logs.ts";
import { type Edge, openLowering } from "./lowering.ts";
import { lowerPlaces } from "./places.ts";
import type { Plan } from "./plan.ts";
import { lowerRaw } from "./raw-lines.ts";
import { resolversOf } from "./resolvers.ts";
import { lowerSites } from "./sites.ts";
import { lowerTcpKeepAlive } from "./tcp-keep-alive.ts";
import { lowerThreads } from "./threads.ts";
import { lowerTimeouts } from "./timeouts.ts";

const COMPRESSED_TYPES = [
  "text/html",
  "text/css",
  "text/plain",
  "text/javascript",
  "application/javascript",
  "application/json",
  "image/svg+xml",
];

/**
 * Plans a description that passed the schema. `positionOf` leads from a path in the description to its place in the
 * file. The plan is there when no finding is an error.
 */
export function planEdge(edge: Edge, positionOf: PositionOf = () => undefined): Outcome<Plan> {
  const lowering = openLowering(edge, positionOf);
  const stats = lowerStats(lowering);
  const loadBalancer = lowerLoadBalancer(lowering, stats);
  const listeners = lowerListeners(lowering, loadBalancer);
  const sites = lowerSites(lowering, entrancesOf(lowering));
  const backends = lowerBackends(lowering, sites);
  const timeouts = lowerTimeouts(lowering, loadBalancer, listeners);
  const limits = lowerLimits(lowering, { backends, listeners, sites });
  const image = lowerImage(lowering);
  const dns = lowerDns(lowering, image);
  const health = lowerHealth(lowering, backends);
  const logs = lowerLogs(lowering, image);
  const runs = { loadBalancer, listeners, stats, health, limits, backends, image, dns, logs };
  const kubernetes = lowerKubernetes(lowering, runs);
  const drain = lowerDrain(lowering, { loadBalancer, timeouts, backends, sites, kubernetes });
  const patient = patientReadiness(kubernetes, drain);
  const plan: Plan = {
    edge: edge.edge,
    namespace: lowering.namespace,
    paths: edge.paths ?? DEFAULTS.paths,
    loadBalancer,
    listeners,
    stats,
    health,
    logs,
    limits,
    resolvers: resolversOf(backends, dns),
    timeouts,
    tcpKeepAlive: lowerTcpKeepAlive(loadBalancer, backends, sites),
    compression: compressedTypes(edge.compression),
    errorPages: Object.entries(edge.errorPages ?? {}).map(([status, html]) => ({
      status: Number(status),
      html,
    })),
    sites,
    backends,
    threads: lowerThreads(lowering, kubernetes.resources.cpuRequest),
    replicas: lowerReplicas(lowering),
    drain,
    dns,
    image,
    kubernetes: patient,
    cloud: lowerCloud(lowering, { loadBalancer, sites, kubernetes: patient, drain }),
    rawGlobal: lowerRaw(lowering, edge.haproxy?.raw, ["haproxy", "raw"]),
    expectations: lowerExpectations(lowering),
    invariants: lowerInvariants(lowering),
    places: lowerPlaces(lowering),
  };
  checkPorts(lowering, plan);
  return outcome(plan, lowering.findings);
}

function compressedTypes(described: Edge["compression"]): readonly string[] {
  if (typeof described === "object") return described.types;
  return described === true ? COMPRESSED_TYPES : [];
}

/** Findings in the order of the file. */
function outcome(plan: Plan, reported: readonly Finding[]): Outcome<Plan> {
  const findings = reported.toSorted(
    (a, b) => line(a) - line(b) || (a.at[0]?.column ?? 0) - (b.at[0]?.column ?? 0),
  );
  return findings.some(({ severity }) => severity === "error") ? { findings } : { value: plan, findings };
}

function line({ at }: Finding): number {
  return at[0]?.line ?? Number.MAX_SAFE_INTEGER;
}
