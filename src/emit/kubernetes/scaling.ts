// How many pods may be unavailable, and how many there are with autoscaling.
import type { HorizontalPodAutoscaler } from "kubernetes-types/autoscaling/v2.d.ts";
import type { PodDisruptionBudget } from "kubernetes-types/policy/v1.d.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { placeOf } from "../file.ts";
import { because, decided, type Manifest } from "./manifest.ts";
import { metadata, selector } from "./metadata.ts";

/** Pods of a DaemonSet are not evicted, and a budget cannot count them (Kubernetes, "Specifying a Disruption Budget"). */
export function disruptionBudget(plan: Plan): readonly Manifest[] {
  if (plan.kubernetes.workload.value === "DaemonSet") return [];
  const object: PodDisruptionBudget = {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: metadata(plan, plan.kubernetes.names.edge),
    spec: {
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: because("AlwaysAllow", "unready pods do not block node drains"),
      selector: { matchLabels: selector(plan) },
    },
  };
  return [
    {
      file: "poddisruptionbudget.yaml",
      ...placeOf(plan.kubernetes.workload),
      about:
        plan.replicas.value === 1
          ? "The only pod can be evicted too: no traffic is served until the next pod is ready."
          : "Limits evictions to one pod at a time during node drains.",
      object,
    },
  ];
}

export function autoscaler(plan: Plan): readonly Manifest[] {
  const { autoscale, names } = plan.kubernetes;
  if (autoscale === null) return [];
  const { min, max, cpuPercent } = autoscale;
  const object: HorizontalPodAutoscaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: metadata(plan, names.edge),
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: names.edge },
      minReplicas: min,
      maxReplicas: max,
      metrics: [
        {
          type: "Resource",
          resource: {
            name: "cpu",
            target: { type: "Utilization", averageUtilization: decided(cpuPercent) },
          },
        },
      ],
    },
  };
  return [
    {
      file: "horizontalpodautoscaler.yaml",
      about: "Scales the pods with their CPU use.",
      object,
      ...partOf(plan, "kubernetes.replicas"),
    },
  ];
}
