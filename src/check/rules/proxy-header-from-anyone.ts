// proxy-header-from-anyone: PROXY headers that are trusted from any address.
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const proxyHeaderFromAnyone: Rule = {
  code: "proxy-header-from-anyone",
  severity: "warning",
  about: "PROXY headers that are trusted from every address",
  check({ plan, at }) {
    const { sources } = plan.loadBalancer;
    const index = sources.value.findIndex((network) => network.endsWith("/0"));
    const expecting = plan.listeners.filter(({ proxyProtocol }) => proxyProtocol.value !== "none");
    if (index === -1 || expecting.length === 0) return [];
    return [
      {
        what: "a PROXY header is trusted from any address",
        why: `A client that reaches ${listOf(expecting.map(({ name }) => name))} without the load balancer, by a node's address or from a pod, can write any client address into it: logs and X-Forwarded-For show that address, and \`allow\` and \`deny\` compare it.`,
        remedy: "Write the networks of the load balancer's own addresses in `sources`, such as its subnets.",
        at: [at(["public", "loadBalancer", "sources", index])],
      },
    ];
  },
};
