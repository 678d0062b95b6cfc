// queue-timeout-without-limit: queue timeout without a connection limit.
import type { PlanRule } from "../plan-rule.ts";

export const queueTimeoutWithoutLimit: PlanRule = {
  code: "queue-timeout-without-limit",
  severity: "note",
  check({ plan, at }) {
    return plan.backends
      .filter(
        ({ variantOf, timeouts, maxConnections }) =>
          variantOf === null && timeouts.queueMs !== null && maxConnections === null,
      )
      .map(({ name, at: place }) => ({
        what: `requests never queue for \`${name}\``,
        why: "HAProxy queues when a server has as many connections as it may have; without `maxConnections` that never is, and `queue` does nothing.",
        remedy: "Write `maxConnections`, or leave `queue` out.",
        at: [at(["backends", name, "timeouts", "queue"]) ?? place],
      }));
  },
};
