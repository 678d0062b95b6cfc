// NetworkPolicies by the pods that they select: what they block between HAProxy's pods, DNS and the pods of servers.
import type { Position } from "../findings/finding.ts";
import { isRecord } from "../source/data.ts";
import { titleOf } from "./kubernetes/fields.ts";
import {
  blockingPolicy,
  type Destination,
  isAddedLabel,
  type Namespace,
  type NetworkPolicy,
  type Party,
  writtenNamespace,
} from "./kubernetes/policy.ts";
import type { ServerBreak } from "./server-path.ts";
import type { TrafficPath, Wiring, Workload } from "./wiring.ts";

export interface PolicyView {
  /** The policy because of which a workload gets no answer to DNS queries. */
  blocksDns(workload: Workload): NetworkPolicy | undefined;
  blocksEgress(workload: Workload, to: Party, destination: Destination): NetworkPolicy | undefined;
  /** Between two workloads, on either side. */
  blocks(from: Workload, to: Workload, port: number): Omit<ServerBreak, "effect"> | undefined;
  /** Between the clients of a path and the pods of HAProxy. */
  blocksClients(path: TrafficPath): Blocked | undefined;
}

export interface Blocked {
  readonly policy: NetworkPolicy;
  /** A phrase. */
  readonly because: string;
  readonly at: Position;
}

/** Where cluster DNS runs (Kubernetes, "Customizing DNS Service"; OpenShift, "DNS Operator"). */
const DNS_NAMESPACES = ["kube-system", "openshift-dns"];

export function policyView({
  networkPolicies,
  objects,
}: Pick<Wiring, "networkPolicies" | "objects">): PolicyView {
  const candidatesFor = indexOf(networkPolicies);
  const labels = new Map(
    objects
      .filter(({ kind }) => kind === "Namespace")
      .map(({ name, data }) => [name, labelsOf(data)] as const),
  );
  const namespaceOf = (name: string | undefined): Namespace => ({
    name,
    labels: name === undefined ? undefined : labels.get(name),
  });
  const partyOf = (workload: Workload): Party => ({
    kind: "pod",
    namespace: namespaceOf(writtenNamespace(workload.object)),
    labels: workload.hostNetwork ? undefined : workload.labels,
  });
  const egress = (workload: Workload, to: Party, destination: Destination) =>
    blockingPolicy(candidatesFor(workload), workload, "egress", to, destination);
  const ingress = (workload: Workload, from: Party, destination: Destination) =>
    blockingPolicy(candidatesFor(workload), workload, "ingress", from, destination);
  return {
    blocksDns(workload) {
      const found = DNS_NAMESPACES.map((name) =>
        egress(
          workload,
          { kind: "pod", namespace: namespaceOf(name), labels: undefined },
          { protocol: "UDP", port: 53 },
        ),
      );
      return found.every((policy) => policy !== undefined) ? found[0] : undefined;
    },
    blocksEgress: egress,
    blocksClients({ start, workload, containerPort, bind }) {
      const port = containerPort?.port.value ?? bind?.address.ports?.from;
      if (workload === undefined || port === undefined) return undefined;
      const names = containerPort?.name === undefined ? [] : [containerPort.name];
      const pods = start === "service";
      const from: Party = pods
        ? { kind: "pod", namespace: namespaceOf(undefined), labels: undefined }
        : { kind: "outside" };
      const policy = ingress(workload, from, { protocol: "TCP", port, names });
      const clients = pods ? "pod" : "load balancer or node";
      return (
        policy && {
          policy,
          because: `${titleOf(policy.object)} allows no connection from a ${clients} to port ${port} of ${titleOf(workload.object)}`,
          at: policy.at,
        }
      );
    },
    blocks(from, to, port) {
      const names = to.containers.flatMap(({ ports }) =>
        ports.flatMap((one) => (one.port.value === port && one.name !== undefined ? [one.name] : [])),
      );
      const destination: Destination = { protocol: "TCP", port, names };
      const out = egress(from, partyOf(to), destination);
      const [policy, fault] =
        out === undefined
          ? ([ingress(to, partyOf(from), destination), "ingress-blocked"] as const)
          : ([out, "egress-blocked"] as const);
      if (policy === undefined) return undefined;
      const [pods, other] = [titleOf(from.object), titleOf(to.object)];
      const because = `${titleOf(policy.object)} allows no connection from ${pods} to port ${port} of ${other}`;
      return { fault, because, at: policy.at, policy };
    },
  };
}

/** The policies that may select a workload, by one label of each: a namespace may have thousands. */
function indexOf(policies: readonly NetworkPolicy[]): (workload: Workload) => readonly NetworkPolicy[] {
  const byLabel = Map.groupBy(policies, ({ namespace, podSelector: { labels } }) => {
    const first = Object.entries(labels).find(([key]) => !isAddedLabel(key));
    return first === undefined ? namespace : [namespace, ...first].join("\0");
  });
  return ({ namespace, labels }) => [
    ...(byLabel.get(namespace) ?? []),
    ...Object.entries(labels).flatMap(
      ([key, value]) => byLabel.get([namespace, key, value].join("\0")) ?? [],
    ),
  ];
}

function labelsOf(data: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  const labels = isRecord(data.metadata) && isRecord(data.metadata.labels) ? data.metadata.labels : {};
  return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)]));
}
