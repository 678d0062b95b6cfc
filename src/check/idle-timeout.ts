// How long the load balancer lets a connection be silent, where that is known.
import type { Plan } from "../plan/plan.ts";

/** In ms; null where it is a guess: behind some provider's load balancer that the description does not speak of, or behind none. */
export function knownIdleTimeoutMs({ loadBalancer }: Plan): number | null {
  const { kind, idleTimeoutMs } = loadBalancer;
  if (kind === "none") return null;
  return kind !== "service" || idleTimeoutMs.because === "described" ? idleTimeoutMs.value : null;
}
