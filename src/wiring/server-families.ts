// IPv4 and IPv6 between HAProxy and a server's Service: the family that HAProxy queries and connects with, and the Service's own.
import { directiveOf, type HaproxyConfig, tokenPosition } from "./haproxy/config.ts";
import type { HaproxyServer } from "./haproxy/wiring.ts";
import { titleOf } from "./kubernetes/fields.ts";
import type { ServerBreak, ServerPath } from "./server-path.ts";
import type { Service } from "./wiring.ts";
import type { Written } from "./written.ts";

type Family = "IPv4" | "IPv6";

/** Why HAProxy gets no address of the Service, or cannot connect to the one that it gets; undefined: it can, or it is not known. */
export function familyBreakOf(
  { haproxy, proxy, server }: Pick<ServerPath, "haproxy" | "proxy" | "server">,
  service: Service,
): ServerBreak | undefined {
  const { object, families } = service;
  if (families === undefined) return undefined;
  const accepted = server.resolvers === undefined ? undefined : acceptedFamilies(haproxy.config);
  const left = families.value.filter((family) => accepted?.value.includes(family) ?? true);
  if (accepted !== undefined && left.length === 0 && server.address.kind === "name")
    return {
      fault: "family-not-queried",
      effect: "nxdomain",
      because: `${titleOf(object)} has ${families.value.join(" and ")} addresses only, and \`dns-accept-family\` accepts ${accepted.value.join(" and ")}`,
      at: accepted.at ?? service.at,
    };
  const family = familyOf(server, left);
  if (family === undefined) return undefined;
  const own = haproxy.wiring.localAddresses.filter(
    (one) => one.owner === proxy.name && (one.server === undefined || one.server === server.name),
  );
  const source = own.find(({ address }) => address.kind === (family === "IPv4" ? "ipv6" : "ipv4"))?.address;
  if (source === undefined) return undefined;
  const has =
    left.length === 1
      ? `has ${family} addresses only`
      : `has IPv4 and IPv6 addresses, of which HAProxy uses ${family}`;
  return {
    fault: "family",
    effect: "refused",
    because: `${titleOf(object)} ${has}, and HAProxy connects from ${source.host}`,
    at: source.at,
  };
}

/** Of several, HAProxy's resolvers take the preferred one, which is IPv6 by default (manual 3.2, section 5.2, resolve-prefer). */
function familyOf(
  { address, resolvers, resolvePrefer }: HaproxyServer,
  families: readonly Family[],
): Family | undefined {
  if (address.kind === "ipv4") return "IPv4";
  if (address.kind === "ipv6") return "IPv6";
  if (families.length < 2) return families[0];
  if (resolvers === undefined) return undefined;
  return resolvePrefer?.value === "ipv4" ? "IPv4" : "IPv6";
}

/** undefined: both, or `auto`, where it depends on the pod's routes (manual 3.4, section 3.1, dns-accept-family). */
function acceptedFamilies(config: HaproxyConfig): Written<readonly Family[]> | undefined {
  const line = config.lines.findLast((one) => directiveOf(one).words[0]?.value === "dns-accept-family");
  const [keyword, list] = line?.tokens ?? [];
  if (line === undefined || keyword === undefined || line.conditional) return undefined;
  const words = (list?.value ?? "").split(",");
  const value = (["IPv4", "IPv6"] as const).filter((family) => words.includes(family.toLowerCase()));
  return value.length === 1 ? { value, at: tokenPosition(config, keyword, list) } : undefined;
}
