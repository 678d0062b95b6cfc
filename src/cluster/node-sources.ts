// Whether HAProxy accepts connections that nodes forward for the load balancer: with node ports they come from the nodes' addresses.
import type { Finding } from "../findings/finding.ts";
import { covers, within } from "../model/networks.ts";
import { isDescribed } from "../plan/described.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { nodeAddresses, podNetworks } from "./nodes.ts";

/**
 * A warning: overlay networks forward connections from addresses of their own. (Kubernetes, "Using Source IP": with
 * `externalTrafficPolicy: Cluster` the node replaces the source by its own address.)
 */
export async function checkNodeSources(api: ClusterApi, plan: Plan): Promise<readonly Finding[]> {
  const { loadBalancer, kubernetes } = plan;
  const trustsHeader = plan.listeners.some(({ client }) => client.value !== "connection");
  const passesOn =
    /^(NodePort|LoadBalancer)$/.test(kubernetes.exposure.value) &&
    kubernetes.externalTrafficPolicy.value === "Cluster";
  if (!trustsHeader || !passesOn) return [];
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
  const outside = [
    ...(nodesOutside.length === 0 ? [] : ["nodes"]),
    ...(podsOutside.length === 0 ? [] : ["the pods' networks"]),
  ];
  return [
    {
      code: "nodes-outside-sources",
      severity: "warning",
      what: `${outside.join(" and ")} are outside the networks from which HAProxy accepts the load balancer's connections: ${shortened([...nodesOutside, ...podsOutside])}`,
      why: `A node that forwards a connection to a pod of another node does so from its own address, or from one of its pods' network. HAProxy closes connections that are not from ${sources.join(", ")} (${isDescribed({ at }) ? "described" : "the default"}).`,
      remedy: `Write \`sources: [${line.map(quoted).join(", ")}]\` below \`public.loadBalancer\`: it replaces the default, so write all networks. Adapt them where your nodes' network is larger or smaller.`,
      at: [],
    },
  ];
}

function shortened(list: readonly string[]): string {
  return list.length > 4 ? `${list.slice(0, 3).join(", ")} and ${list.length - 3} more` : list.join(", ");
}

/** Nodes are added and removed: the usual network of most clouds around each node, not its address alone. */
function networksOf(addresses: readonly string[]): readonly string[] {
  return addresses.map((address) =>
    address.includes(":") ? `${address}/128` : `${address.split(".").slice(0, 3).join(".")}.0/24`,
  );
}

/** YAML flow lists need quotes around values with a colon. */
function quoted(network: string): string {
  return network.includes(":") ? `"${network}"` : network;
}
