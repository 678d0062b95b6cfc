// server-limit-never-reached: connection limit of a server above the limit of the edge.
import type { PlanRule } from "../plan-rule.ts";

export const serverLimitNeverReached: PlanRule = {
  code: "server-limit-never-reached",
  severity: "note",
  check({ plan, at }) {
    // A client that speaks HTTP/2 has many requests at once.
    if (plan.listeners.some(({ tls }) => tls?.alpn.includes("h2"))) return [];
    const most = plan.limits.maxConnections.value;
    return plan.backends
      .filter(
        ({ variantOf, maxConnections }) =>
          variantOf === null && maxConnections !== null && maxConnections >= most,
      )
      .map(({ name, maxConnections, at: place }) => ({
        what: `a server of \`${name}\` may have ${maxConnections ?? 0} connections, and HAProxy has ${most} clients at most`,
        why: "With one request a connection the limit is never reached: nothing queues, and the server is protected from nothing.",
        remedy:
          "Write what one server can bear, divided by the number of HAProxies; or a higher `limits.maxConnections`.",
        at: [at(["backends", name, "maxConnections"]) ?? place, at(["limits", "maxConnections"])],
      }));
  },
};
