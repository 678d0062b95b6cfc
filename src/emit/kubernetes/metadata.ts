// Names and labels of all objects (Kubernetes, "Recommended Labels").
import type { ObjectMeta } from "kubernetes-types/meta/v1.d.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { because } from "./manifest.ts";

export function metadata(plan: Plan, name: string): ObjectMeta {
  const edge = partOf(plan, "edge");
  return {
    name: because(name, edge),
    namespace: because(plan.namespace, partOf(plan, "namespace")),
    labels: because(labels(plan), edge),
  };
}

export function labels(plan: Plan): Record<string, string> {
  return {
    ...selector(plan),
    "app.kubernetes.io/component": "edge",
    "app.kubernetes.io/managed-by": "portico",
    "app.kubernetes.io/part-of": plan.edge,
  };
}

/** The selector of the pods: minimal, because a workload's selector is immutable. */
export function selector({ kubernetes }: Plan): Record<string, string> {
  return {
    "app.kubernetes.io/name": "haproxy",
    "app.kubernetes.io/instance": kubernetes.names.edge,
  };
}
