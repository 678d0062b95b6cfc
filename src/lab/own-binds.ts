// Servers that are HAProxy itself: a backend that connects to a bind of the same process over loopback.
import { isLoopback } from "../wiring/haproxy/address.ts";
import type { HaproxyBind, HaproxyServer, HaproxyWiring } from "../wiring/haproxy/wiring.ts";

/** The bind that a server line connects to; undefined: it connects to another process. */
export function ownBindOf(
  { binds }: Pick<HaproxyWiring, "binds">,
  { address }: Pick<HaproxyServer, "address">,
): HaproxyBind | undefined {
  const { host, ports } = address;
  if (!isLoopback(address) || ports === undefined || ports.relative !== undefined) return undefined;
  return binds.find(({ address: own }) => covers(own, ports.from) && answersOn(own.kind, own.host, host));
}

export function covers({ ports }: HaproxyBind["address"], port: number): boolean {
  return ports !== undefined && ports.from <= port && port <= ports.to;
}

function answersOn(kind: string, own: string, called: string): boolean {
  return kind === "any" || own === "0.0.0.0" || own === "::" || own === called || called === "localhost";
}
