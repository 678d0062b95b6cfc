// drain-shorter-than-detection: HAProxy stops accepting before the load balancer detects it.
import { formatDurationMs } from "../../plan/durations.ts";
import { isKnown, knownValue } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import { balancedPaths } from "../layers/hops.ts";
import { podsByLayer } from "../layers/pods.ts";
import { globalTimeS, stopSignalOf } from "../layers/stop.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const drainShorterThanDetection: Rule = {
  code: "drain-shorter-than-detection",
  severity: "warning",
  check(wiring) {
    const pods = podsByLayer(wiring);
    // With `Cluster`, nodes forward to other pods: the load balancer need not detect a pod that stops.
    const trafficPaths = balancedPaths(wiring).filter(
      ({ service, containerPort, listener }) =>
        listener.healthCheck !== undefined &&
        (service === undefined
          ? containerPort?.hostPort !== undefined
          : service.externalTrafficPolicy.value === "Local" && listener.to.kind !== "pod"),
    );
    return onceEach(trafficPaths, ({ listener }) => keyOf(listener.healthCheck?.at ?? listener.at)).flatMap(
      (trafficPath) => {
        const pod = pods.get(trafficPath.haproxy);
        const { healthCheck } = trafficPath.listener;
        const intervalS = knownValue(healthCheck?.intervalS);
        const unhealthy = knownValue(healthCheck?.unhealthy);
        if (pod === undefined || intervalS === undefined || unhealthy === undefined) return [];
        const { preStop } = pod.container;
        const grace = globalTimeS(trafficPath.haproxy, "grace");
        const soft = stopSignalOf(trafficPath.haproxy, pod).kind;
        if ((preStop && !isKnown(preStop)) || soft === "unknown" || soft === "lost") return [];
        const acceptsS = (knownValue(preStop) ?? 0) + (soft === "soft" ? (grace?.value ?? 0) : 0);
        const detectionS = intervalS * unhealthy;
        // Pods that do not wait at all are reported by another rule.
        if (acceptsS >= detectionS || acceptsS === 0) return [];
        return {
          what: `a stopping HAProxy accepts for ${formatDurationMs(acceptsS * 1000)}, and the load balancer detects it after ${formatDurationMs(detectionS * 1000)}`,
          why: `The load balancer stops using the node after ${unhealthy} failed checks, one every ${formatDurationMs(intervalS * 1000)}. Until then, the connections that it sends to the node are refused.`,
          remedy: `Accept for ${formatDurationMs(detectionS * 1000)} (\`grace\`, or a \`preStop\` that sleeps), or shorten the check interval.`,
          at: [
            noted(grace?.at ?? preStop?.at ?? pod.container.at, "accepts for this time"),
            noted(healthCheck?.intervalS.at ?? healthCheck?.at, "check interval"),
            noted(healthCheck?.unhealthy.at, "failed checks"),
            noted(trafficPath.service?.externalTrafficPolicy.at, "a node without a pod drops connections"),
          ],
        };
      },
    );
  },
};
