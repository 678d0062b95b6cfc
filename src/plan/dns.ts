// Lowering of look-ups by the pod's C library: which option of resolv.conf cures what, with this image's library.
import type { DnsPlan } from "./dns-plan.ts";
import type { ImagePlan } from "./image-plan.ts";
import type { Lowering } from "./lowering.ts";

/** resolv.conf(5); measured with glibc 2.36, 2.41, 2.43 and musl 1.2.3: docs/concepts/names.md. */
export function lowerDns({ edge }: Lowering, { libc }: ImagePlan): DnsPlan {
  const described = edge.dns?.options;
  return {
    options:
      described !== undefined
        ? described.map((option) => {
            const [name = option, value = null] = option.split(":");
            return { name, value, because: "described" };
          })
        : [
            {
              name: "ndots",
              value: "1",
              because: "a name with a dot is asked for as it is, instead of with every search domain first",
            },
            ...(libc.name === "glibc"
              ? [
                  atLeast(libc.version, 2, 36)
                    ? {
                        name: "no-aaaa",
                        value: null,
                        because:
                          "one question a name: neither a lost second packet nor an AAAA that is never answered costs five seconds",
                      }
                    : {
                        name: "single-request-reopen",
                        value: null,
                        because: "A and AAAA one after the other: a lost second packet costs no five seconds",
                      },
                ]
              : [
                  {
                    name: "attempts",
                    value: "10",
                    because:
                      "musl knows neither single-request nor no-aaaa, and asks again after timeout / attempts: a lost packet costs 0.5 s",
                  },
                ]),
          ],
    nameServers:
      edge.dns?.nameServers === undefined
        ? { value: [], because: "the pod's own: the cluster's DNS" }
        : { value: edge.dns.nameServers, because: "described" },
    tcp: edge.dns?.tcp ?? false,
    podNameServers: podNameServers(edge.dns?.nameServers),
  };
}

/** resolv.conf(5) has no ports. */
function podNameServers(described: readonly string[] | undefined): DnsPlan["podNameServers"] {
  if (described === undefined) return { value: [], because: "the cluster's DNS" };
  const value = described
    .filter((server) => !server.includes(":") || server.endsWith(":53"))
    .map((server) => server.replace(/:53$/, ""));
  if (value.length === described.length) return { value, because: "described" };
  return {
    value,
    because: `resolv.conf has no ports: with a port, a name server is for HAProxy alone${value.length === 0 ? "; the pod keeps the cluster's DNS" : ""}`,
  };
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [own = 0, ownMinor = 0] = version.split(".").map(Number);
  return own > major || (own === major && ownMinor >= minor);
}
