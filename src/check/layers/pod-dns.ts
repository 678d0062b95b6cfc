// How an HAProxy in a pod resolves the names of its servers.
import { valueAt } from "../../source/data.ts";
import type { HaproxyServer, Resolvers } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer } from "../../wiring/wiring.ts";

/** The section that a server names; undefined: the system's resolver, or a section that does not exist. */
export function resolversOf({ wiring }: HaproxyLayer, { resolvers }: HaproxyServer): Resolvers | undefined {
  return wiring.resolvers.find(({ name }) => name === resolvers?.value);
}

/** Whether only the cluster's DNS can resolve the name. */
export function isClusterName({ address }: HaproxyServer): boolean {
  return address.kind === "name" && /\.svc(?:\.|$)/.test(address.host);
}

/** Whether it queries the name servers of the pod's resolv.conf, and no others. */
export function readsResolvConf(layer: HaproxyLayer, server: HaproxyServer): boolean {
  if (server.resolvers === undefined) return true;
  const section = resolversOf(layer, server);
  return section?.parseResolvConf !== undefined && section.nameServers.length === 0;
}

/**
 * The field that makes a pod use the node's resolv.conf; undefined: it uses the cluster's, or its own (Kubernetes, "DNS for
 * Services and Pods").
 */
export function nodeDnsOf({ runBy }: HaproxyLayer): "hostNetwork" | "dnsPolicy" | undefined {
  if (runBy === undefined) return undefined;
  const { object, podPath, hostNetwork } = runBy.workload;
  const policy = valueAt(object.data, [...podPath, "dnsPolicy"]);
  if (policy === "Default") return "dnsPolicy";
  return hostNetwork && (policy === undefined || policy === "ClusterFirst") ? "hostNetwork" : undefined;
}
