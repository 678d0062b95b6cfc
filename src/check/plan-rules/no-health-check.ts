// no-health-check: several servers without health checks.
import type { PlanRule } from "../plan-rule.ts";

export const noHealthCheck: PlanRule = {
  code: "no-health-check",
  severity: "warning",
  check({ plan, at }) {
    return plan.backends
      .filter(
        ({ variantOf, servers, health }) =>
          variantOf === null && health.kind === "none" && servers.length > 1,
      )
      .map(({ name, servers, at: place }) => ({
        what: `the ${servers.length} servers of \`${name}\` are not checked`,
        why: "One that is dead goes on getting its share of the requests: each waits until its connection fails, one that accepts and does not answer costs the whole server timeout.",
        remedy: "Leave `health: false` out, or write `health: { path: /… }`.",
        at: [at(["backends", name, "health"]) ?? place],
      }));
  },
};
