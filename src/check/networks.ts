// Networks of clients, compared: two of them are nested or have nothing in common.
import { BlockList, isIP } from "node:net";

/** Whether every address of `inner` is in `outer`; both as in a description: `203.0.113.7`, `10.0.0.0/8`. */
export function covers(outer: string, inner: string): boolean {
  const [wide, narrow] = [parse(outer), parse(inner)];
  if (wide.family !== narrow.family || wide.bits > narrow.bits) return false;
  const list = new BlockList();
  list.addSubnet(wide.address, wide.bits, wide.family);
  return list.check(narrow.address, narrow.family);
}

/** The part that both have in common: the smaller one, or null. */
export function shared(a: string, b: string): string | null {
  if (covers(a, b)) return b;
  return covers(b, a) ? a : null;
}

/** Whether a list of networks keeps anyone out that IPv4 knows. */
export function restricts(networks: readonly string[]): boolean {
  return networks.length > 0 && !networks.includes("0.0.0.0/0");
}

function parse(network: string): {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
} {
  const [address = "", bits] = network.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  return { address, bits: bits === undefined ? (family === "ipv6" ? 128 : 32) : Number(bits), family };
}
