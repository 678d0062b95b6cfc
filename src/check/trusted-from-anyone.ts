// What names the client, in a PROXY header or X-Forwarded-For, where `sources` of the load balancer has every address.
import type { ListenerPlan } from "../plan/plan.ts";
import type { CheckContext, PlanRuleFinding } from "./plan-rule.ts";
import { listOf } from "./wording.ts";

/** `header` with its article, where it has one; `isReadBy` tells the listeners that take the client from it. */
export function trustedFromAnyone(
  { plan, at }: CheckContext,
  header: string,
  isReadBy: (listener: ListenerPlan) => boolean,
): readonly PlanRuleFinding[] {
  const index = plan.loadBalancer.sources.value.findIndex((network) => network.endsWith("/0"));
  const readers = plan.listeners.filter(isReadBy);
  if (index === -1 || readers.length === 0) return [];
  return [
    {
      what: `${header} is trusted from any address`,
      why: `A client that reaches ${listOf(readers.map(({ name }) => name))} without the load balancer, by a node's address or from a pod, can write any client address into it: logs and X-Forwarded-For show that address, and \`allow\` and \`deny\` compare it.`,
      remedy: "Write the networks of the load balancer's own addresses in `sources`, such as its subnets.",
      at: [at(["public", "loadBalancer", "sources", index])],
    },
  ];
}
