// The NetworkPolicy: allowed traffic to and from HAProxy.
import type {
  NetworkPolicy,
  NetworkPolicyEgressRule,
  NetworkPolicyIngressRule,
  NetworkPolicyPeer,
  NetworkPolicyPort,
} from "kubernetes-types/networking/v1.d.ts";
import type { Destination, KubernetesPlan } from "../../plan/kubernetes-plan.ts";
import { partOf } from "../../plan/places.ts";
import type { Decided, Entrance, Plan } from "../../plan/plan.ts";
import { remark } from "../file.ts";
import { because, type Manifest, placed } from "./manifest.ts";
import { metadata, selector } from "./metadata.ts";

type Rules = NonNullable<KubernetesPlan["networkPolicy"]>;

const DNS_PORTS: readonly NetworkPolicyPort[] = [
  { protocol: "UDP", port: 53 },
  { protocol: "TCP", port: 53 },
];
/** The address of the DNS cache on every node (Kubernetes, "Using NodeLocal DNSCache in Kubernetes Clusters"). */
const NODE_LOCAL_DNS = "169.254.20.10/32";

/** Probes of the kubelet come from the pod's own node, which is always allowed (Kubernetes, "Network Policies"). */
export function networkPolicy(plan: Plan): readonly Manifest[] {
  const rules = plan.kubernetes.networkPolicy;
  if (rules === null) return [];
  const object: NetworkPolicy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(plan, plan.kubernetes.names.edge),
    spec: {
      podSelector: { matchLabels: selector(plan) },
      policyTypes: ["Ingress", "Egress"],
      ingress: ingressRules(plan, rules),
      egress: egressRules(rules),
    },
  };
  return [
    {
      file: "networkpolicy.yaml",
      about: "Allowed traffic to and from HAProxy; everything else is dropped.",
      ...partOf(plan, "kubernetes.networkPolicy"),
      object,
    },
  ];
}

function ingressRules(
  { listeners, stats, health, loadBalancer }: Plan,
  { publicFrom }: Rules,
): NetworkPolicyIngressRule[] {
  const { http } = loadBalancer.healthCheck;
  const portsOf = (wanted: Entrance) =>
    listeners.filter(({ entrance }) => entrance === wanted).map(({ port }) => port);
  const open = [
    ...portsOf("public"),
    ...(stats?.public === true ? [stats.port] : []),
    ...(http === null ? [] : [http.port]),
  ];
  const inside = [...portsOf("internal"), ...(stats?.public === false ? [stats.port] : []), health.port];
  const from = publicFrom.value.map(network);
  const rule = { ...(from.length > 0 && { from }), ports: open.map(tcp) };
  return [
    ...(open.length === 0 ? [] : [because(rule, remark("public ports", publicFrom))]),
    because(
      { from: [{ namespaceSelector: {} }], ports: inside.map(tcp) },
      "in-cluster clients and metrics collectors",
    ),
  ];
}

function egressRules(rules: Rules): NetworkPolicyEgressRule[] {
  const { backendNamespaces, backendNetworks, nameServers, logServer } = rules;
  const podsOf = { to: backendNamespaces.map((name) => ({ namespaceSelector: named(name) })) };
  return [
    because(
      {
        to: [
          {
            namespaceSelector: named("kube-system"),
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
          network(NODE_LOCAL_DNS),
        ],
        ports: [...DNS_PORTS],
      },
      "cluster DNS, and the node-local cache if there is one",
    ),
    ...nameServers.map(({ cidr, port, at }) =>
      because(
        { to: [network(cidr)], ports: DNS_PORTS.map((one) => ({ ...one, port })) },
        { because: "name server from the description", at },
      ),
    ),
    ...(backendNamespaces.length === 0
      ? []
      : [because(podsOf, "pods of backends; all ports, because pod ports can differ from the Service's")]),
    ...byPort(backendNetworks),
    ...(logServer === null
      ? []
      : [
          because(
            { to: [network(logServer.cidr)], ports: [{ protocol: "UDP", port: logServer.port }] },
            { because: "syslog server", at: logServer.at },
          ),
        ]),
  ];
}

/** One rule per port, with all its networks. */
function byPort(destinations: readonly Destination[]): readonly NetworkPolicyEgressRule[] {
  return [...Map.groupBy(destinations, ({ port }) => port)].map(([port, group]) =>
    because(
      { to: group.map(({ cidr }) => network(cidr)), ports: [{ protocol: "TCP", port }] },
      { because: "servers outside the cluster", at: group[0]?.at },
    ),
  );
}

function network(cidr: string): NetworkPolicyPeer {
  return { ipBlock: { cidr } };
}

function tcp(port: Decided<number>): NetworkPolicyPort {
  return { protocol: "TCP", port: placed(port) };
}

/** Every namespace has its name as a label (Kubernetes, "Automatic labelling"). */
function named(namespace: string): NonNullable<NetworkPolicyPeer["namespaceSelector"]> {
  return { matchLabels: { "kubernetes.io/metadata.name": namespace } };
}
