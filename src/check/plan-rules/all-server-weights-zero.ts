// all-server-weights-zero: backend whose servers all have weight 0.
import type { PlanRule } from "../rule.ts";

export const allServerWeightsZero: PlanRule = {
  code: "all-server-weights-zero",
  severity: "error",
  check({ plan, at }) {
    return plan.backends
      .filter(({ variantOf, servers }) => variantOf === null && servers.every(({ weight }) => weight === 0))
      .map(({ name, at: place }) => ({
        what: `all servers of \`${name}\` have weight 0`,
        why: "A server with weight 0 gets no new requests, and neither does a backup server: every request gets 503.",
        remedy: "Give at least one server a weight above 0.",
        at: [at(["backends", name, "servers"], { key: true }) ?? place],
      }));
  },
};
