// The drain budget: when load balancers and nodes detect that a pod is removed, and how long in-flight requests may take.
import { DEFAULTS } from "../description/defaults.ts";
import { parseDurationMs } from "../description/text.ts";
import { chosen, decideOr } from "./described.ts";
import { formatDurationMs, inMs, LONGEST_MS } from "./durations.ts";
import type { KubernetesPlan } from "./kubernetes-plan.ts";
import type { Edge, Lowering } from "./lowering.ts";
import type { Decided, DrainPlan, Plan } from "./plan.ts";

type Known = Pick<Plan, "loadBalancer" | "timeouts" | "backends" | "sites" | "kubernetes">;

/** To write the log and to stop the container. */
const LAST_MS = parseDurationMs(DEFAULTS.kubernetes.drain.margin);

type DescribedDrain = NonNullable<NonNullable<Edge["kubernetes"]>["drain"]>;

export function lowerDrain(lowering: Lowering, known: Known): DrainPlan {
  const described = lowering.described.get("kubernetes").get("drain");
  const own = (key: keyof DescribedDrain) => inMs(lowering, described.get(key));
  const detection = decideOr(own("detection"), detectionOf(known));
  const idle = longestIdle(known);
  const hardStop = decideOr(own("hardStop"), hardStopOf(idle, known.timeouts.keepAlive.value));
  const needed = Math.ceil((detection.value + hardStop.value + LAST_MS) / 1000) * 1000;
  const gracePeriod = decideOr(
    own("gracePeriod"),
    chosen(
      needed,
      `${formatDurationMs(detection.value)} drain + ${formatDurationMs(hardStop.value)} in-flight requests + ${formatDurationMs(LAST_MS)} margin`,
      hardStop,
      detection,
    ),
  );
  if (gracePeriod.value < detection.value + hardStop.value)
    lowering.report({
      code: "drain-longer-than-grace",
      what: `Kubernetes kills a pod after ${formatDurationMs(gracePeriod.value)}, and the drain takes up to ${formatDurationMs(detection.value + hardStop.value)}`,
      why: `HAProxy accepts new connections for ${formatDurationMs(detection.value)} and finishes in-flight requests for ${formatDurationMs(hardStop.value)}: every rolling update would cut the remaining requests.`,
      remedy: `Write \`gracePeriod: ${formatDurationMs(needed)}\`, or a shorter \`hardStop\`.`,
      path: described.get(described.value?.gracePeriod === undefined ? "hardStop" : "gracePeriod").path,
    });
  if (described.value?.hardStop !== undefined && hardStop.value < idle)
    lowering.report({
      code: "hard-stop-cuts-requests",
      severity: "warning",
      what: `a server may be idle for ${formatDurationMs(idle)}, and a stopping pod cuts requests after ${formatDurationMs(hardStop.value)}`,
      why: "A rolling update cuts requests that would otherwise get a response.",
      remedy: `Write \`hardStop: ${formatDurationMs(2 * idle)}\`, or shorter timeouts.`,
      path: described.get("hardStop").path,
    });
  return {
    detectionMs: detection,
    graceMs: chosen(detection.value, "until no load balancer or node sends to this pod", detection),
    hardStopMs: hardStop,
    gracePeriodS: { ...gracePeriod, value: Math.ceil(gracePeriod.value / 1000) },
  };
}

/**
 * With externalTrafficPolicy Local a node forwards connections only to its own pods: to a terminating pod as long as
 * it is ready (Kubernetes, "Traffic to terminating endpoints"). HAProxy fails the probe at once, so that failures
 * have to be tolerated until the load balancer has detected it; measured: otherwise the node's port is closed after 6
 * s, and the load balancer sends there for 25 s.
 */
export function patientReadiness(kubernetes: KubernetesPlan, drain: DrainPlan): KubernetesPlan {
  if (!servesOwnPodsOnly(kubernetes)) return kubernetes;
  const { probes } = kubernetes;
  const value = Math.ceil(drain.graceMs.value / 1000 / probes.readinessPeriodS.value) + 1;
  if (value <= probes.readinessFailures.value) return kubernetes;
  const because = `stays ready for the ${formatDurationMs(drain.graceMs.value)} that the load balancer needs`;
  return { ...kubernetes, probes: { ...probes, readinessFailures: chosen(value, because, drain.graceMs) } };
}

/** Any node: until kube-proxy removes the pod. Only the pod's node: until the load balancer removes the node. */
function detectionOf({ loadBalancer, kubernetes }: Known): Decided<number> {
  const { intervalMs, timeoutMs, unhealthy } = loadBalancer.healthCheck;
  const checks = unhealthy.value * intervalMs.value + timeoutMs.value;
  return servesOwnPodsOnly(kubernetes)
    ? chosen(
        checks,
        `the load balancer's health check: ${unhealthy.value} × ${formatDurationMs(intervalMs.value)} + ${formatDurationMs(timeoutMs.value)}`,
        kubernetes.externalTrafficPolicy,
      )
    : chosen(
        parseDurationMs(DEFAULTS.kubernetes.drain.detection),
        kubernetes.exposure.value === "hostPort"
          ? "for the component that sends clients to the host ports"
          : "kube-proxy on every node removes a terminating pod by then",
        kubernetes.externalTrafficPolicy,
        kubernetes.exposure,
      );
}

/** An idle connection may carry its last request just before it is closed (`option idle-close-on-response`). */
function hardStopOf(idle: number, keepAlive: number): Decided<number> {
  return keepAlive > idle
    ? chosen(
        Math.min(LONGEST_MS, keepAlive + idle),
        "idle connections + the longest idle time of a last request",
      )
    : chosen(Math.min(LONGEST_MS, 2 * idle), "twice the longest idle time of a request");
}

/** Whether a node forwards connections of the load balancer to its own pods only. */
function servesOwnPodsOnly({ externalTrafficPolicy, names }: KubernetesPlan): boolean {
  return externalTrafficPolicy.value === "Local" && names.publicService !== null;
}

function longestIdle({ timeouts, backends, sites }: Known): number {
  return Math.max(
    timeouts.client.value,
    timeouts.server.value,
    ...backends.map(({ timeouts: own }) => own.serverMs ?? 0),
    ...sites.flatMap(({ routes }) => routes.map((route) => route.timeouts.serverMs ?? 0)),
  );
}
