// stats-without-password: public stats page without a password.
import type { PlanRule } from "../plan-rule.ts";

export const statsWithoutPassword: PlanRule = {
  code: "stats-without-password",
  severity: "warning",
  check({ plan, at }) {
    if (plan.stats === null || !plan.stats.public || plan.stats.user !== null) return [];
    return [
      {
        what: "the stats page is public and asks for no password",
        why: `Anyone can read the names, addresses and load of every backend on port ${plan.stats.port.value} of the load balancer.`,
        remedy: "Leave `public` out and look at it through `kubectl port-forward`.",
        at: [at(["stats", "public"])],
      },
    ];
  },
};
