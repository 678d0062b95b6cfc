// keep-alive-outlasts-load-balancer: HAProxy's keep-alive timeout longer than the load balancer's idle timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import { knownIdleTimeoutMs } from "../idle-timeout.ts";
import type { PlanRule } from "../plan-rule.ts";

export const keepAliveOutlastsLoadBalancer: PlanRule = {
  code: "keep-alive-outlasts-load-balancer",
  severity: "warning",
  check({ plan, at }) {
    const idleMs = knownIdleTimeoutMs(plan);
    const { value } = plan.timeouts.keepAlive;
    // One that reads requests ends its connections itself, and must be first to.
    if (plan.loadBalancer.kind === "http" || idleMs === null || value < idleMs) return [];
    return [
      {
        what: `idle connections stay ${formatDurationMs(value)}, and the load balancer cuts them after ${formatDurationMs(idleMs)}`,
        why: "A client that sends its next request at that moment loses it: the load balancer drops the connection without a word, while HAProxy would have ended it politely.",
        remedy: `Write a \`keepAlive\` below ${formatDurationMs(idleMs)}, or leave it out.`,
        at: [at(["timeouts", "keepAlive"]), at(["public", "loadBalancer", "idleTimeout"])],
      },
    ];
  },
};
