// cluster-domains-differ: names of Services in two domains, and no file shows the cluster's.
import { serviceNameOf } from "../../wiring/join/service-name.ts";
import { clusterDomainsOf } from "../../wiring/kubernetes/cluster-domain.ts";
import { groupsOf } from "../groups.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const clusterDomainsDiffer: Rule = {
  code: "cluster-domains-differ",
  severity: "warning",
  check(wiring) {
    // Where the domain is known, names in another one are right or wrong by themselves.
    const { own, mayResolve } = clusterDomainsOf(wiring.objects);
    if (own.length > 0) return [];
    return wiring.haproxies.flatMap(({ wiring: { servers } }) => {
      const names = servers.flatMap(({ kind, address }) => {
        const domain =
          address.kind === "name" ? serviceNameOf(address.host, { inPod: false })?.domain : undefined;
        const isOfCluster = kind === "proxy" && domain !== undefined && !mayResolve(domain);
        return isOfCluster ? [{ domain, at: address.at }] : [];
      });
      const groups = groupsOf(names, ({ domain }) => domain).toSorted((a, b) => a.length - b.length);
      const [fewest, most] = [groups[0]?.[0], groups.at(-1)?.[0]];
      if (fewest === undefined || most === undefined || groups.length === 1) return [];
      return {
        what: `servers have names in the domains \`${fewest.domain}\` and \`${most.domain}\``,
        why: "A cluster has one domain: names in another one do not resolve, unless its DNS forwards them, and requests to these servers get 503.",
        remedy: `Write one domain in all names. If both exist, add the object that defines them to the folder, such as CoreDNS's ConfigMap.`,
        at: [noted(fewest.at, `\`${fewest.domain}\``), noted(most.at, `\`${most.domain}\``)],
      };
    });
  },
};
