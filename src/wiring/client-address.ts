// Whether HAProxy sees the client's own address as the source of a connection, and which sources it accepts.
import { lineageOf } from "./haproxy/lineage.ts";
import type { HaproxyProxy, SourcePattern } from "./haproxy/wiring.ts";
import type { HaproxyLayer, TrafficPath } from "./wiring.ts";
import { knownValue } from "./written.ts";

/** Only if it is certain: the load balancer preserves it, and no node replaces it. */
export function arrivesWithClientAddress({ loadBalancer, listener, service }: TrafficPath): boolean {
  if (
    loadBalancer === undefined ||
    listener === undefined ||
    knownValue(listener.keepsClientAddress) !== true
  )
    return false;
  // "externalTrafficPolicy: Cluster … the source IP is replaced" (Kubernetes, "Using Source IP").
  return (
    listener.to.kind === "pod" || service === undefined || service.externalTrafficPolicy.value === "Local"
  );
}

/** The sources that a frontend accepts connections from (`tcp-request connection reject if !{ src … }`); empty: all, or not known. */
export function acceptedSources({ wiring }: HaproxyLayer, proxy: HaproxyProxy): readonly SourcePattern[] {
  const owners = new Set(lineageOf(proxy).map(({ section }) => section.name?.value ?? section.kind));
  const own = wiring.sources.filter(({ admits, owner }) => admits && owners.has(owner));
  return own.some(({ line }) => line.tokens.some(({ value }) => value === "-f")) ? [] : own;
}
