// The addresses of the cluster's nodes, from their status.
import type { Node } from "kubernetes-types/core/v1.d.ts";
import type { ClusterApi } from "./api.ts";
import { failedWith } from "./failure.ts";
import type { KubernetesObject } from "./objects.ts";

/** The networks of pod addresses, from the nodes; none where they have none, or we may not read nodes. */
export async function podNetworks(api: ClusterApi): Promise<readonly string[]> {
  return (await allNodes(api)).flatMap(({ spec }) => {
    const all = spec?.podCIDRs ?? [];
    return all.length === 0 && spec?.podCIDR !== undefined ? [spec.podCIDR] : all;
  });
}

/** In the order of `types`, node by node; none where we may not read nodes. */
export async function nodeAddresses(
  api: ClusterApi,
  types: readonly ("ExternalIP" | "InternalIP")[],
): Promise<readonly string[]> {
  return (await allNodes(api)).flatMap(({ status }) =>
    types.flatMap((wanted) =>
      (status?.addresses ?? []).filter(({ type }) => type === wanted).map(({ address }) => address),
    ),
  );
}

async function allNodes(api: ClusterApi): Promise<readonly Node[]> {
  try {
    return await api.list<Node & KubernetesObject>({ apiVersion: "v1", kind: "Node" }, undefined);
  } catch (error) {
    if (failedWith(error, 403)) return [];
    throw error;
  }
}
