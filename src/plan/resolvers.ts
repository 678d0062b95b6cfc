// How names are looked up while HAProxy runs: quickly found, slowly forgotten.
import type { BackendPlan } from "./backend-plan.ts";
import type { DnsPlan } from "./dns-plan.ts";
import type { ResolversPlan } from "./plan.ts";

/** null when no server has a name. */
export function resolversOf(
  backends: readonly BackendPlan[],
  { nameServers }: DnsPlan,
): ResolversPlan | null {
  if (!backends.some(({ servers }) => servers.some(({ resolved }) => resolved))) return null;
  return {
    resolve: { value: 1000, because: "how often a name is asked for again: a new Service works within 2 s" },
    retry: { value: 1000, because: "how long one answer is waited for" },
    holdNx: { value: 30_000, because: "a name that vanishes keeps its last address for so long" },
    holdOther: {
      value: 3_600_000,
      because:
        "while DNS is silent or refuses, the last address is the best there is; checks say whether it still is",
    },
    payloadBytes: { value: 4096, because: "larger answers than DNS's old 512 bytes (RFC 6891)" },
    nameServers: nameServers.value.map((server) => (server.includes(":") ? server : `${server}:53`)),
  };
}
