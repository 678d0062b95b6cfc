// The Deployment, or the DaemonSet where HAProxy has ports of the hosts.
import type { DaemonSet, Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { PodSpec, PodTemplateSpec } from "kubernetes-types/core/v1.d.ts";
import type { Plan } from "../../plan/plan.ts";
import { placeOf } from "../file.ts";
import { because, decided, type Manifest } from "./manifest.ts";
import { labels, metadata, selector } from "./metadata.ts";

/** The one whose ConfigMaps `portico deploy` does not remove. */
const REVISIONS = because(1, "the previous version, for a manual rollback");

export function workload(plan: Plan, pod: PodSpec): Manifest {
  const { workload: kind } = plan.kubernetes;
  const manifest = kind.value === "Deployment" ? deployment(plan, pod) : daemonSet(plan, pod);
  return { ...manifest, ...placeOf(kind) };
}

function deployment(plan: Plan, pod: PodSpec): Manifest {
  const { replicas, kubernetes } = plan;
  const fixed = kubernetes.autoscale === null;
  const object: Deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(plan, kubernetes.names.edge),
    spec: {
      ...(fixed && { replicas: decided(replicas) }),
      revisionHistoryLimit: REVISIONS,
      selector: { matchLabels: selector(plan) },
      strategy: {
        type: "RollingUpdate",
        rollingUpdate: {
          maxSurge: 1,
          maxUnavailable: because(0, "old pods are removed once new ones are ready"),
        },
      },
      template: template(plan, pod),
    },
  };
  return {
    file: "deployment.yaml",
    about: `HAProxy's pods.${fixed ? "" : " The autoscaler sets their number."}`,
    object,
  };
}

function daemonSet(plan: Plan, pod: PodSpec): Manifest {
  const object: DaemonSet = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: metadata(plan, plan.kubernetes.names.edge),
    spec: {
      revisionHistoryLimit: REVISIONS,
      selector: { matchLabels: selector(plan) },
      updateStrategy: {
        type: "RollingUpdate",
        rollingUpdate: { maxUnavailable: because(1, "one node at a time") },
      },
      template: template(plan, pod),
    },
  };
  const where = plan.kubernetes.exposure.value === "hostPort" ? ", on host ports" : "";
  return {
    file: "daemonset.yaml",
    about: `HAProxy's pods, one per node${where}.`,
    object,
  };
}

function template(plan: Plan, spec: PodSpec): PodTemplateSpec {
  return { metadata: { labels: labels(plan) }, spec };
}
