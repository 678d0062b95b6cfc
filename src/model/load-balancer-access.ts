// Which clients the load balancer itself refuses: HAProxy never sees their connections.
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import { contains } from "./networks.ts";

/**
 * Why no connection from this client's address passes the load balancer; null: it does. The security group of a load balancer that is reachable
 * from private networks only is left out: the addresses of its clients are not known. AWS compares addresses of one family only.
 */
export function refusedByLoadBalancer(
  { cloud, loadBalancer }: Plan,
  { entrance }: ListenerPlan,
  client: string,
): string | null {
  if (entrance !== "public") return null;
  const ranges = loadBalancer.service?.sourceRanges.value ?? [];
  if (ranges.length > 0 && !contains(ranges, client))
    return `the load balancer admits ${ranges.join(", ")} only (loadBalancerSourceRanges)`;
  if (cloud === null || cloud.internal || contains(cloud.clients.value, client)) return null;
  return `the load balancer's security group admits ${cloud.clients.value.join(", ")} only`;
}
