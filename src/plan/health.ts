// Lowering of the health listener: for probes and scrapers, on a port that no load balancer leads to.
import type { BackendPlan } from "./backend-plan.ts";
import { chosen, decide } from "./described.ts";
import type { HealthPlan } from "./kubernetes-plan.ts";
import type { Lowering } from "./lowering.ts";

/** Enough to tell whether names are answered at all. */
const WAITED_FOR = 20;

export function lowerHealth({ described }: Lowering, backends: readonly BackendPlan[]): HealthPlan {
  return {
    port: decide(
      described.get("haproxy").get("ports").get("health"),
      8405,
      "next to the stats page's customary 8404",
    ),
    settleS: chosen(10, "time to resolve names; requests would get 503 before"),
    waitsFor: backends
      .filter(({ variantOf, servers }) => variantOf === null && servers.some(({ resolved }) => resolved))
      .slice(0, WAITED_FOR)
      .map(({ name }) => name),
  };
}
