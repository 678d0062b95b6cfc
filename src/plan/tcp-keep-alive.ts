// TCP keep-alive to clients: if it restarts the load balancer's idle timer, an idle WebSocket stays open.
import type { BackendPlan } from "./backend-plan.ts";
import { chosen } from "./described.ts";
import type { Decided, LoadBalancerPlan } from "./plan.ts";
import type { SitePlan } from "./site-plan.ts";

const IDLE_MS = 60_000;

/**
 * After how many ms without data HAProxy sends keep-alive probes to clients; null: never. An NLB forwards TCP, and its idle timer is
 * restarted by keep-alive packets, but not on a TLS listener (AWS, "Network Load Balancers", connection idle timeout).
 */
export function lowerTcpKeepAlive(
  { kind, idleTimeoutMs }: Pick<LoadBalancerPlan, "kind" | "idleTimeoutMs">,
  backends: readonly BackendPlan[],
  sites: readonly SitePlan[],
): Decided<number> | null {
  if (kind !== "aws-nlb") return null;
  const tunnels = [...backends, ...sites.flatMap(({ routes }) => routes)].map(
    ({ timeouts }) => timeouts.tunnelMs ?? 0,
  );
  if (Math.max(0, ...tunnels) < idleTimeoutMs.value) return null;
  return chosen(
    Math.min(IDLE_MS, Math.floor(idleTimeoutMs.value / 2)),
    `restarts the NLB's idle timer of ${idleTimeoutMs.value / 1000} s`,
  );
}
