// Leftovers of earlier deploys: ConfigMaps and Secrets that no current or previous version of the pods names.
import type { ControllerRevision, DaemonSet, ReplicaSet } from "kubernetes-types/apps/v1.d.ts";
import type { PodSpec } from "kubernetes-types/core/v1.d.ts";
import type { ClusterApi } from "./api.ts";
import { ClusterFailure, failedWith } from "./failure.ts";
import { edgeSelector, type KubernetesObject, NAMED_BY_CONTENT, nameOf } from "./objects.ts";
import type { Workload, WorkloadPods } from "./workload.ts";

/** Deletes them and returns their names. Those of the previous version are kept for a rollback. */
export async function removeLeftovers(
  api: ClusterApi,
  { workload, current, older }: WorkloadPods,
  instance: string,
): Promise<readonly string[]> {
  const namespace = workload.metadata.namespace ?? "";
  const templates = await lastTwoTemplates(api, workload);
  if (templates === undefined) return [];
  const inUse = new Set(
    [...templates, ...[...current, ...older].map(({ spec }) => spec)].flatMap((spec) => [
      ...configMapsOf(spec),
      ...secretsOf(spec),
    ]),
  );
  const all = await Promise.all([...NAMED_BY_CONTENT].map((kind) => madeOf(api, kind, namespace, instance)));
  const unused = all.flat().filter((one) => !inUse.has(nameOf(one)));
  for (const one of unused) await api.remove(one, one.metadata.uid);
  return unused.map(nameOf);
}

/** Objects of a kind that we may not read cannot be ours. */
async function madeOf(
  api: ClusterApi,
  kind: string,
  namespace: string,
  instance: string,
): Promise<readonly KubernetesObject[]> {
  try {
    return await api.list<KubernetesObject>({ apiVersion: "v1", kind }, namespace, edgeSelector(instance));
  } catch (error) {
    if (failedWith(error, 403)) return [];
    throw error;
  }
}

/** `ConfigMap app-edge-…` for each volume of a pod. */
function configMapsOf(spec: PodSpec | undefined): readonly string[] {
  const names = (spec?.volumes ?? []).flatMap(({ configMap, projected }) => [
    ...(configMap?.name === undefined ? [] : [configMap.name]),
    ...(projected?.sources ?? []).flatMap(({ configMap: source }) => source?.name ?? []),
  ]);
  return names.map((name) => `ConfigMap ${name}`);
}

/** `Secret app-edge-…` for each variable from a Secret. */
function secretsOf(spec: PodSpec | undefined): readonly string[] {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return containers.flatMap(({ env = [] }) =>
    env.flatMap(({ valueFrom }) => {
      const name = valueFrom?.secretKeyRef?.name;
      return name === undefined ? [] : `Secret ${name}`;
    }),
  );
}

/** The pod specifications of the current and the previous version; undefined where we may not read them. */
async function lastTwoTemplates(
  api: ClusterApi,
  workload: Workload,
): Promise<readonly (PodSpec | undefined)[] | undefined> {
  const daemons = workload.kind === "DaemonSet";
  const kind = { apiVersion: "apps/v1", kind: daemons ? "ControllerRevision" : "ReplicaSet" };
  try {
    const all = await api.list<(ReplicaSet | ControllerRevision) & KubernetesObject>(
      kind,
      workload.metadata.namespace ?? "",
    );
    return all
      .filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === workload.metadata.uid))
      .toSorted((a, b) => revisionOf(b) - revisionOf(a))
      .slice(0, 2)
      .map(
        (one) =>
          ("revision" in one ? dataOf(one as ControllerRevision) : (one as ReplicaSet).spec)?.template?.spec,
      );
  } catch (error) {
    if (error instanceof ClusterFailure && error.status === 403) return undefined;
    throw error;
  }
}

function revisionOf(one: (ReplicaSet | ControllerRevision) & KubernetesObject): number {
  if ("revision" in one) return Number(one.revision);
  return Number(one.metadata.annotations?.["deployment.kubernetes.io/revision"] ?? 0);
}

/** A ControllerRevision contains the patch that makes its version: `spec.template`. */
function dataOf({ data }: ControllerRevision): DaemonSet["spec"] {
  return (data as { readonly spec?: DaemonSet["spec"] } | undefined)?.spec;
}
