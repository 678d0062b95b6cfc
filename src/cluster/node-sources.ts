// Whether HAProxy takes connections that nodes pass on for the load balancer's: with node ports they come from the nodes' addresses.

import type { Finding } from "../findings/finding.ts";
import { covers, within } from "../model/networks.ts";
import { isDescribed } from "../plan/described.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { nodeAddresses, podNetworks } from "./nodes.ts";

/**
 * A warning: overlay networks pass connections on from addresses of their own. (Kubernetes, "Using Source IP": with
 * `externalTrafficPolicy: Cluster` the node that is asked replaces the source by its own address.)
 */
export async function checkNodeSources(api: ClusterApi, plan: Plan): Promise<readonly Finding[]> {
  const { loadBalancer, kubernetes } = plan;
  const told = plan.listeners.some(({ client }) => client.value !== "connection");
  const passesOn =
    /^(NodePort|LoadBalancer)$/.test(kubernetes.exposure.value) &&
    kubernetes.externalTrafficPolicy.value === "Cluster";
  if (!told || !passesOn) return [];
  const [nodes, pods] = await Promise.all([nodeAddresses(api, ["InternalIP"]), podNetworks(api)]);
  return outsideSources(loadBalancer.sources, nodes, pods);
}

/** `nodes` are addresses, `pods` networks. */
export function outsideSources(
  { value: sources, at }: Plan["loadBalancer"]["sources"],
  nodes: readonly string[],
  pods: readonly string[],
): readonly Finding[] {
  const nodesOutside = nodes.filter((address) => !within(address, sources));
  const podsOutside = pods.filter((network) => !sources.some((source) => covers(source, network)));
  if (nodesOutside.length + podsOutside.length === 0) return [];
  const line = [...new Set([...sources, ...networksOf(nodesOutside), ...podsOutside])];
  const who =
    nodesOutside.length === 0
      ? "the pods' networks are"
      : podsOutside.length === 0
        ? "nodes are"
        : "nodes and pods' networks are";
  return [
    {
      code: "nodes-outside-sources",
      severity: "warning",
      what: `${who} outside the networks that HAProxy takes the load balancer's connections from: ${shortened([...nodesOutside, ...podsOutside])}`,
      why: `A node that passes a connection on to another's pod does so from its own address, or from one of its pods' network, and HAProxy closes what is not from ${sources.join(", ")} (${isDescribed({ at }) ? "described" : "the default"}).`,
      remedy: `Write \`sources: [${line.map(quoted).join(", ")}]\` below \`public.loadBalancer\`: it takes the default's place, so it names all. Where your nodes' network is larger or smaller, write that.`,
      at: [],
    },
  ];
}

function shortened(list: readonly string[]): string {
  return list.length > 4 ? `${list.slice(0, 3).join(", ")} and ${list.length - 3} more` : list.join(", ");
}

/** Nodes come and go: the network around each, as most clouds cut theirs, and not its address alone. */
function networksOf(addresses: readonly string[]): readonly string[] {
  return addresses.map((address) =>
    address.includes(":") ? `${address}/128` : `${address.split(".").slice(0, 3).join(".")}.0/24`,
  );
}

/** YAML reads a colon in a list of this form as it stands only within quotes. */
function quoted(network: string): string {
  return network.includes(":") ? `"${network}"` : network;
}
