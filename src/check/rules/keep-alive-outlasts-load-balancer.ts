// keep-alive-outlasts-load-balancer: HAProxy's keep-alive timeout longer than the load balancer's idle timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import { knownValue } from "../../wiring/written.ts";
import { balancedPaths, oncePerPlaces } from "../layers/hops.ts";
import { idleConnectionTime, sendsRequests } from "../layers/idle.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const keepAliveOutlastsLoadBalancer: Rule = {
  code: "keep-alive-outlasts-load-balancer",
  severity: "warning",
  check(wiring) {
    const findings = balancedPaths(wiring).flatMap((trafficPath) => {
      const { loadBalancer, listener, proxy } = trafficPath;
      const idleS = knownValue(loadBalancer.idleTimeoutS);
      const keeps = idleConnectionTime(proxy);
      if (idleS === undefined || keeps === undefined || sendsRequests(listener) !== false) return [];
      if (keeps.value < idleS * 1000) return [];
      const [idle, keepAlive] = [idleS * 1000, keeps.value].map(formatDurationMs);
      return {
        what: `HAProxy keeps idle connections for ${keepAlive}, and the load balancer drops them after ${idle}`,
        why: "The load balancer drops a connection without notifying the client, and a request that is sent at that moment is lost. HAProxy would notify the client.",
        remedy: `Write a \`timeout http-keep-alive\` below ${idle}.`,
        at: [
          noted(keeps.at, "kept for this time"),
          noted(loadBalancer.idleTimeoutS.at ?? loadBalancer.at, "dropped after its idle timeout"),
        ],
        described: { remedy: `Write a \`keepAlive\` below ${idle}, or remove it.` },
      };
    });
    return oncePerPlaces(findings);
  },
};
