// The addresses of the cluster's nodes, as they say them.
import type { Node } from "kubernetes-types/core/v1.d.ts";
import type { ClusterApi } from "./api.ts";
import { failedWith } from "./failure.ts";
import type { KubernetesObject } from "./objects.ts";

/** In the order of `types`, node by node; none where we may not see nodes. */
export async function nodeAddresses(
  api: ClusterApi,
  types: readonly ("ExternalIP" | "InternalIP")[],
): Promise<readonly string[]> {
  try {
    const nodes = await api.list<Node & KubernetesObject>({ apiVersion: "v1", kind: "Node" }, null);
    return nodes.flatMap(({ status }) =>
      types.flatMap((wanted) =>
        (status?.addresses ?? []).filter(({ type }) => type === wanted).map(({ address }) => address),
      ),
    );
  } catch (error) {
    if (failedWith(error, 403)) return [];
    throw error;
  }
}
