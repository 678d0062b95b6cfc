// proxy-header-from-anyone: PROXY headers believed whoever sends them.
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const proxyHeaderFromAnyone: Rule = {
  code: "proxy-header-from-anyone",
  severity: "warning",
  about: "PROXY headers that are believed from every address",
  check({ plan, at }) {
    const { sources } = plan.loadBalancer;
    const index = sources.value.findIndex((network) => network.endsWith("/0"));
    const expecting = plan.listeners.filter(({ proxyProtocol }) => proxyProtocol.value !== "none");
    if (index === -1 || expecting.length === 0) return [];
    return [
      {
        what: "a PROXY header is believed from any address",
        why: `Whoever reaches ${listOf(expecting.map(({ name }) => name))} beside the load balancer, by a node's address or from a pod, writes any client address into it: into logs, X-Forwarded-For, and past \`allow\` and \`deny\`.`,
        remedy: "Write the networks of the load balancer's own addresses in `sources`, such as its subnets.",
        at: [at(["public", "loadBalancer", "sources", index])],
      },
    ];
  },
};
