// Whether a client's address lies in a network, as HAProxy compares them.
import { BlockList, isIP } from "node:net";

/**
 * An IPv4 network also holds the IPv6 addresses that stand for one of its own: mapped (::ffff:a.b.c.d), compatible
 * (::a.b.c.d) and 6to4 (2002:aabb:ccdd::); an IPv6 network holds IPv4 addresses by their mapped form (HAProxy manual
 * section 7.1.6).
 */
export function within(client: string, networks: readonly string[]): boolean {
  if (isIP(client) === 0) return false;
  const inside = carriedIpv4(client);
  const ofFour = networks.filter((network) => !network.includes(":"));
  return contains(networks, client) || (inside !== undefined && contains(ofFour, inside));
}

/** An empty list is no restriction. */
export function allowed(client: string, networks: readonly string[]): boolean {
  return networks.length === 0 || within(client, networks);
}

/** As security groups compare: an address of one family is in no network of the other. */
export function contains(networks: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [front = "", bits] = network.split("/");
    if (bits === undefined) list.addAddress(front, familyOf(front));
    else list.addSubnet(front, Number(bits), familyOf(front));
  }
  return list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

/** The IPv4 address that an IPv6 address stands for. */
function carriedIpv4(client: string): string | undefined {
  if (isIP(client) !== 6) return undefined;
  const groups = ipv6Groups(client);
  const zeros = (count: number) => groups.slice(0, count).every((group) => group === 0);
  if (groups[0] === 0x2002) return dotted(groups[1], groups[2]);
  return zeros(6) || (zeros(5) && groups[5] === 0xffff) ? dotted(groups[6], groups[7]) : undefined;
}

function ipv6Groups(address: string): readonly number[] {
  const hex = address.replace(
    /(\d+)\.(\d+)\.(\d+)\.(\d+)$/,
    (_, a, b, c, d) => `${(256 * a + Number(b)).toString(16)}:${(256 * c + Number(d)).toString(16)}`,
  );
  const [front = "", back] = hex.split("::");
  const read = (text: string | undefined) =>
    text === undefined || text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [read(front), read(back)];
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function dotted(high = 0, low = 0): string {
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}
