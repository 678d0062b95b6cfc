// Lowering of lookups by the pod's C library: which option of resolv.conf fixes which problem, with this image's library.
import { chosen, type Described, decide, follows, given } from "./described.ts";
import type { ImagePlan } from "./image-plan.ts";
import type { Lowering } from "./lowering.ts";
import type { DnsPlan } from "./plan.ts";

/** resolv.conf(5); measured with glibc 2.36, 2.41, 2.43 and musl 1.2.3: docs/concepts/names.md. */
export function lowerDns({ described }: Lowering, { libc }: ImagePlan): DnsPlan {
  const dns = described.get("dns");
  const nameServers = dns.get("nameServers");
  return {
    options: describedOptions(dns.get("options")) ?? defaultOptions(libc),
    nameServers: decide(nameServers, [], "the pod's own: the cluster's DNS"),
    tcp: dns.get("tcp").value ?? false,
    podNameServers: podNameServers(nameServers),
  };
}

function describedOptions(options: Described<readonly string[]>): DnsPlan["options"] | undefined {
  return options.value?.map((option, index) => {
    const [name = option, value = null] = option.split(":");
    return { name, ...given(options.get(index), value) };
  });
}

function defaultOptions({ name, version }: ImagePlan["libc"]): DnsPlan["options"] {
  const option = (of: string, value: string | null, because: string) => ({
    name: of,
    ...chosen(value, because),
  });
  const ndots = option("ndots", "1", "queries a name with a dot before it tries search domains");
  if (name !== "glibc")
    return [ndots, option("attempts", "10", "musl resends after timeout / attempts: 0.5 s per lost packet")];
  return [
    ndots,
    atLeast(version, 2, 36)
      ? option("no-aaaa", null, "one query per name: no 5 s delay for an unanswered AAAA")
      : option("single-request-reopen", null, "A, then AAAA: no 5 s delay for a lost second packet"),
  ];
}

/** resolv.conf(5) has no ports. */
function podNameServers(described: Described<readonly string[]>): DnsPlan["podNameServers"] {
  const held = described.map((all) =>
    all
      .filter((server) => !server.includes(":") || server.endsWith(":53"))
      .map((server) => server.replace(/:53$/, "")),
  );
  return held.value?.length === described.value?.length
    ? decide(held, [], "the cluster's DNS")
    : follows(held, held.value ?? [], "without name servers with a port, which resolv.conf does not support");
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [own = 0, ownMinor = 0] = version.split(".").map(Number);
  return own > major || (own === major && ownMinor >= minor);
}
