// The Deployment, or the DaemonSet where HAProxy has ports of the hosts.
import type { DaemonSet, Deployment } from "kubernetes-types/apps/v1.d.ts";
import type { PodTemplateSpec } from "kubernetes-types/core/v1.d.ts";
import type { Plan } from "../../plan/plan.ts";
import { placeOf } from "../file.ts";
import { below, type Manifest } from "./manifest.ts";
import { labels, metadata, selector } from "./metadata.ts";
import type { Pod } from "./pod.ts";

/** The one whose ConfigMaps `portico deploy` does not remove. */
const REVISIONS = 1;

export function workload(plan: Plan, pod: Pod): Manifest {
  const deployed = plan.kubernetes.workload.value === "Deployment";
  const { file, about, object, because } = deployed ? deployment(plan, pod) : daemonSet(plan, pod);
  return {
    file,
    about,
    object,
    ...placeOf(plan.kubernetes.workload),
    because: {
      "/spec/revisionHistoryLimit": "the previous version, for a manual rollback",
      ...because,
      ...below("/spec/template/spec", pod.because),
    },
  };
}

function deployment(plan: Plan, pod: Pod): Manifest {
  const { replicas, kubernetes } = plan;
  const fixed = kubernetes.autoscale === null;
  const object: Deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: metadata(plan, kubernetes.names.edge),
    spec: {
      ...(fixed && { replicas: replicas.value }),
      revisionHistoryLimit: REVISIONS,
      selector: { matchLabels: selector(plan) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: template(plan, pod),
    },
  };
  return {
    file: "deployment.yaml",
    about: `HAProxy's pods.${fixed ? "" : " The autoscaler sets their number."}`,
    object,
    because: {
      ...(fixed && { "/spec/replicas": replicas }),
      "/spec/strategy/rollingUpdate/maxUnavailable": "old pods are removed once new ones are ready",
    },
  };
}

function daemonSet(plan: Plan, pod: Pod): Manifest {
  const object: DaemonSet = {
    apiVersion: "apps/v1",
    kind: "DaemonSet",
    metadata: metadata(plan, plan.kubernetes.names.edge),
    spec: {
      revisionHistoryLimit: REVISIONS,
      selector: { matchLabels: selector(plan) },
      updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
      template: template(plan, pod),
    },
  };
  const where = plan.kubernetes.exposure.value === "hostPort" ? ", on host ports" : "";
  return {
    file: "daemonset.yaml",
    about: `HAProxy's pods, one per node${where}.`,
    object,
    because: { "/spec/updateStrategy/rollingUpdate/maxUnavailable": "one node at a time" },
  };
}

function template(plan: Plan, { spec }: Pod): PodTemplateSpec {
  return { metadata: { labels: labels(plan) }, spec };
}
