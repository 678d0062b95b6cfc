// A PodMonitor for the Prometheus operator, whose CRD the cluster must have (prometheus-operator, "API reference": PodMonitor).
import type { ObjectMeta } from "kubernetes-types/meta/v1.d.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import type { Manifest } from "./manifest.ts";
import { metadata, selector } from "./metadata.ts";

/** The fields that are used. */
interface PodMonitor {
  readonly apiVersion: "monitoring.coreos.com/v1";
  readonly kind: "PodMonitor";
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly podMetricsEndpoints: readonly { readonly port: string; readonly path: string }[];
  };
}

export function podMonitor(plan: Plan): readonly Manifest[] {
  if (!plan.kubernetes.podMonitor) return [];
  const object: PodMonitor = {
    apiVersion: "monitoring.coreos.com/v1",
    kind: "PodMonitor",
    metadata: metadata(plan, plan.kubernetes.names.edge),
    spec: {
      selector: { matchLabels: selector(plan) },
      podMetricsEndpoints: [{ port: "health", path: "/metrics" }],
    },
  };
  return [
    {
      file: "podmonitor.yaml",
      ...partOf(plan, "kubernetes.podMonitor"),
      about: "Metrics for the Prometheus operator, whose CRDs the cluster must have.",
      object,
    },
  ];
}
