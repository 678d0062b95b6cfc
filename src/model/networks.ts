// Whether a client address is in a network, as HAProxy compares them.
import { BlockList, isIP } from "node:net";
import { ipv6Groups } from "../plan/whole-network.ts";

/**
 * An IPv4 network also contains the IPv6 addresses that represent one of its own: mapped (::ffff:a.b.c.d), compatible
 * (::a.b.c.d) and 6to4 (2002:aabb:ccdd::); an IPv6 network contains IPv4 addresses in their mapped form (HAProxy manual
 * section 7.1.6).
 */
export function within(client: string, networks: readonly string[]): boolean {
  if (isIP(client) === 0) return false;
  const inside = carriedIpv4(client);
  const ofFour = networks.filter((network) => !network.includes(":"));
  return contains(networks, client) || (inside !== undefined && contains(ofFour, inside));
}

export function allowed(client: string, networks: readonly string[]): boolean {
  return networks.length === 0 || within(client, networks);
}

/** As security groups compare: an address is only in networks of its own family. */
export function contains(networks: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const { front, bits, family } = parse(network);
    list.addSubnet(front, bits, family);
  }
  return list.check(address, familyOf(address));
}

/** Whether every address of `inner` is in `outer`, of the same family; both as in a description: `203.0.113.7`, `10.0.0.0/8`. */
export function covers(outer: string, inner: string): boolean {
  const [wide, narrow] = [parse(outer), parse(inner)];
  return wide.family === narrow.family && wide.bits <= narrow.bits && contains([outer], narrow.front);
}

function parse(network: string) {
  const [front = "", bits] = network.split("/");
  const family = familyOf(front);
  return { front, bits: Number(bits ?? (family === "ipv6" ? 128 : 32)), family };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** The IPv4 address that an IPv6 address represents. */
function carriedIpv4(client: string): string | undefined {
  if (isIP(client) !== 6) return undefined;
  const groups = ipv6Groups(client.replace(/%.*/, ""));
  const zeros = (count: number) => groups.slice(0, count).every((group) => group === 0);
  if (groups[0] === 0x2002) return dotted(groups[1], groups[2]);
  return zeros(6) || (zeros(5) && groups[5] === 0xffff) ? dotted(groups[6], groups[7]) : undefined;
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}
