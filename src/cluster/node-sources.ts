// Whether HAProxy takes connections that nodes pass on for the load balancer's: with node ports they come from the nodes' addresses.
import type { Finding } from "../findings/finding.ts";
import { within } from "../model/networks.ts";
import type { Plan } from "../plan/plan.ts";
import type { ClusterApi } from "./api.ts";
import { nodeAddresses } from "./nodes.ts";

/**
 * A warning: overlay networks pass connections on from addresses of their own. (Kubernetes, "Using Source IP": with
 * `externalTrafficPolicy: Cluster` the node that is asked replaces the source by its own address.)
 */
export async function checkNodeSources(api: ClusterApi, plan: Plan): Promise<readonly Finding[]> {
  const { loadBalancer, kubernetes } = plan;
  const proxied = loadBalancer.ports.some(({ proxyProtocol }) => proxyProtocol !== "none");
  const passesOn =
    kubernetes.exposure.value === "NodePort" && kubernetes.externalTrafficPolicy.value === "Cluster";
  if (!proxied || !passesOn) return [];
  const nodes = await nodeAddresses(api, ["InternalIP"]);
  const { value: sources, because } = loadBalancer.sources;
  const outside = nodes.filter((address) => !within(address, sources));
  if (outside.length === 0) return [];
  const shown =
    outside.length > 4
      ? `${outside.slice(0, 3).join(", ")} and ${outside.length - 3} more`
      : outside.join(", ");
  return [
    {
      code: "nodes-outside-sources",
      severity: "warning",
      what: `nodes are outside the networks that HAProxy takes the load balancer's connections from: ${shown}`,
      why: `A node that passes a connection on to another's pod does so from its own address, and HAProxy closes what is not from ${sources.join(", ")} (${because === "described" ? "described" : "the default"}).`,
      remedy: "Add the nodes' network to `public.loadBalancer.sources`.",
      at: [],
    },
  ];
}
