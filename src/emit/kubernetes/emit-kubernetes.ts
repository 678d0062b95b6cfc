// The kubernetes layer: plain YAML, one object a file, with a kustomization.
import type { ServiceAccount } from "kubernetes-types/core/v1.d.ts";
import type { Plan } from "../../plan/plan.ts";
import type { EmittedFile } from "../file.ts";
import { configMaps } from "./config-maps.ts";
import { type Manifest, printManifest } from "./manifest.ts";
import { metadata } from "./metadata.ts";
import { networkPolicy } from "./network-policy.ts";
import { pod } from "./pod.ts";
import { podMonitor } from "./pod-monitor.ts";
import { autoscaler, disruptionBudget } from "./scaling.ts";
import { podSecrets } from "./secrets.ts";
import { services } from "./services.ts";
import { workload } from "./workload.ts";

export interface KubernetesInput {
  /** The files of the haproxy layer, which ConfigMaps hold. */
  readonly config: readonly EmittedFile[];
  /** The image with its tag. */
  readonly image: string;
}

/** Files below `kubernetes/`, in the order in which they are applied: what a pod needs comes before it. */
export function emitKubernetes(plan: Plan, { config, image }: KubernetesInput): readonly EmittedFile[] {
  const maps = configMaps(plan, config);
  const secrets = podSecrets(plan);
  const objects = [
    serviceAccount(plan),
    ...maps.manifests,
    ...secrets.manifests,
    ...networkPolicy(plan),
    ...services(plan),
    workload(plan, pod(plan, image, maps, secrets.env)),
    ...disruptionBudget(plan),
    ...autoscaler(plan),
    ...podMonitor(plan),
  ];
  return [kustomization(plan, objects), ...objects].map(printManifest);
}

function serviceAccount(plan: Plan): Manifest {
  const object: ServiceAccount = {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: metadata(plan, plan.kubernetes.names.edge),
    automountServiceAccountToken: false,
  };
  return {
    file: "serviceaccount.yaml",
    about: "Who the pods are: nobody that the API server lets do anything.",
    object,
  };
}

function kustomization(plan: Plan, objects: readonly Manifest[]): Manifest {
  return {
    file: "kustomization.yaml",
    about: `The edge ${plan.edge} on Kubernetes, written by Portico: change its description and render again.`,
    object: {
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      namespace: plan.namespace,
      resources: objects.map(({ file }) => file),
    },
  };
}
