// public-by-default: public edge by default.
import type { PlanRule } from "../rule.ts";

export const publicByDefault: PlanRule = {
  code: "public-by-default",
  severity: "note",
  check({ plan, edge, at }) {
    if (edge === undefined || edge.public !== undefined || edge.internal !== undefined) return [];
    // A description without a cluster is a sketch, for `test` and `explain`.
    if (edge.namespace === undefined && edge.kubernetes === undefined && edge.image === undefined) return [];
    if (plan.kubernetes.exposure.value !== "LoadBalancer") return [];
    return {
      what: "the edge gets a public load balancer by default",
      why: "Neither `public` nor `internal` is described. On most clouds a Service of type LoadBalancer is public, and costs money.",
      remedy:
        "Write `public: { loadBalancer: service }` if this is intended, or describe only `internal` for in-cluster clients.",
      at: [at(["edge"], { key: true })],
    };
  },
};
