// public-by-default: public edge by default.
import type { PlanRule } from "../plan-rule.ts";

export const publicByDefault: PlanRule = {
  code: "public-by-default",
  severity: "note",
  check({ plan, edge, at }) {
    if (edge === null || edge.public !== undefined || edge.internal !== undefined) return [];
    // A description that says nothing of a cluster is a sketch, for `test` and `explain`.
    if (edge.namespace === undefined && edge.kubernetes === undefined && edge.image === undefined) return [];
    if (plan.kubernetes.exposure.value !== "LoadBalancer") return [];
    return [
      {
        what: "the edge gets a load balancer of its own, open to the internet",
        why: "Neither `public` nor `internal` is described. On most clouds a Service of type LoadBalancer is public, and costs money.",
        remedy:
          "Write `public: { loadBalancer: service }` if that is meant, or describe `internal` alone for callers inside the cluster.",
        at: [at(["edge"], { key: true })],
      },
    ];
  },
};
