// Versions of Secrets that others manage: pod templates name them, so that a change triggers a rollout.
import type { PodTemplateSpec } from "kubernetes-types/core/v1.d.ts";
import type { ClusterApi } from "./api.ts";
import { failedWith } from "./failure.ts";
import type { KubernetesObject } from "./objects.ts";
import { isWorkload } from "./workload.ts";

/** Of the pod template: `edge-secrets 81234`, the Secret's resourceVersion. */
const ANNOTATION = "portico/secrets";

type Workload = KubernetesObject & {
  readonly spec?: { readonly template?: PodTemplateSpec };
};

/**
 * A workload with the versions of the Secrets that its variables use. `own`: Secrets of this deploy, whose names change with their
 * content. Only metadata is read; without the permission, the annotation stays as it is in the cluster.
 */
export async function withSecretVersions(
  api: ClusterApi,
  object: KubernetesObject,
  live: KubernetesObject | undefined,
  own: ReadonlySet<string>,
): Promise<KubernetesObject> {
  if (!isWorkload(object)) return object;
  const names = secretsOf(object).filter((name) => !own.has(name));
  if (names.length === 0) return object;
  const namespace = object.metadata.namespace ?? "";
  const versions = await Promise.all(names.map((name) => versionOf(api, namespace, name)));
  const known = versions.every((version) => version !== undefined);
  const before = (live as Workload | undefined)?.spec?.template?.metadata?.annotations?.[ANNOTATION];
  const value = known ? names.map((name, index) => `${name} ${versions[index]}`).join(", ") : before;
  return value === undefined ? object : annotated(object, value);
}

function secretsOf(object: Workload): readonly string[] {
  const containers = object.spec?.template?.spec?.containers ?? [];
  const names = containers.flatMap(({ env = [] }) =>
    env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef?.name ?? []),
  );
  return [...new Set(names)].sort();
}

/** undefined where it may not be read. A missing Secret has the version 0: pods wait for it. */
async function versionOf(api: ClusterApi, namespace: string, name: string): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`;
  try {
    const { metadata } = (await api.request("GET", path, { accept: METADATA })) as Pick<
      KubernetesObject,
      "metadata"
    >;
    return metadata.resourceVersion;
  } catch (error) {
    if (failedWith(error, 404)) return "0";
    if (failedWith(error, 403)) return undefined;
    throw error;
  }
}

/** Kubernetes, "Kubernetes API Concepts": metadata-only fetches. */
const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

function annotated(object: Workload, value: string): KubernetesObject {
  const template = object.spec?.template;
  return {
    ...object,
    spec: {
      ...object.spec,
      template: {
        ...template,
        metadata: {
          ...template?.metadata,
          annotations: { ...template?.metadata?.annotations, [ANNOTATION]: value },
        },
      },
    },
  };
}
