// The addresses at the bounds of a network: two different lists of networks differ at one of them.
import { isIP } from "node:net";
import { ipv6Groups, shortestIpv6 } from "../plan/whole-network.ts";
import { spread } from "./spread.ts";

/** Of a long list, an even sample of this size. */
const MOST = 200;

/** First and last address of each network, and their neighbours outside of it; `203.0.113.7`, `10.0.0.0/8`, `2001:db8::/32`. */
export function boundsOf(networks: readonly string[]): readonly string[] {
  return spread([...new Set(networks.flatMap(boundsOfOne))], MOST);
}

function boundsOfOne(network: string): readonly string[] {
  const [address = "", prefix] = network.split("/");
  const family = isIP(address);
  if (family === 0) return [];
  const width = family === 6 ? 128 : 32;
  const size = 1n << BigInt(width - Number(prefix ?? width));
  const first = (numberOf(address, family) / size) * size;
  const last = first + size - 1n;
  return [first, last, first - 1n, last + 1n]
    .filter((one) => one >= 0n && one >> BigInt(width) === 0n)
    .map((one) => (family === 6 ? ipv6Text(one) : ipv4Text(one)));
}

function numberOf(address: string, family: number): bigint {
  const [parts, base] = family === 4 ? [address.split(".").map(Number), 256n] : [ipv6Groups(address), 65536n];
  return parts.reduce((sum, part) => sum * base + BigInt(part), 0n);
}

function ipv4Text(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join(".");
}

function ipv6Text(number: bigint): string {
  return shortestIpv6(
    Array.from({ length: 8 }, (_, index) => Number((number >> BigInt(16 * (7 - index))) & 0xffffn)),
  );
}
