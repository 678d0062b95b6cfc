// load-balancer-reuses-closed-connection: HAProxy's keep-alive timeout shorter than the HTTP load balancer's idle timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import type { PlanRule } from "../plan-rule.ts";

export const loadBalancerReusesClosedConnection: PlanRule = {
  code: "load-balancer-reuses-closed-connection",
  severity: "warning",
  check({ plan: { loadBalancer, timeouts }, at }) {
    const { kind, idleTimeoutMs } = loadBalancer;
    if (kind !== "http" || timeouts.keepAlive.value > idleTimeoutMs.value) return [];
    const [idle, kept] = [idleTimeoutMs.value, timeouts.keepAlive.value].map(formatDurationMs);
    return [
      {
        what: `the load balancer keeps connections to HAProxy for ${idle}, and HAProxy closes them after ${kept}`,
        why: "Now and then it sends a request over a connection that HAProxy is just closing: the client gets 502 from an ALB, 504 from a classic ELB, and no log of HAProxy shows it.",
        remedy: `Write a \`keepAlive\` above ${idle}, or leave it out.`,
        at: [at(["timeouts", "keepAlive"]), at(["public", "loadBalancer", "idleTimeout"])],
      },
    ];
  },
};
