// Classes of client addresses: parts of the line of all IPv6 addresses, on which IPv4 addresses have their mapped form.
import { isIP } from "node:net";
import { ipv6Groups } from "../../plan/whole-network.ts";
import { runsOf } from "../class-runs.ts";
import type { AddressDimension, AddressTest } from "../dimension.ts";
import { type Classes, lineOf, partOf } from "./classes.ts";

/** From `first` to `last`, both included. */
interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

const MAPPED = 0xffffn << 32n;
const SIX_TO_FOUR = 0x2002n << 112n;
const END = 1n << 128n;

/** Addresses for documentation (RFC 5737, RFC 3849) and private ones, which readers recognise. */
const USUAL = [
  ...["203.0.113.7", "198.51.100.9", "192.0.2.1", "10.1.2.3", "192.168.1.2", "2001:db8::1", "fd00::7"],
] as const;

/** HAProxy compares an IPv4 address as its mapped form, and IPv6 addresses that hold an IPv4 one with IPv4 networks, too. */
export function addressClasses(dimension: AddressDimension, tests: readonly AddressTest[]): Classes {
  const asIntervals = tests.map(intervalsOf);
  const bounds = asIntervals.flat().flatMap(({ first, last }) => [first, last + 1n]);
  const families = [0n, MAPPED, MAPPED + (1n << 32n)];
  const starts = [...new Set([...families, ...bounds])].filter((one) => one < END).sort(ascending);
  const inside = (intervals: readonly Interval[], value: bigint) =>
    intervals.some(({ first, last }) => first <= value && value <= last);
  const line = lineOf(starts, (start) =>
    asIntervals.flatMap((intervals, index) => (inside(intervals, start) ? [index] : [])).join(),
  );
  const classOf = (value: unknown) =>
    typeof value === "string" && isIP(value) !== 0 ? line.classes[partOf(line, numberOf(value))] : undefined;
  return {
    dimension,
    count: line.count,
    witness: (index) => USUAL.find((one) => classOf(one) === index) ?? memberOf(line, index),
    holds: (test) => {
      if (test.kind !== "networks") return runsOf([]);
      const intervals = intervalsOf(test);
      return runsOf(line.classes.filter((_, part) => inside(intervals, line.starts[part] ?? 0n)));
    },
    classOf,
  };
}

function ascending(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function intervalsOf({ networks, comparedBy }: AddressTest): readonly Interval[] {
  return networks.flatMap((network) => {
    const [address = "", prefix] = network.split("/");
    const six = address.includes(":");
    const bits = Number(prefix ?? (six ? 128 : 32));
    const front = numberOf(address);
    if (six) return [interval(front, 128 - bits)];
    const four = front - MAPPED;
    const mapped = interval(front, 32 - bits);
    if (comparedBy === "cloud") return [mapped];
    return [mapped, interval(four, 32 - bits), interval(SIX_TO_FOUR + (four << 80n), 112 - bits)];
  });
}

function interval(front: bigint, freeBits: number): Interval {
  const size = 1n << BigInt(freeBits);
  const first = (front / size) * size;
  return { first, last: first + size - 1n };
}

function numberOf(address: string): bigint {
  if (isIP(address) === 4) {
    const four = address.split(".").reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
    return MAPPED + four;
  }
  const groups = ipv6Groups(address.replace(/%.*/, ""));
  return groups.reduce((sum, group) => sum * 65536n + BigInt(group), 0n);
}

/** An IPv4 address where there is one; not the network's own address, which reads as the network. */
function memberOf(line: ReturnType<typeof lineOf<bigint>>, index: number): string | undefined {
  const parts = line.starts.flatMap((start, part) => {
    if (line.classes[part] !== index) return [];
    const next = line.starts[part + 1] ?? END;
    return [next - start > 1n ? start + 1n : start];
  });
  const four = parts.find((one) => one >> 32n === 0xffffn);
  const member = four ?? parts[0];
  return member === undefined ? undefined : addressText(member);
}

/** As `inet_ntop` writes it, and HAProxy in its headers. */
function addressText(number: bigint): string {
  const four = [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join(".");
  if (number >> 32n === 0xffffn) return four;
  if (number >> 32n === 0n && number >> 16n !== 0n) return `::${four}`;
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((number >> BigInt(16 * (7 - index))) & 0xffffn).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
