// The plan's decisions about all objects: group, namespace and labels; and about network policies.
import type { Plan } from "../../src/plan/plan.ts";
import { valueAt } from "../../src/source/data.ts";
import type { KubernetesObject, Wiring, WiringFile } from "../../src/wiring/wiring.ts";
import { type Fact, fact, said } from "./fact.ts";

/** Their API groups. */
const VERSIONS: Readonly<Record<string, string>> = {
  ConfigMap: "v1",
  DaemonSet: "apps/v1",
  Deployment: "apps/v1",
  HorizontalPodAutoscaler: "autoscaling/v2",
  NetworkPolicy: "networking.k8s.io/v1",
  PodDisruptionBudget: "policy/v1",
  PodMonitor: "monitoring.coreos.com/v1",
  Secret: "v1",
  Service: "v1",
  ServiceAccount: "v1",
};

export function objectFacts(plan: Plan, { objects, files }: Wiring): readonly Fact[] {
  const own = objects.filter(({ apiVersion }) => !apiVersion.startsWith("kustomize."));
  return [
    ...expectedObjects(plan).flatMap(([kind, name]) =>
      fact(
        `${kind} ${name}`,
        "there",
        own.some((one) => one.kind === kind && one.name === name) ? said("there", undefined) : null,
      ),
    ),
    ...own.flatMap((object) => eachFacts(plan, object)),
    ...own
      .filter(({ kind }) => kind === "ConfigMap" || kind === "Secret")
      .flatMap((object) => at(object, `immutable ${object.kind} ${object.name}`, true, "immutable")),
    ...files.flatMap(kustomizationFacts),
    ...own.filter(({ kind }) => kind === "NetworkPolicy").flatMap((object) => policyFacts(plan, object)),
    ...own
      .filter(({ kind }) => kind === "PodDisruptionBudget")
      .flatMap((object) => [
        ...at(object, "pods that may be missing", 1, "spec", "maxUnavailable"),
        ...at(
          object,
          "eviction of pods that are not ready",
          "AlwaysAllow",
          "spec",
          "unhealthyPodEvictionPolicy",
        ),
      ]),
  ];
}

/** Not a cluster object: kustomize reads it, and it has its own group. */
function kustomizationFacts({ file, text }: WiringFile): readonly Fact[] {
  if (!/(^|\/)kustomization\.yaml$/.test(file)) return [];
  const line = (key: string) => {
    const lines = text.split("\n");
    const index = lines.findIndex((one) => one.startsWith(`${key}: `));
    return said(lines[index]?.slice(key.length + 2) ?? null, { file, line: index + 1, column: 1 });
  };
  return [
    ...fact("group of the kustomization", "kustomize.config.k8s.io/v1beta1", line("apiVersion")),
    ...fact("kind of the kustomization", "Kustomization", line("kind")),
  ];
}

function expectedObjects({ kubernetes }: Plan): readonly (readonly [kind: string, name: string])[] {
  const { names, networkPolicy, workload, autoscale } = kubernetes;
  return [
    ["ServiceAccount", names.edge],
    ...(networkPolicy === null ? [] : [["NetworkPolicy", names.edge] as const]),
    ...(workload.value === "Deployment" ? [["PodDisruptionBudget", names.edge] as const] : []),
    ...(autoscale === null ? [] : [["HorizontalPodAutoscaler", names.edge] as const]),
  ];
}

function eachFacts(plan: Plan, object: KubernetesObject): readonly Fact[] {
  const of = (what: string) => `${what} of the ${object.kind} ${object.name}`;
  const labels = {
    name: "haproxy",
    instance: plan.kubernetes.names.edge,
    component: "edge",
    "managed-by": "portico",
    "part-of": plan.edge,
  };
  return [
    ...fact(of("group"), VERSIONS[object.kind] ?? null, said(object.apiVersion, object.at)),
    ...fact(of("namespace"), plan.namespace, said(object.namespace, object.at)),
    ...Object.entries(labels).flatMap(([label, value]) =>
      at(object, of(`label ${label}`), value, "metadata", "labels", `app.kubernetes.io/${label}`),
    ),
  ];
}

function policyFacts(plan: Plan, object: KubernetesObject): readonly Fact[] {
  const rules = plan.kubernetes.networkPolicy;
  if (rules === null) return [];
  const spec = object.data.spec as PolicySpec;
  const { listeners, stats, health, loadBalancer } = plan;
  const ingress = [
    ...listeners.map(({ port }) => port.value),
    ...(stats === null ? [] : [stats.port.value]),
    ...(loadBalancer.healthCheck.http === null ? [] : [loadBalancer.healthCheck.http.port.value]),
    health.port.value,
  ].map((port) => `TCP ${port}`);
  const egress = [
    "UDP 53",
    "TCP 53",
    ...rules.nameServers.flatMap(({ port }) => [`UDP ${port}`, `TCP ${port}`]),
    ...rules.backendNetworks.map(({ port }) => `TCP ${port}`),
    ...(rules.logServer === null ? [] : [`UDP ${rules.logServer.port}`]),
  ];
  const to = [
    "namespace kube-system pods kube-dns",
    "169.254.20.10/32",
    ...rules.nameServers.map(({ cidr }) => cidr),
    ...rules.backendNamespaces.map((name) => `namespace ${name} pods all`),
    ...rules.backendNetworks.map(({ cidr }) => cidr),
    ...(rules.logServer === null ? [] : [rules.logServer.cidr]),
  ];
  const place = object.place(["spec"]) ?? object.at;
  const compared = (what: string, planned: readonly string[], found: readonly string[]) =>
    fact(`${what} of the NetworkPolicy`, inOrder(planned), said(inOrder(found), place));
  const selects = spec.podSelector?.matchLabels ?? {};
  return [
    ...compared("directions", ["Ingress", "Egress"], spec.policyTypes ?? []),
    ...compared("open ports", ingress, portsOf(spec.ingress)),
    ...compared("ports that HAProxy may send to", egress, portsOf(spec.egress)),
    ...compared(
      "destinations that HAProxy may send to",
      to,
      (spec.egress ?? []).flatMap((rule) => (rule.to ?? []).map(peerText)),
    ),
    ...compared(
      "networks of clients",
      rules.publicFrom.value,
      (spec.ingress ?? []).flatMap((rule) => (rule.from ?? []).flatMap(({ ipBlock }) => ipBlock?.cidr ?? [])),
    ),
    ...fact(
      "pods of the NetworkPolicy",
      `haproxy ${plan.kubernetes.names.edge}`,
      said(`${selects["app.kubernetes.io/name"]} ${selects["app.kubernetes.io/instance"]}`, place),
    ),
  ];
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
}
interface Peer {
  readonly ipBlock?: { readonly cidr: string };
  readonly namespaceSelector?: Selector;
  readonly podSelector?: Selector;
}
interface PolicyRule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
  readonly ports?: readonly { readonly protocol?: string; readonly port?: number | string }[];
}
interface PolicySpec {
  readonly podSelector?: Selector;
  readonly policyTypes?: readonly string[];
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
}

function portsOf(rules: readonly PolicyRule[] | undefined): readonly string[] {
  return (rules ?? []).flatMap(({ ports }) =>
    (ports ?? []).map(({ protocol, port }) => `${protocol ?? "TCP"} ${port}`),
  );
}

function peerText({ ipBlock, namespaceSelector, podSelector }: Peer): string {
  if (ipBlock !== undefined) return ipBlock.cidr;
  const namespace = namespaceSelector?.matchLabels?.["kubernetes.io/metadata.name"] ?? "all";
  return `namespace ${namespace} pods ${podSelector?.matchLabels?.["k8s-app"] ?? "all"}`;
}

function inOrder(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join(", ");
}

/** A value at a path of an object. */
export function at(
  object: KubernetesObject,
  what: string,
  planned: string | number | boolean | null,
  ...path: readonly (string | number)[]
): readonly Fact[] {
  const value = valueAt(object.data, path);
  const found =
    value === undefined || value === null || typeof value === "object"
      ? undefined
      : (value as string | number | boolean);
  return fact(what, planned, found === undefined ? null : said(found, object.place(path)), object.at);
}
