// Permissions in the namespace: checked before anything is changed, so that no deploy stops halfway for lack of one.
import type { Finding } from "../findings/finding.ts";
import type { ClusterApi } from "./api.ts";
import { failedWith } from "./failure.ts";
import { type KubernetesObject, resourceOf } from "./objects.ts";
import { isWorkload } from "./workload.ts";

export interface Right {
  readonly verb: string;
  readonly group: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  readonly namespaced: boolean;
}

export interface Rights {
  readonly findings: readonly Finding[];
  readonly mayReadLogs: boolean;
  readonly mayForward: boolean;
}

/** Checks all in parallel. An error where a deploy would fail, a note where it would see less. */
export async function checkRights(
  api: ClusterApi,
  namespace: string,
  objects: readonly KubernetesObject[],
): Promise<Rights> {
  const kinds = new Map(objects.map((object) => [object.kind, resourceOf(object)]));
  const needed = [
    ...[...kinds.values()].flatMap((kind) =>
      ["get", "list", "create", "patch", "delete"].map((verb) => ({ verb, ...kind, namespaced: true })),
    ),
    right("list", "", "pods"),
    right("list", "apps", "replicasets"),
    ...["get", "create", "update", "delete"].map((verb) => right(verb, "coordination.k8s.io", "leases")),
  ];
  const useful = [
    right("get", "", "pods/log"),
    right("create", "", "pods/portforward"),
    { ...right("list", "", "nodes"), namespaced: false },
    right("list", "", "events"),
    ...(readsSecrets(objects) ? [right("get", "", "secrets")] : []),
  ];
  const [missing, lacking] = await Promise.all([
    withoutThose(api, namespace, needed),
    withoutThose(api, namespace, useful),
  ]);
  const may = (resource: string) => !lacking.some((one) => one.resource === resource);
  return {
    findings: [
      ...(missing.length === 0 ? [] : [forbidden(api, namespace, missing)]),
      ...(missing.length > 0 || lacking.length === 0 ? [] : [sawLess(lacking)]),
    ],
    mayReadLogs: may("pods/log"),
    mayForward: may("pods/portforward"),
  };
}

/** Whether variables are from a Secret of others: a changed one triggers a rollout only where it may be read. */
function readsSecrets(objects: readonly KubernetesObject[]): boolean {
  return (
    JSON.stringify(objects.filter(isWorkload)).includes('"secretKeyRef"') &&
    !objects.some(({ kind }) => kind === "Secret")
  );
}

/** `deployments.apps: create, patch; leases.coordination.k8s.io: get`. */
function rightsText(rights: readonly Pick<Right, "verb" | "group" | "resource">[]): string {
  const verbs = new Map<string, string[]>();
  for (const { verb, group, resource } of rights) {
    const name = group === "" ? resource : `${resource}.${group}`;
    verbs.set(name, [...(verbs.get(name) ?? []), verb]);
  }
  return [...verbs].map(([name, list]) => `${name}: ${list.join(", ")}`).join("; ");
}

function right(verb: string, group: string, resource: string): Right {
  return { verb, group, resource, namespaced: true };
}

async function withoutThose(
  api: ClusterApi,
  namespace: string,
  rights: readonly Right[],
): Promise<readonly Right[]> {
  const allowed = await Promise.all(rights.map((one) => isAllowed(api, namespace, one)));
  return rights.filter((_, index) => allowed[index] === false);
}

/** Where the cluster does not answer this review, the actions themselves decide: their refusals have the same content. */
async function isAllowed(api: ClusterApi, namespace: string, right: Right): Promise<boolean> {
  const [resource, subresource] = right.resource.split("/");
  try {
    const review = (await api.request("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectAccessReview",
        spec: {
          resourceAttributes: {
            verb: right.verb,
            group: right.group,
            resource,
            ...(subresource === undefined ? {} : { subresource }),
            ...(right.namespaced ? { namespace } : {}),
          },
        },
      },
    })) as { readonly status?: { readonly allowed?: boolean } };
    return review.status?.allowed === true;
  } catch (error) {
    if (failedWith(error, 403) || failedWith(error, 404)) return true;
    throw error;
  }
}

function forbidden(api: ClusterApi, namespace: string, missing: readonly Right[]): Finding {
  return {
    code: "cluster-access-denied",
    severity: "error",
    what: `the context \`${api.context}\` lacks permissions that a deploy needs in the namespace ${namespace}`,
    why: `Missing: ${rightsText(missing)}. Nothing was changed.`,
    remedy: `Request a Role in ${namespace} with these verbs, or use another \`--context\`.`,
    at: [],
  };
}

function sawLess(lacking: readonly Right[]): Finding {
  return {
    code: "cluster-access-limited",
    severity: "note",
    what: "permissions to read some objects are missing",
    why: `Missing: ${rightsText(lacking)}. Without them, less is reported about pods that do not become ready, and less is verified.`,
    remedy: "Request these verbs, or ignore this note.",
    at: [],
  };
}
