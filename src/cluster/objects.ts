// Kubernetes objects as plain data: API paths of each kind, and names for output.
import { parseAllDocuments } from "yaml";
import type { TextFile } from "../emit/file.ts";

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMetadata;
  readonly [field: string]: unknown;
}

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly managedFields?: readonly ManagedFields[];
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly uid: string;
  }[];
  readonly [field: string]: unknown;
}

/** The owners of fields (Kubernetes, "Server-Side Apply"). */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly subresource?: string;
  readonly fieldsV1?: unknown;
}

export const FIELD_MANAGER = "portico";

/** Every kind of object that an edge has, in the order in which they are applied: referenced objects come first. */
export const EDGE_KINDS: readonly { readonly apiVersion: string; readonly kind: string }[] = [
  { apiVersion: "v1", kind: "ServiceAccount" },
  { apiVersion: "v1", kind: "ConfigMap" },
  { apiVersion: "v1", kind: "Secret" },
  { apiVersion: "v1", kind: "Service" },
  { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" },
  { apiVersion: "policy/v1", kind: "PodDisruptionBudget" },
  { apiVersion: "apps/v1", kind: "Deployment" },
  { apiVersion: "apps/v1", kind: "DaemonSet" },
  { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" },
  { apiVersion: "monitoring.coreos.com/v1", kind: "PodMonitor" },
];

/** Kinds whose objects are immutable and named by their content. */
export const NAMED_BY_CONTENT: ReadonlySet<string> = new Set(["ConfigMap", "Secret"]);

/** The objects of the kubernetes layer, in the order in which they are applied. */
export function objectsOf(files: readonly TextFile[], namespace: string): readonly KubernetesObject[] {
  return files
    .filter(({ path }) => /^kubernetes\/.*\.ya?ml$/.test(path) && !path.endsWith("/kustomization.yaml"))
    .flatMap(({ content }) => parseAllDocuments(content).map((document) => document.toJS() as unknown))
    .filter((value): value is KubernetesObject => isObject(value))
    .map((object) => ({ ...object, metadata: { namespace, ...object.metadata } }))
    .sort((a, b) => placeOf(a) - placeOf(b));
}

/** `Deployment app-edge`. */
export function nameOf({ kind, metadata }: Pick<KubernetesObject, "kind" | "metadata">): string {
  return `${kind} ${metadata.name}`;
}

export function sameObject(a: KubernetesObject, b: KubernetesObject): boolean {
  return a.kind === b.kind && a.metadata.name === b.metadata.name && groupOf(a) === groupOf(b);
}

/** `deployments.apps`, as RBAC roles name it. */
export function resourceOf(object: Pick<KubernetesObject, "apiVersion" | "kind">): {
  readonly group: string;
  readonly resource: string;
} {
  return { group: groupOf(object), resource: pluralOf(object.kind) };
}

/** `/apis/apps/v1/namespaces/web/deployments`. */
export function listPath(
  { apiVersion, kind }: Pick<KubernetesObject, "apiVersion" | "kind">,
  namespace: string | undefined,
): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${root}${within}/${pluralOf(kind)}`;
}

export function objectPath(object: Pick<KubernetesObject, "apiVersion" | "kind" | "metadata">): string {
  const { namespace, name } = object.metadata;
  if (namespace === undefined) throw new Error(`${nameOf(object)} has no namespace`);
  return `${listPath(object, namespace)}/${encodeURIComponent(name)}`;
}

/** The selector of an edge's objects: its manager and its name (Kubernetes, "Recommended Labels"). */
export function edgeSelector(instance: string): string {
  return `app.kubernetes.io/managed-by=portico,app.kubernetes.io/instance=${instance}`;
}

function groupOf({ apiVersion }: Pick<KubernetesObject, "apiVersion">): string {
  return apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
}

function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  if (name.endsWith("y")) return `${name.slice(0, -1)}ies`;
  return name.endsWith("s") ? `${name}es` : `${name}s`;
}

function placeOf(object: KubernetesObject): number {
  const place = EDGE_KINDS.findIndex(({ kind }) => kind === object.kind);
  return place === -1 ? EDGE_KINDS.length : place;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && "kind" in value && "metadata" in value;
}
