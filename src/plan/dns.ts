// Lowering of lookups by the pod's C library: which option of resolv.conf fixes what, with this image's library.
import { chosen, type Described, decide, follows, given } from "./described.ts";
import type { DnsPlan } from "./dns-plan.ts";
import type { ImagePlan } from "./image-plan.ts";
import type { Lowering } from "./lowering.ts";

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
  const ndots = {
    name: "ndots",
    ...chosen("1", "a name with a dot is asked for as it is, instead of with every search domain first"),
  };
  if (name !== "glibc")
    return [
      ndots,
      {
        name: "attempts",
        ...chosen(
          "10",
          "musl knows neither single-request nor no-aaaa, and asks again after timeout / attempts: a lost packet costs 0.5 s",
        ),
      },
    ];
  return [
    ndots,
    atLeast(version, 2, 36)
      ? {
          name: "no-aaaa",
          ...chosen(
            null,
            "one question a name: neither a lost second packet nor an AAAA that is never answered costs five seconds",
          ),
        }
      : {
          name: "single-request-reopen",
          ...chosen(null, "A and AAAA one after the other: a lost second packet costs no five seconds"),
        },
  ];
}

/** resolv.conf(5) has no ports. */
function podNameServers(described: Described<readonly string[]>): DnsPlan["podNameServers"] {
  const all = described.value ?? [];
  const value = all
    .filter((server) => !server.includes(":") || server.endsWith(":53"))
    .map((server) => server.replace(/:53$/, ""));
  if (value.length === all.length)
    return decide(
      described.map(() => value),
      [],
      "the cluster's DNS",
    );
  return follows(
    described,
    value,
    `resolv.conf has no ports: with a port, a name server is for HAProxy alone${value.length === 0 ? "; the pod keeps the cluster's DNS" : ""}`,
  );
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [own = 0, ownMinor = 0] = version.split(".").map(Number);
  return own > major || (own === major && ownMinor >= minor);
}
