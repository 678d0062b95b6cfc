// Which clients the load balancer itself refuses: their connections never reach HAProxy.
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import { contains } from "./networks.ts";

/**
 * Why no connection from this client address passes the load balancer; undefined: it does. The security group of an internal
 * load balancer is left out: the addresses of its clients are unknown. AWS compares addresses of one family only.
 */
export function refusedByLoadBalancer(
  { cloud, loadBalancer }: Plan,
  { entrance }: ListenerPlan,
  client: string,
): string | undefined {
  if (entrance !== "public") return undefined;
  const ranges = loadBalancer.service?.sourceRanges.value ?? [];
  if (ranges.length > 0 && !contains(ranges, client))
    return `the load balancer allows only ${ranges.join(", ")} (loadBalancerSourceRanges)`;
  if (cloud === null || cloud.internal || contains(cloud.clients.value, client)) return undefined;
  return `the load balancer's security group allows only ${cloud.clients.value.join(", ")}`;
}
