// server-limit-never-reached: connection limit of a server above the limit of the edge.
import type { PlanRule } from "../rule.ts";

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
        what: `\`maxConnections: ${maxConnections ?? 0}\` of \`${name}\` is above the ${most} client connections of HAProxy`,
        why: "Each client connection has one request at a time, so HAProxy never reaches the limit: it queues no requests, and the limit does not protect the server.",
        remedy:
          "Write the connections that one server can handle, divided by the number of HAProxy pods, or a higher `limits.maxConnections`.",
        at: [at(["backends", name, "maxConnections"]) ?? place, at(["limits", "maxConnections"])],
      }));
  },
};
