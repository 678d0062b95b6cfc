// load-balancer-reuses-closed-connection: HAProxy's keep-alive timeout shorter than the HTTP load balancer's idle timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import { knownValue } from "../../wiring/written.ts";
import { balancedPaths, oncePerPlaces } from "../layers/hops.ts";
import { idleConnectionTime, sendsRequests } from "../layers/idle.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const loadBalancerReusesClosedConnection: Rule = {
  code: "load-balancer-reuses-closed-connection",
  severity: "warning",
  check(wiring) {
    const findings = balancedPaths(wiring).flatMap((trafficPath) => {
      const { loadBalancer, listener, proxy } = trafficPath;
      const idleS = knownValue(loadBalancer.idleTimeoutS);
      const keeps = idleConnectionTime(proxy);
      if (idleS === undefined || keeps === undefined || sendsRequests(listener) !== true) return [];
      if (keeps.value > idleS * 1000) return [];
      const [idle, keepAlive] = [idleS * 1000, keeps.value].map(formatDurationMs);
      const status = loadBalancer.kind === "classic-elb" ? "504" : "502";
      return {
        what: `the load balancer keeps connections to HAProxy for ${idle}, and HAProxy closes them after ${keepAlive}`,
        why: `The load balancer occasionally sends a request over a connection that HAProxy is closing: the client gets ${status}, and HAProxy logs no request.`,
        remedy: `Write a \`timeout http-keep-alive\` above ${idle} in \`${proxy.name}\`, or set a shorter idle timeout of the load balancer.`,
        at: [
          noted(keeps.at, "closed after this"),
          noted(loadBalancer.idleTimeoutS.at ?? loadBalancer.at, "kept for its idle timeout"),
        ],
        described: { remedy: `Write a \`keepAlive\` above ${idle}, or remove it.` },
      };
    });
    return oncePerPlaces(findings);
  },
};
