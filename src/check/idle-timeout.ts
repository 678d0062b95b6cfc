// How long the load balancer lets a connection be silent, where that is known.
import { isDescribed } from "../plan/described.ts";
import type { Plan } from "../plan/plan.ts";
import { serviceProvider } from "./service-provider.ts";

/** In ms; null where it is a guess: behind some provider's load balancer that the description does not speak of, or behind none. */
export function knownIdleTimeoutMs(plan: Plan): number | null {
  const { kind, idleTimeoutMs } = plan.loadBalancer;
  if (kind === "none") return null;
  if (kind !== "service" || isDescribed(idleTimeoutMs)) return idleTimeoutMs.value;
  return serviceProvider(plan)?.idleTimeout?.defaultS == null ? null : idleTimeoutMs.value;
}
