// How names are looked up while HAProxy runs: quickly found, slowly forgotten.
import type { BackendPlan } from "./backend-plan.ts";
import type { ResolversPlan } from "./plan.ts";

/** null when no server has a name. */
export function resolversOf(backends: readonly BackendPlan[]): ResolversPlan | null {
  if (!backends.some(({ servers }) => servers.some(({ resolved }) => resolved))) return null;
  return {
    resolve: { value: 1000, because: "how often a name is asked for again: a new Service works within 2 s" },
    retry: { value: 1000, because: "how long one answer is waited for" },
    holdNx: { value: 30_000, because: "a name that vanishes keeps its last address for so long" },
    holdOther: { value: 60_000, because: "and for a minute when DNS is silent or refuses" },
    payloadBytes: { value: 4096, because: "larger answers than DNS's old 512 bytes (RFC 6891)" },
  };
}
