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
import type { Entrance, Plan } from "../../plan/plan.ts";
import { type Place, placeOf, type Reason, remark } from "../file.ts";
import { each, type Manifest, type Reasons } from "./manifest.ts";
import { metadata, selector } from "./metadata.ts";

type Rules = NonNullable<KubernetesPlan["networkPolicy"]>;

interface Ruled<R> {
  readonly rule: R;
  readonly because?: string | undefined;
  readonly at?: Place;
  /** The places of the rule's ports. */
  readonly ports?: readonly Reason[];
}

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
  const ingress = ingressRules(plan, rules);
  const egress = egressRules(rules);
  const object: NetworkPolicy = {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: metadata(plan, plan.kubernetes.names.edge),
    spec: {
      podSelector: { matchLabels: selector(plan) },
      policyTypes: ["Ingress", "Egress"],
      ingress: ingress.map(({ rule }) => rule),
      egress: egress.map(({ rule }) => rule),
    },
  };
  return [
    {
      file: "networkpolicy.yaml",
      about: "Allowed traffic to and from HAProxy; everything else is dropped.",
      ...partOf(plan, "kubernetes.networkPolicy"),
      object,
      because: { ...reasonsOf("/spec/ingress", ingress), ...reasonsOf("/spec/egress", egress) },
    },
  ];
}

function reasonsOf(pointer: string, rules: readonly Ruled<unknown>[]): Reasons {
  const ports = rules.map(({ ports: places = [] }, index) =>
    each(`${pointer}/${index}/ports`, places, "/port"),
  );
  return Object.assign(each(pointer, rules), ...ports);
}

function ingressRules(
  { listeners, stats, health, loadBalancer }: Plan,
  { publicFrom }: Rules,
): readonly Ruled<NetworkPolicyIngressRule>[] {
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
  return [
    ...(open.length === 0
      ? []
      : [
          {
            rule: { ...(from.length > 0 && { from }), ports: open.map(({ value }) => tcp(value)) },
            ...remark("public ports", publicFrom),
            ports: open.map(placeOf),
          },
        ]),
    {
      rule: { from: [{ namespaceSelector: {} }], ports: inside.map(({ value }) => tcp(value)) },
      because: "in-cluster clients and metrics collectors",
      ports: inside.map(placeOf),
    },
  ];
}

function egressRules(rules: Rules): readonly Ruled<NetworkPolicyEgressRule>[] {
  const { backendNamespaces, backendNetworks, nameServers, logServer } = rules;
  return [
    {
      rule: {
        to: [
          {
            namespaceSelector: named("kube-system"),
            podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
          },
          network(NODE_LOCAL_DNS),
        ],
        ports: [...DNS_PORTS],
      },
      because: "cluster DNS, and the node-local cache if there is one",
    },
    ...nameServers.map(({ cidr, port, at }) => ({
      rule: { to: [network(cidr)], ports: DNS_PORTS.map((one) => ({ ...one, port })) },
      because: "name server from the description",
      at,
    })),
    ...(backendNamespaces.length === 0
      ? []
      : [
          {
            rule: { to: backendNamespaces.map((name) => ({ namespaceSelector: named(name) })) },
            because: "pods of backends; all ports, because pod ports can differ from the Service's",
          },
        ]),
    ...byPort(backendNetworks),
    ...(logServer === null
      ? []
      : [
          {
            rule: { to: [network(logServer.cidr)], ports: [{ protocol: "UDP", port: logServer.port }] },
            because: "syslog server",
            at: logServer.at,
          },
        ]),
  ];
}

/** One rule per port, with all its networks. */
function byPort(destinations: readonly Destination[]): readonly Ruled<NetworkPolicyEgressRule>[] {
  return [...Map.groupBy(destinations, ({ port }) => port)].map(([port, group]) => ({
    rule: { to: group.map(({ cidr }) => network(cidr)), ports: [tcp(port)] },
    because: "servers outside the cluster",
    at: group[0]?.at,
  }));
}

function network(cidr: string): NetworkPolicyPeer {
  return { ipBlock: { cidr } };
}

function tcp(port: number): NetworkPolicyPort {
  return { protocol: "TCP", port };
}

/** Every namespace has its name as a label (Kubernetes, "Automatic labelling"). */
function named(namespace: string): NonNullable<NetworkPolicyPeer["namespaceSelector"]> {
  return { matchLabels: { "kubernetes.io/metadata.name": namespace } };
}
