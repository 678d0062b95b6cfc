// The addresses at the bounds of a network: two different lists of networks differ at one of them.
import { isIP } from "node:net";
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
  if (family === 4) return address.split(".").reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  // The URL parser writes an IPv4 ending as hexadecimal groups (WHATWG URL, 3.5).
  const text = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [front = "", back] = text.split("::");
  const groups = (part: string | undefined) => (part ? part.split(":") : []);
  const [before, after] = [groups(front), groups(back)];
  const zeros = Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

function ipv4Text(number: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join(".");
}

function ipv6Text(number: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((number >> BigInt(16 * (7 - index))) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
