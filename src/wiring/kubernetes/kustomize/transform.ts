// Transformers of a kustomization: namespace, names with their references, labels, annotations, images and replicas.
import { isRecord, type Path } from "../../../source/data.ts";
import type { Position } from "../../../source/position.ts";
import { childOf, childrenOf, descendant, listOf, type Tree, treeOf, withValue } from "./tree.ts";

/** An object while kustomizations change it. */
export interface Built {
  readonly tree: Tree;
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** Names that it had before: patches may use any of them. */
  readonly names: readonly string[];
  readonly namespace: string;
  readonly at: Position;
}

export function scalar(data: unknown, at: Position): Tree {
  return treeOf(data, () => at);
}

const CLUSTER_KINDS =
  /^(?:Namespace|ClusterRole|ClusterRoleBinding|CustomResourceDefinition|StorageClass|PersistentVolume|IngressClass|PriorityClass|.*WebhookConfiguration|APIService|PodSecurityPolicy|Node)$/;

export function withNamespace(one: Built, namespace: string, at: Position): Built {
  if (CLUSTER_KINDS.test(one.kind)) return one;
  return {
    ...one,
    namespace,
    tree: withValue(one.tree, ["metadata", "namespace"], scalar(namespace, at)),
  };
}

/** Prefix and suffix, with the references of the other objects. */
export function renamed(all: readonly Built[], prefix: string, suffix: string): readonly Built[] {
  const names = new Map<string, string>();
  const after = all.map((one) => {
    if (/^(?:CustomResourceDefinition|APIService|Namespace)$/.test(one.kind)) return one;
    const name = `${prefix}${one.name}${suffix}`;
    names.set(`${one.kind} ${one.name}`, name);
    const written = descendant(one.tree, ["metadata", "name"]);
    const tree =
      written === undefined
        ? one.tree
        : withValue(one.tree, ["metadata", "name"], { ...written, data: name });
    return { ...one, name, names: [...one.names, one.name], tree };
  });
  return after.map((one) => ({ ...one, tree: withReferences(one.tree, [], names) }));
}

/** Fields that name another object, by their parent (kustomize, "nameReference" defaults). */
const REFERENCES: readonly (readonly [kinds: readonly string[], parent: RegExp, field: string])[] = [
  [["ConfigMap"], /^(?:configMap|configMapKeyRef|configMapRef)$/, "name"],
  [["Secret"], /^(?:secretKeyRef|secretRef|imagePullSecrets)$/, "name"],
  [["Secret"], /^(?:secret|tls)$/, "secretName"],
  [["Secret"], /^secret$/, "name"],
  [["Service"], /^(?:service|serviceRef)$/, "name"],
  [["Service"], /^(?:spec|backend)$/, "serviceName"],
  [["ServiceAccount"], /^spec$/, "serviceAccountName"],
  [["Deployment", "StatefulSet", "ReplicaSet"], /^scaleTargetRef$/, "name"],
];

function withReferences(tree: Tree, path: Path, names: ReadonlyMap<string, string>): Tree {
  if (!isRecord(tree.data) && !Array.isArray(tree.data)) return tree;
  const parent = String(path.findLast((step) => typeof step === "string") ?? "");
  let result = tree;
  for (const [key, child] of childrenOf(tree)) {
    const reference =
      typeof child.data === "string"
        ? REFERENCES.filter(([, of, field]) => of.test(parent) && field === key)
            .flatMap(([kinds]) => kinds)
            .flatMap((kind) => names.get(`${kind} ${child.data}`) ?? [])[0]
        : undefined;
    const after =
      reference === undefined ? withReferences(child, [...path, key], names) : { ...child, data: reference };
    if (after !== child) result = withValue(result, [key], after);
  }
  return result;
}

const POD_TEMPLATE: Path = ["spec", "template", "metadata"];
const WORKLOADS = /^(?:Deployment|DaemonSet|StatefulSet|ReplicaSet|ReplicationController|Job)$/;

/** Where labels go besides the object's own metadata. */
function selectorsOf(kind: string): readonly Path[] {
  if (kind === "Service" || kind === "ReplicationController") return [["spec", "selector"]];
  if (/^(?:Deployment|DaemonSet|StatefulSet|ReplicaSet)$/.test(kind))
    return [["spec", "selector", "matchLabels"]];
  return [];
}

/** Only where a selector is written (kustomize, "commonLabels" defaults with `create: false`). */
const WRITTEN_SELECTORS: Readonly<Record<string, Path>> = {
  PodDisruptionBudget: ["spec", "selector", "matchLabels"],
  NetworkPolicy: ["spec", "podSelector", "matchLabels"],
};

export function withLabels(
  one: Built,
  labels: readonly (readonly [string, Tree])[],
  { selectors, templates }: { readonly selectors: boolean; readonly templates: boolean },
): Built {
  const written = WRITTEN_SELECTORS[one.kind];
  const paths: readonly Path[] = [
    ["metadata", "labels"],
    ...(selectors ? selectorsOf(one.kind) : []),
    ...(selectors && written !== undefined && descendant(one.tree, written) !== undefined ? [written] : []),
    ...((selectors || templates) && WORKLOADS.test(one.kind) ? [[...POD_TEMPLATE, "labels"]] : []),
  ];
  // A Service without a selector gets none: its endpoints come from elsewhere.
  const applied = paths.filter(
    (path) => one.kind !== "Service" || path[0] !== "spec" || descendant(one.tree, path) !== undefined,
  );
  return { ...one, tree: withEntries(one.tree, applied, labels) };
}

export function withAnnotations(one: Built, entries: readonly (readonly [string, Tree])[]): Built {
  const template = WORKLOADS.test(one.kind) ? [[...POD_TEMPLATE, "annotations"]] : [];
  return { ...one, tree: withEntries(one.tree, [["metadata", "annotations"], ...template], entries) };
}

function withEntries(
  tree: Tree,
  paths: readonly Path[],
  entries: readonly (readonly [string, Tree])[],
): Tree {
  return paths.reduce(
    (whole, path) => entries.reduce((at, [key, value]) => withValue(at, [...path, key], value), whole),
    tree,
  );
}

export interface ImageChange {
  readonly name: string;
  readonly newName?: string | undefined;
  readonly newTag?: string | undefined;
  readonly digest?: string | undefined;
  readonly at: Position;
}

/** In every list of containers, wherever it is. */
export function withImages(tree: Tree, changes: readonly ImageChange[]): Tree {
  if (!isRecord(tree.data) && !Array.isArray(tree.data)) return tree;
  let result = tree;
  for (const [key, child] of childrenOf(tree)) {
    const lists = key === "containers" || key === "initContainers";
    const after =
      lists && Array.isArray(child.data)
        ? listOf(
            childrenOf(child).map(([, container]) => withImage(container, changes)),
            child,
          )
        : withImages(child, changes);
    if (after !== child) result = withValue(result, [key], after);
  }
  return result;
}

function withImage(container: Tree, changes: readonly ImageChange[]): Tree {
  const image = childOf(container, "image");
  if (typeof image?.data !== "string") return container;
  const [, name = "", tag = "", digest = ""] = /^(.+?)(:[^/:@]+)?(@.+)?$/.exec(image.data) ?? [];
  const change = changes.find((one) => one.name === name);
  if (change === undefined) return container;
  const { newName = name, newTag, digest: newDigest, at } = change;
  const tagged = newTag === undefined ? `${tag}${digest}` : `:${newTag}`;
  const end = newDigest === undefined ? tagged : `@${newDigest}`;
  return withValue(container, ["image"], scalar(`${newName}${end}`, at));
}

export function withReplicas(one: Built, name: string, count: number, at: Position): Built {
  const scalable = /^(?:Deployment|ReplicaSet|ReplicationController|StatefulSet)$/.test(one.kind);
  if (!scalable || ![one.name, ...one.names].includes(name)) return one;
  return { ...one, tree: withValue(one.tree, ["spec", "replicas"], scalar(count, at)) };
}
