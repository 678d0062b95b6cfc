// The workload that runs the edge's pods, and which pods have its current version.
import type { DaemonSet, Deployment, ReplicaSet } from "kubernetes-types/apps/v1.d.ts";
import type { Pod } from "kubernetes-types/core/v1.d.ts";
import type { ClusterApi } from "./api.ts";
import { type KubernetesObject, objectPath } from "./objects.ts";

export type Workload = (Deployment | DaemonSet) & KubernetesObject;

export interface WorkloadPods {
  readonly workload: Workload;
  /** Of the current version of the pod template, without terminating ones. */
  readonly current: readonly Pod[];
  readonly older: readonly Pod[];
}

const REVISION = "deployment.kubernetes.io/revision";
const GENERATION = "deprecated.daemonset.template.generation";

export function isWorkload({ kind }: Pick<KubernetesObject, "kind">): boolean {
  return kind === "Deployment" || kind === "DaemonSet";
}

/** The current workload and its pods. Rejects with ClusterFailure, also when it is gone. */
export async function workloadPods(api: ClusterApi, named: KubernetesObject): Promise<WorkloadPods> {
  const workload = await api.get<Workload>(objectPath(named));
  const namespace = workload.metadata.namespace ?? "";
  const selector = Object.entries(workload.spec?.selector.matchLabels ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(",");
  const [pods, sets] = await Promise.all([
    api.list<Pod & KubernetesObject>({ apiVersion: "v1", kind: "Pod" }, namespace, selector),
    workload.kind === "DaemonSet"
      ? []
      : api.list<ReplicaSet & KubernetesObject>(
          { apiVersion: "apps/v1", kind: "ReplicaSet" },
          namespace,
          selector,
        ),
  ]);
  const living = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const isCurrent = currentBy(workload, sets);
  const own = living.filter((pod) => isOf(pod, workload, sets));
  return {
    workload,
    current: own.filter(isCurrent),
    older: own.filter((pod) => !isCurrent(pod)),
  };
}

/** The owner distinguishes pods of another workload with the same labels. */
function isOf(pod: KubernetesObject, workload: Workload, sets: readonly KubernetesObject[]): boolean {
  const owners = [workload.metadata.uid, ...sets.map(({ metadata }) => metadata.uid)];
  return pod.metadata.ownerReferences?.some(({ uid }) => owners.includes(uid)) === true;
}

function currentBy(
  { kind, metadata }: Workload,
  sets: readonly KubernetesObject[],
): (pod: KubernetesObject) => boolean {
  if (kind === "DaemonSet") {
    const generation = metadata.annotations?.[GENERATION];
    return (pod) => pod.metadata.labels?.["pod-template-generation"] === generation;
  }
  const revision = metadata.annotations?.[REVISION];
  const set = sets.find(
    (one) =>
      one.metadata.annotations?.[REVISION] === revision &&
      one.metadata.ownerReferences?.some(({ uid }) => uid === metadata.uid) === true,
  );
  return (pod) => pod.metadata.ownerReferences?.some(({ uid }) => uid === set?.metadata.uid) === true;
}
