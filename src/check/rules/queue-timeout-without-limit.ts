// queue-timeout-without-limit: queue timeout without a connection limit.
import { serverSides } from "../layers/haproxy-view.ts";
import type { Rule } from "../rule.ts";

export const queueTimeoutWithoutLimit: Rule = {
  code: "queue-timeout-without-limit",
  severity: "note",
  check: (wiring) =>
    serverSides(wiring).flatMap(({ proxy: { name, timeouts, servers } }) => {
      // One of `defaults` may be for other backends.
      const queue = timeouts.get("queue");
      if (queue?.from !== "section" || servers.length === 0) return [];
      if (servers.some(({ maxconn }) => maxconn !== undefined && maxconn.value !== "0")) return [];
      return {
        what: `\`timeout queue\` of \`${name}\` has no effect without \`maxconn\` on its servers`,
        why: "HAProxy queues requests when a server has reached its connection limit, and there is no limit.",
        remedy: "Write `maxconn NUMBER` on the server lines, or remove `timeout queue`.",
        at: [queue.at],
        described: {
          remedy: "Write `maxConnections`, or remove `queue`.",
          field: ["backends", name, "timeouts", "queue"],
        },
      };
    }),
};
