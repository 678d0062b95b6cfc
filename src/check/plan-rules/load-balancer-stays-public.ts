// load-balancer-stays-public: internal load balancer without a setting that makes it internal.
import type { PlanRule } from "../plan-rule.ts";
import { serviceProvider } from "../service-provider.ts";

export const loadBalancerStaysPublic: PlanRule = {
  code: "load-balancer-stays-public",
  severity: "error",
  check({ plan, at }) {
    if (plan.loadBalancer.service?.internal !== true) return [];
    const provider = serviceProvider(plan);
    if (provider !== null && provider.internal !== null) return [];
    return [
      {
        what:
          provider === null
            ? "the load balancer is to be internal, and nobody says whose it is"
            : `${provider.title} documents no annotation for an internal load balancer`,
        why: "Each provider has its own word for it, and without that word the load balancer is open to the internet.",
        remedy:
          provider === null
            ? "Write `provider`."
            : "Leave `internal` out, and keep others away by the provider's own means.",
        at: [at(["public", "loadBalancer", "internal"])],
      },
    ];
  },
};
