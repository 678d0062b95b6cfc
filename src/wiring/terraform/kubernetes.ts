// Resources of Terraform's Kubernetes provider → Kubernetes objects, each value with its place in the `.tf` file.
import type { Position } from "../../source/position.ts";
import { placeIn, type Tree, treeOf } from "../kubernetes/kustomize/tree.ts";
import { readDocuments } from "../kubernetes/read-documents.ts";
import type { KubernetesObject, LeftOut } from "../wiring.ts";
import type { Arguments, Resource } from "./resource.ts";
import { asText, type Value } from "./value.ts";

/** Kubernetes provider, by resource without `kubernetes_` and a version: kind and API version. */
const KINDS: Readonly<Record<string, readonly [kind: string, apiVersion: string]>> = {
  config_map: ["ConfigMap", "v1"],
  daemonset: ["DaemonSet", "apps/v1"],
  daemon_set: ["DaemonSet", "apps/v1"],
  deployment: ["Deployment", "apps/v1"],
  endpoints: ["Endpoints", "v1"],
  horizontal_pod_autoscaler: ["HorizontalPodAutoscaler", "autoscaling/v2"],
  ingress: ["Ingress", "networking.k8s.io/v1"],
  ingress_class: ["IngressClass", "networking.k8s.io/v1"],
  namespace: ["Namespace", "v1"],
  network_policy: ["NetworkPolicy", "networking.k8s.io/v1"],
  pod: ["Pod", "v1"],
  pod_disruption_budget: ["PodDisruptionBudget", "policy/v1"],
  replication_controller: ["ReplicationController", "v1"],
  secret: ["Secret", "v1"],
  service: ["Service", "v1"],
  stateful_set: ["StatefulSet", "apps/v1"],
};

const MANIFESTS: ReadonlySet<string> = new Set(["kubernetes_manifest", "kubectl_manifest"]);

/** Whether a resource is read as a Kubernetes object. */
export function isKubernetesType(type: string): boolean {
  return MANIFESTS.has(type) || kindOf(type) !== undefined;
}

function kindOf(type: string): readonly [kind: string, apiVersion: string] | undefined {
  const name = /^kubernetes_(.+?)(?:_v\d+(?:(?:alpha|beta)\d+)?)?$/.exec(type)?.[1];
  return name !== undefined && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
}

export function kubernetesObjects(
  resources: readonly Resource[],
  leaveOut: (left: LeftOut) => void,
): readonly KubernetesObject[] {
  return resources.flatMap((resource) => {
    if (resource.dormant || !isKubernetesType(resource.type)) return [];
    if (resource.type === "kubectl_manifest") return ofText(resource, leaveOut);
    const tree = resource.type === "kubernetes_manifest" ? manifestOf(resource) : objectOf(resource);
    const object = tree && objectIn(tree, resource);
    if (object !== undefined) return [object];
    leaveOut({
      what: `${resource.address} is left out: its kind and name are not known`,
      why: "the object that it makes was not examined",
      severity: "note",
      at: resource.at,
    });
    return [];
  });
}

function objectIn(tree: Tree, { at }: Resource): KubernetesObject | undefined {
  const data = tree.data as Readonly<Record<string, unknown>>;
  const { apiVersion, kind } = data;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  const metadata = (data.metadata ?? {}) as Readonly<Record<string, unknown>>;
  const { name, namespace } = metadata;
  return {
    apiVersion,
    kind,
    name: typeof name === "string" ? name : "",
    namespace: typeof namespace === "string" && namespace !== "" ? namespace : "default",
    data,
    place: placeIn(tree),
    at,
  };
}

/** `manifest` has the structure of a Kubernetes object. */
function manifestOf({ arguments: args }: Resource): Tree | undefined {
  const manifest = args.value("manifest");
  return manifest?.kind === "object" ? plain(manifest) : undefined;
}

/** The text of `yaml_body`: everything in it has the place of the attribute. */
function ofText(resource: Resource, leaveOut: (left: LeftOut) => void): readonly KubernetesObject[] {
  const body = resource.arguments.value("yaml_body");
  const text = asText(body);
  if (text === undefined || body === undefined) {
    leaveOut({
      what: `${resource.address} is left out: its text is not known`,
      why: "the object that it makes was not examined",
      severity: "note",
      at: body?.at ?? resource.at,
    });
    return [];
  }
  return readDocuments({ file: resource.at.file, text }).documents.flatMap(
    ({ data }) =>
      objectIn(
        treeOf(data, () => body.at),
        resource,
      ) ?? [],
  );
}

function objectOf(resource: Resource): Tree | undefined {
  const known = kindOf(resource.type);
  if (known === undefined) return undefined;
  const [kind, apiVersion] = known;
  const { arguments: args, at } = resource;
  const body = converted(args, kind);
  return {
    ...body,
    data: { ...(body.data as object), apiVersion, kind },
    children: new Map([
      ...(body.children ?? []),
      ["apiVersion", leaf(apiVersion, at)] as const,
      ["kind", leaf(kind, at)] as const,
    ]),
  };
}

/** Blocks that may be written several times are lists of Kubernetes under another name. */
const LISTS: Readonly<Record<string, string>> = {
  port: "ports",
  ports: "ports",
  container: "containers",
  init_container: "initContainers",
  volume: "volumes",
  volume_mount: "volumeMounts",
  env: "env",
  env_from: "envFrom",
  toleration: "tolerations",
  host_aliases: "hostAliases",
  image_pull_secrets: "imagePullSecrets",
  topology_spread_constraint: "topologySpreadConstraints",
  http_header: "httpHeaders",
  items: "items",
  sources: "sources",
  rule: "rules",
  path: "paths",
  tls: "tls",
  ingress: "ingress",
  egress: "egress",
  from: "from",
  to: "to",
  subset: "subsets",
  address: "addresses",
  metric: "metrics",
  match_expressions: "matchExpressions",
};

/** Maps whose keys the user chose. */
const MAPS =
  /^(?:labels|annotations|match_labels|data|string_data|binary_data|limits|requests|node_selector)$/;

/** Text of Terraform that is a number of Kubernetes: ports by number, users, times. */
const NUMBERS =
  /(?:port|ports|number|replicas|seconds|threshold|run_as_user|run_as_group|fs_group|_min|_max)$/;

const NAMES: Readonly<Record<string, string>> = {
  cluster_ip: "clusterIP",
  cluster_ips: "clusterIPs",
  external_ips: "externalIPs",
  load_balancer_ip: "loadBalancerIP",
  host_ip: "hostIP",
  host_pid: "hostPID",
  host_ipc: "hostIPC",
};

function nameOf(name: string): string {
  return NAMES[name] ?? name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `parent`: the block, or the kind of an object, whose inside it is. */
function converted(args: Arguments, parent: string): Tree {
  const entries = new Map<string, Tree>();
  const { attributes, blocks } = args.names();
  for (const name of attributes) {
    const value = args.value(name);
    if (value === undefined) continue;
    const selects = name === "selector" && value.kind === "object";
    entries.set(nameOf(name), MAPS.test(name) || selects ? plain(value) : field(name, value));
  }
  for (const name of blocks) {
    const { all } = args.blocks(name);
    const [first] = all;
    if (first === undefined) continue;
    const list = isList(name, parent) ? LISTS[name] : undefined;
    entries.set(
      list ?? nameOf(name),
      list === undefined
        ? converted(first, name)
        : listTree(
            all.map((one) => converted(one, name)),
            args.at,
          ),
    );
  }
  return mapTree(entries, args.at);
}

/** The one port of an Ingress's Service, and the ranges of a policy. */
function isList(name: string, parent: string): boolean {
  if (name === "port") return parent !== "service";
  return Object.hasOwn(LISTS, name);
}

function field(name: string, value: Value): Tree {
  const text = value.kind === "scalar" && typeof value.value === "string" ? value.value : undefined;
  if (text !== undefined && NUMBERS.test(name) && /^\d+$/.test(text)) return leaf(Number(text), value.at);
  if (value.kind === "list")
    return listTree(
      value.items.map((item) => field("", item)),
      value.at,
    );
  return plain(value);
}

/** An unknown value is a placeholder: the same variable gives the same text. */
function plain(value: Value): Tree {
  switch (value.kind) {
    case "scalar":
      return leaf(value.value, value.at);
    case "list":
      return listTree(value.items.map(plain), value.at);
    case "object":
      return mapTree(new Map([...value.entries].map(([key, one]) => [key, plain(one)])), value.at);
    case "unknown":
      return leaf(`\${${value.variable ?? value.why}}`, value.at);
    default:
      return leaf(`\${${value.kind}}`, value.at);
  }
}

function leaf(data: unknown, at: Position): Tree {
  return treeOf(data, () => at);
}

function mapTree(entries: ReadonlyMap<string, Tree>, at: Position): Tree {
  const data = Object.fromEntries([...entries].map(([key, tree]) => [key, tree.data]));
  return { ...leaf(data, at), children: entries };
}

function listTree(items: readonly Tree[], at: Position): Tree {
  return {
    ...leaf(
      items.map((item) => item.data),
      at,
    ),
    children: new Map(items.entries()),
  };
}
