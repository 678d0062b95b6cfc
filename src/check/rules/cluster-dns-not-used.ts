// cluster-dns-not-used: a pod resolves cluster names with the node's DNS.
import type { HaproxyLayer } from "../../wiring/wiring.ts";
import { isClusterName, nodeDnsOf, readsResolvConf } from "../layers/pod-dns.ts";
import type { Rule, RuleFindings } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

export const clusterDnsNotUsed: Rule = {
  code: "cluster-dns-not-used",
  severity: "error",
  check: ({ haproxies }) => haproxies.flatMap((layer) => findingOf(layer)),
};

function findingOf(layer: HaproxyLayer): RuleFindings {
  const field = nodeDnsOf(layer);
  const servers = layer.wiring.servers.filter(
    (server) => isClusterName(server) && readsResolvConf(layer, server),
  );
  const workload = layer.runBy?.workload;
  if (field === undefined || workload === undefined || servers.length === 0) return [];
  const names = [...new Set(servers.map(({ address }) => address.host))];
  return {
    what: `the pod uses the node's DNS, which does not have ${listOf(names)}`,
    why: `${field === "hostNetwork" ? "With `hostNetwork` and without `dnsPolicy: ClusterFirstWithHostNet`" : "With `dnsPolicy: Default`"} the pod has the node's resolv.conf, and the node's name servers do not know Services. ${servers.every(({ resolvers }) => resolvers) ? "The servers never get an address, and requests get 503." : "A name does not resolve at start, and HAProxy exits or its server stays down."}`,
    remedy:
      field === "hostNetwork"
        ? "Write `dnsPolicy: ClusterFirstWithHostNet` next to `hostNetwork`."
        : "Remove `dnsPolicy: Default`.",
    at: [
      noted(
        workload.object.place([...workload.podPath, field]) ?? workload.at,
        "the pod gets the node's resolv.conf",
      ),
      ...servers.slice(0, 3).map(({ address }) => address.at),
    ],
  };
}
