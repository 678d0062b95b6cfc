// Which connections NetworkPolicies allow, by namespaces, labels and ports; a connection about which the files are incomplete counts as allowed.
import type { Position } from "../../findings/finding.ts";
import { isPrivateNetwork } from "../private-networks.ts";
import type { KubernetesObject, Workload } from "../wiring.ts";

export interface LabelSelector {
  readonly labels: Readonly<Record<string, string>>;
  readonly expressions: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

export interface NetworkPolicy {
  readonly object: KubernetesObject;
  readonly name: string;
  readonly namespace: string;
  readonly podSelector: LabelSelector;
  /** undefined: it does not restrict this direction; empty: it allows no connection. */
  readonly ingress: readonly PolicyRule[] | undefined;
  readonly egress: readonly PolicyRule[] | undefined;
  readonly at: Position;
}

export interface PolicyRule {
  /** undefined: all. */
  readonly peers: readonly PolicyPeer[] | undefined;
  /** Of the destination; undefined: all. */
  readonly ports: readonly PolicyPort[] | undefined;
}

export interface PolicyPeer {
  readonly pods?: LabelSelector | undefined;
  readonly namespaces?: LabelSelector | undefined;
  /** An `ipBlock`. */
  readonly network?: string | undefined;
}

export interface PolicyPort {
  readonly protocol: string;
  /** A number or a container port's name; undefined: all ports of the protocol. */
  readonly port?: number | string | undefined;
  readonly last?: number | undefined;
}

/** The end of a connection that a policy tests: pods by labels, or an address outside of the cluster. */
export type Party =
  | {
      readonly kind: "pod";
      readonly namespace: Namespace;
      /** undefined: not known. */
      readonly labels: Readonly<Record<string, string>> | undefined;
    }
  /** The load balancer or a node: never selected by labels. */
  | { readonly kind: "outside"; readonly address?: string | undefined };

export interface Namespace {
  /** undefined: not set; the command that applies the files sets it. */
  readonly name: string | undefined;
  /** undefined: the Namespace is not in the files. */
  readonly labels: Readonly<Record<string, string>> | undefined;
}

export interface Destination {
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
  /** Names of the container port, if the destination is a pod that the files contain. */
  readonly names?: readonly string[] | undefined;
}

/** The policy to show where the policies of a pod allow no connection with this party; undefined: it is allowed, or not known. */
export function blockingPolicy(
  policies: readonly NetworkPolicy[],
  { namespace, labels, hostNetwork }: Pick<Workload, "namespace" | "labels" | "hostNetwork">,
  direction: "ingress" | "egress",
  party: Party,
  destination: Destination,
): NetworkPolicy | undefined {
  // "The effect of NetworkPolicy on hostNetwork pods is undefined" (Kubernetes, "Network Policies").
  if (hostNetwork) return undefined;
  const own = policies.filter(
    (policy) =>
      policy[direction] !== undefined &&
      policy.namespace === namespace &&
      selects(policy.podSelector, labels) !== false,
  );
  const sure = own.find(({ podSelector }) => selects(podSelector, labels) === true);
  const allowed = own.some((policy) =>
    policy[direction]?.some((rule) => mayAllow(rule, policy, party, destination)),
  );
  return allowed ? undefined : sure;
}

function mayAllow(
  { peers, ports }: PolicyRule,
  policy: NetworkPolicy,
  party: Party,
  destination: Destination,
): boolean {
  return (
    (ports === undefined || ports.some((port) => isCovered(port, destination))) &&
    (peers === undefined || peers.some((peer) => mayBe(peer, policy, party)))
  );
}

function isCovered({ protocol, port, last }: PolicyPort, to: Destination): boolean {
  if (protocol !== to.protocol) return false;
  if (port === undefined) return true;
  if (typeof port === "string") return to.names === undefined || to.names.includes(port);
  return port <= to.port && to.port <= (last ?? port);
}

function mayBe({ pods, namespaces, network }: PolicyPeer, { object }: NetworkPolicy, party: Party): boolean {
  if (network !== undefined) return party.kind === "outside" || mayContainPods(network);
  if (party.kind === "outside") return false;
  if (pods !== undefined && party.labels !== undefined && selects(pods, party.labels) === false) return false;
  if (namespaces !== undefined) return selectsNamespace(namespaces, party.namespace);
  const own = writtenNamespace(object);
  const { name } = party.namespace;
  return own === undefined || name === undefined || own === name;
}

/** undefined: the object has none; the command that applies it sets it. */
export function writtenNamespace({ namespace, data }: KubernetesObject): string | undefined {
  const metadata = data.metadata as { readonly namespace?: unknown } | null | undefined;
  return namespace !== "default" || metadata?.namespace === "default" ? namespace : undefined;
}

/** Pods and Services have private addresses, or global ones of IPv6; which ones is not known. */
function mayContainPods(network: string): boolean {
  const [, bits = "32"] = network.split("/");
  return network.includes(":") || Number(bits) < 8 || isPrivateNetwork(network);
}

/** Every namespace has the label `kubernetes.io/metadata.name` (Kubernetes, "Well-Known Labels"). */
function selectsNamespace({ labels, expressions }: LabelSelector, { name, labels: own }: Namespace): boolean {
  const all = {
    ...own,
    ...(name !== undefined && { "kubernetes.io/metadata.name": name }),
  };
  const isKnown = (key: string): boolean =>
    key === "kubernetes.io/metadata.name" ? name !== undefined : own !== undefined;
  const known = {
    labels: Object.fromEntries(Object.entries(labels).filter(([key]) => isKnown(key))),
    expressions: expressions.filter(({ key }) => isKnown(key)),
  };
  return selects(known, all) !== false;
}

/** Labels that controllers add to pods: the files do not contain them. */
const ADDED =
  /^(?:pod-template-hash|controller-revision-hash|(?:statefulset|apps|topology|batch)\.kubernetes\.io\/.*)$/;

/** Whether a controller may add it to pods. */
export function isAddedLabel(key: string): boolean {
  return ADDED.test(key);
}

/** undefined: a label that it needs is not known. An empty selector selects all. */
export function selects(
  { labels, expressions }: LabelSelector,
  own: Readonly<Record<string, string>>,
): boolean | undefined {
  const results = [
    ...Object.entries(labels).map(([key, value]) => ({ key, holds: own[key] === value })),
    ...expressions.map(({ key, operator, values }) => ({ key, holds: holds(operator, own[key], values) })),
  ];
  const open = ({ key, holds }: (typeof results)[number]): boolean =>
    holds === undefined || (isAddedLabel(key) && own[key] === undefined);
  if (results.some((result) => !open(result) && result.holds === false)) return false;
  return results.some(open) ? undefined : true;
}

function holds(operator: string, value: string | undefined, values: readonly string[]): boolean | undefined {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return undefined;
  }
}
