// A network as Kubernetes and routers write it: without bits beyond its prefix.
import { isIPv4 } from "node:net";

/** `10.1.2.3/8` → `10.0.0.0/8`; an address alone gets the prefix of one address. A network without such bits is unchanged. */
export function wholeNetwork(network: string): string {
  const [address = "", prefix] = network.split("/");
  const [parts, bitsOfPart] = isIPv4(address)
    ? [address.split(".").map(Number), 8]
    : [ipv6Groups(address), 16];
  if (prefix === undefined) return `${address}/${parts.length * bitsOfPart}`;
  const masked = parts.map((part, index) => {
    const bits = Math.min(bitsOfPart, Math.max(0, Number(prefix) - index * bitsOfPart));
    return part & ~((1 << (bitsOfPart - bits)) - 1);
  });
  if (masked.every((part, index) => part === parts[index])) return network;
  return `${bitsOfPart === 8 ? masked.join(".") : shortestIpv6(masked)}/${prefix}`;
}

/** The eight groups of an IPv6 address, however it is written (RFC 4291 section 2.2). */
export function ipv6Groups(address: string): readonly number[] {
  const [left = "", right] = canonical(address).split("::");
  const groups = (text: string) =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(left), groups(right ?? "")];
  return [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
}

/** The address of eight groups, as URLs write it. */
function shortestIpv6(groups: readonly number[]): string {
  return canonical(groups.map((group) => group.toString(16)).join(":"));
}

/** As URLs write it: lower case, `::` for the longest run of zeros, no dots (RFC 5952). */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
