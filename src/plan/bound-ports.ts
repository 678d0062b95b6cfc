// Every port that HAProxy binds, by the name that the container's ports have.
import type { Decided, Plan } from "./plan.ts";

export interface BoundPort {
  readonly name: string;
  readonly port: Decided<number>;
}

/** Listeners by their names; `stats`, `health`, and `check` for the load balancer's health check. */
export function boundPorts({
  listeners,
  stats,
  health,
  loadBalancer,
}: Pick<Plan, "listeners" | "stats" | "health" | "loadBalancer">): readonly BoundPort[] {
  const { http } = loadBalancer.healthCheck;
  return [
    ...listeners,
    ...(stats === null ? [] : [{ name: "stats", port: stats.port }]),
    { name: "health", port: health.port },
    ...(http === null ? [] : [{ name: "check", port: http.port }]),
  ];
}
