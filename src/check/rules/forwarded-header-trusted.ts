// forwarded-header-trusted: X-Forwarded-For believed whoever sends it.
import type { Rule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const forwardedHeaderTrusted: Rule = {
  code: "forwarded-header-trusted",
  severity: "warning",
  about: "X-Forwarded-For that is believed from every address",
  check({ plan, at }) {
    const { sources } = plan.loadBalancer;
    const index = sources.value.findIndex((network) => network.endsWith("/0"));
    const believing = plan.listeners.filter(({ client }) => client.value === "x-forwarded-for");
    if (index === -1 || believing.length === 0) return [];
    return [
      {
        what: "X-Forwarded-For is believed from any address",
        why: `Whoever reaches ${listOf(believing.map(({ name }) => name))} beside the load balancer, by a node's address or from a pod, writes any client address into it: into logs, X-Forwarded-For, and past \`allow\` and \`deny\`.`,
        remedy: "Write the networks of the load balancer's own addresses in `sources`, such as its subnets.",
        at: [at(["public", "loadBalancer", "sources", index])],
      },
    ];
  },
};
