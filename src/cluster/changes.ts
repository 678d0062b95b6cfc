// What a deploy would change in the cluster, object by object, by a dry run on the API server.
import type { Finding } from "../findings/finding.ts";
import type { ClusterApi } from "./api.ts";
import { ClusterFailure, failedWith } from "./failure.ts";
import { type FieldChange, fieldChanges } from "./field-diff.ts";
import {
  EDGE_KINDS,
  edgeSelector,
  FIELD_MANAGER,
  type KubernetesObject,
  NAMED_BY_CONTENT,
  nameOf,
  sameObject,
} from "./objects.ts";
import { appliedBy } from "./owned-fields.ts";
import { refusalOf } from "./refusals.ts";
import { withSecretVersions } from "./secret-versions.ts";

export interface ObjectChange {
  readonly object: KubernetesObject;
  /** `replaced`: its content is immutable and differs, so it is deleted and created again. */
  readonly change: "new" | "changed" | "unchanged" | "replaced" | "removed";
  readonly live: KubernetesObject | undefined;
  readonly fields: readonly FieldChange[];
}

export interface Changes {
  /** In the order in which they are applied; removals come last. */
  readonly changes: readonly ObjectChange[];
  readonly findings: readonly Finding[];
}

export interface CompareOptions {
  readonly namespace: string;
  /** The edge's own label, `app.kubernetes.io/instance`. */
  readonly instance: string;
  readonly force?: boolean;
}

/** Rejects with ClusterFailure when the cluster stops answering. */
export async function compareWithCluster(
  api: ClusterApi,
  objects: readonly KubernetesObject[],
  options: CompareOptions,
): Promise<Changes> {
  const own = new Set(objects.filter(({ kind }) => kind === "Secret").map(({ metadata }) => metadata.name));
  const [compared, gone] = await Promise.all([
    Promise.all(objects.map((object) => compareObject(api, object, own, options.force === true))),
    objectsWithoutUse(api, objects, options),
  ]);
  return {
    changes: [
      ...compared.flatMap(({ change }) => change ?? []),
      ...gone.map((object) => ({ object, change: "removed" as const, live: object, fields: [] })),
    ],
    findings: [
      ...compared.flatMap(({ findings }) => findings),
      ...compared.flatMap(({ change }) =>
        change?.change === "replaced" ? [editedByHand(change.object, change.fields)] : [],
      ),
    ],
  };
}

/** Every object of this edge in the cluster, of the kinds that Portico writes. */
async function objectsOfEdge(
  api: ClusterApi,
  { namespace, instance }: Pick<CompareOptions, "namespace" | "instance">,
): Promise<readonly KubernetesObject[]> {
  const lists = await Promise.all(
    EDGE_KINDS.map(async (kind) => {
      try {
        return await api.list<KubernetesObject>(kind, namespace, edgeSelector(instance));
      } catch (error) {
        // Portico cannot have written objects of a kind that it may not read.
        if (failedWith(error, 403)) return [];
        throw error;
      }
    }),
  );
  return lists.flat();
}

/**
 * An autoscaler now owns the number of replicas, which was ours: releasing the field would set it to 1 until the autoscaler acts.
 * So the current number is applied once more, until the autoscaler owns it (Kubernetes, "Server-Side Apply": transferring ownership).
 */
function withReplicasInTransit(
  object: KubernetesObject,
  live: KubernetesObject | undefined,
): KubernetesObject {
  if (object.kind !== "Deployment" || live === undefined) return object;
  const { spec } = object as KubernetesObject & { readonly spec?: { readonly replicas?: number } };
  const ours = appliedBy(live, FIELD_MANAGER) as
    | { readonly spec?: { readonly replicas?: number } }
    | undefined;
  const replicas = ours?.spec?.replicas;
  return spec?.replicas !== undefined || replicas === undefined
    ? object
    : ({ ...object, spec: { ...spec, replicas } } as KubernetesObject);
}

interface Compared {
  readonly change?: ObjectChange;
  readonly findings: readonly Finding[];
}

async function compareObject(
  api: ClusterApi,
  described: KubernetesObject,
  own: ReadonlySet<string>,
  force: boolean,
): Promise<Compared> {
  let live: KubernetesObject | undefined;
  let object = described;
  try {
    live = await api.find(described);
    object = await withSecretVersions(api, withReplicasInTransit(described, live), live, own);
    if (live !== undefined && holdsOther(object, live))
      return {
        change: { object, change: "replaced", live, fields: dataChanges(object, live) },
        findings: [],
      };
    return { change: await dryRun(api, object, live, force), findings: [] };
  } catch (error) {
    const findings = await refusalOf(error, object, api);
    const owned = findings.some(({ code }) => code === "field-manager-conflict");
    const change = owned ? await changeByForce(api, object, live) : undefined;
    return { findings, ...(change === undefined ? {} : { change }) };
  }
}

async function dryRun(
  api: ClusterApi,
  object: KubernetesObject,
  live: KubernetesObject | undefined,
  force: boolean,
): Promise<ObjectChange> {
  const after = await api.apply(object, { dryRun: true, force });
  if (live === undefined) return { object, change: "new", live, fields: [] };
  const fields = fieldChanges(live, after);
  return { object, change: fields.length === 0 ? "unchanged" : "changed", live, fields };
}

/** What differs, including fields of other managers; undefined where the cluster does not say. */
async function changeByForce(
  api: ClusterApi,
  object: KubernetesObject,
  live: KubernetesObject | undefined,
): Promise<ObjectChange | undefined> {
  try {
    return await dryRun(api, object, live, true);
  } catch (error) {
    if (error instanceof ClusterFailure) return undefined;
    throw error;
  }
}

/** Its name is computed from its content: a different content was written by another client. */
function holdsOther(object: KubernetesObject, live: KubernetesObject): boolean {
  return NAMED_BY_CONTENT.has(object.kind) && dataChanges(object, live).length > 0;
}

function dataChanges(object: KubernetesObject, live: KubernetesObject): readonly FieldChange[] {
  return ["data", "binaryData"].flatMap((part) => fieldChanges(live[part], object[part], part));
}

/** Objects of an earlier rendering. ConfigMaps and Secrets are kept until no pod template names them. */
async function objectsWithoutUse(
  api: ClusterApi,
  objects: readonly KubernetesObject[],
  options: CompareOptions,
): Promise<readonly KubernetesObject[]> {
  const all = await objectsOfEdge(api, options);
  return all.filter(
    (object) => !NAMED_BY_CONTENT.has(object.kind) && !objects.some((other) => sameObject(object, other)),
  );
}

function editedByHand(object: KubernetesObject, fields: readonly FieldChange[]): Finding {
  const keys = fields.map(({ field }) => field.replace(/^(data|binaryData)\./, "")).join(", ");
  return {
    code: "config-map-modified",
    severity: "warning",
    what: `${nameOf(object)} does not match its name: ${keys} was changed by hand`,
    why: "Its name is computed from its content. Pods that start now use the changed content, the others the former one.",
    remedy:
      "Write the change into the description: a deploy deletes this object, creates it again, and restarts the pods.",
    at: [],
  };
}
