// Networks that contain every address.
import { isIP } from "node:net";
import { ipv6Groups } from "./whole-network.ts";

/** In IPv4 and in IPv6. */
export const EVERYONE = ["0.0.0.0/0", "::/0"] as const;

/** Whether networks (CIDR) together contain every address of a family: `0.0.0.0/0`, or `0.0.0.0/1` and `128.0.0.0/1`. */
export function containEveryone(networks: readonly string[]): boolean {
  const isFull = (family: number) =>
    areFull(networks.filter((network) => familyOf(network) === family).map(prefixOf));
  return isFull(4) || isFull(6);
}

/** 0: not an address or a network with the length of its prefix. */
function familyOf(network: string): number {
  return /^[^/%]+(\/\d+)?$/.test(network) ? isIP(network.replace(/\/.*/, "")) : 0;
}

/** `128.0.0.0/1` → `1`; `0.0.0.0/0` → an empty text. */
function prefixOf(network: string): string {
  const [address = "", length] = network.split("/");
  const [parts, width] = address.includes(":")
    ? [ipv6Groups(address), 16]
    : [address.split(".").map(Number), 8];
  const bits = parts.map((part) => part.toString(2).padStart(width, "0")).join("");
  return length === undefined ? bits : bits.slice(0, Number(length));
}

/** Whether every sequence of bits begins with one of the prefixes. */
function areFull(prefixes: readonly string[]): boolean {
  if (prefixes.length === 0 || prefixes.includes("")) return prefixes.length > 0;
  return ["0", "1"].every((bit) =>
    areFull(prefixes.filter((prefix) => prefix.startsWith(bit)).map((prefix) => prefix.slice(1))),
  );
}
