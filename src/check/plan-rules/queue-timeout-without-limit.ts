// queue-timeout-without-limit: queue timeout without a connection limit.
import type { PlanRule } from "../rule.ts";

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
        what: `\`queue\` of \`${name}\` has no effect without \`maxConnections\``,
        why: "HAProxy queues requests when a server has reached its connection limit, and there is no limit.",
        remedy: "Write `maxConnections`, or remove `queue`.",
        at: [at(["backends", name, "timeouts", "queue"]) ?? place],
      }));
  },
};
