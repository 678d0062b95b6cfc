// load-balancer-stays-public: internal load balancer without a setting that makes it internal.
import type { PlanRule } from "../rule.ts";
import { serviceProvider } from "../service-provider.ts";

export const loadBalancerStaysPublic: PlanRule = {
  code: "load-balancer-stays-public",
  severity: "error",
  check({ plan, at }) {
    if (plan.loadBalancer.service?.internal !== true) return [];
    const provider = serviceProvider(plan);
    if (provider?.internal !== undefined) return [];
    return {
      what:
        provider === undefined
          ? "the load balancer is internal, and its provider is not described"
          : `${provider.title} documents no annotation for an internal load balancer`,
      why: "Each provider has its own annotation for an internal load balancer, and without it the load balancer is open to the internet.",
      remedy:
        provider === undefined
          ? "Write `provider`."
          : "Remove `internal`, and restrict access with the provider's own settings.",
      at: [at(["public", "loadBalancer", "internal"])],
    };
  },
};
