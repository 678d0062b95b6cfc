// How HAProxy resolves names at run time.
import type { BackendPlan, ServerPlan } from "./backend-plan.ts";
import { chosen } from "./described.ts";
import type { Decided, DnsPlan, ResolversPlan } from "./plan.ts";

/** null when no server has a name. */
export function resolversOf(
  backends: readonly BackendPlan[],
  { nameServers, tcp }: DnsPlan,
): ResolversPlan | null {
  const resolved = backends.flatMap(({ servers }) => servers).filter((server) => server.resolved);
  if (resolved.length === 0) return null;
  return {
    resolve: chosen(1000, "a new Service works within 2 s"),
    retry: chosen(1000, "time for one answer"),
    holdNx: chosen(60_000, "a name that is gone for a moment: CoreDNS repeats NXDOMAIN for 30 s"),
    holdOther: chosen(3_600_000, "keeps the last address while DNS fails; checks test it"),
    payloadBytes: payloadBytes(resolved),
    nameServers: nameServers.value
      .map((server) => (server.includes(":") ? server : `${server}:53`))
      .map((server) => (tcp ? `tcp@${server}` : server)),
  };
}

/** The largest UDP payload that no network fragments (DNS Flag Day 2020). */
const UNFRAGMENTED_BYTES = 1232;
/** HAProxy manual section 5.3.2, accepted_payload_size: the largest, and what it advises against exceeding over UDP. */
const LARGEST_BYTES = 65_535;
export const LARGEST_UDP_BYTES = 8192;

/** HAProxy ignores a truncated answer as a whole: no server of the template has an address then (tested on 2.6, 3.0, 3.2 and 3.4). */
function payloadBytes(servers: readonly ServerPlan[]): Decided<number> {
  const bytes = Math.max(...servers.map((server) => answerBytes(server, "AAAA")));
  if (bytes <= UNFRAGMENTED_BYTES)
    return chosen(UNFRAGMENTED_BYTES, "fits one packet on any network (DNS Flag Day 2020)");
  const slots = Math.max(...servers.map((server) => server.slots?.value ?? 1));
  return chosen(
    Math.min(bytes, LARGEST_BYTES),
    `room for ${slots} addresses; HAProxy ignores truncated answers`,
  );
}

/** The length of an answer with an address for each slot; names after the first are pointers to it (RFC 1035 section 4.1.4). */
export function answerBytes(
  { host, slots }: { readonly host: string; readonly slots: { readonly value: number } | null },
  type: "A" | "AAAA",
): number {
  const header = 12;
  const question = host.length + 2 + 4;
  const record = 12 + (type === "A" ? 4 : 16);
  const edns = 11;
  return header + question + (slots?.value ?? 1) * record + edns;
}
