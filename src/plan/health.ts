// Lowering of the health listener: for probes and metrics collectors, on a port that is not behind the load balancer.
import { DEFAULTS } from "../description/defaults.ts";
import type { BackendPlan } from "./backend-plan.ts";
import { chosen, decide } from "./described.ts";
import type { HealthPlan } from "./kubernetes-plan.ts";
import type { Lowering } from "./lowering.ts";

/** Enough to show whether DNS works. */
const WAITED_FOR = 20;

/** What HAProxy responds to probes on the health listener. */
export const PROBE_PATHS = { ready: "/ready", live: "/live" } as const;

export function lowerHealth({ described }: Lowering, backends: readonly BackendPlan[]): HealthPlan {
  return {
    port: decide(
      described.get("haproxy").get("ports").get("health"),
      DEFAULTS.haproxy.ports.health,
      "next to the stats page's customary 8404",
    ),
    nameResolutionS: chosen(10, "time to resolve names; until then, requests would get 503"),
    waitsFor: backends
      .filter(({ variantOf, servers }) => variantOf === null && servers.some(({ resolved }) => resolved))
      .slice(0, WAITED_FOR)
      .map(({ name }) => name),
  };
}
