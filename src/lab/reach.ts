// What a way in meets before HAProxy: who stands in front of a port, and whether a connection gets through to the bind.
import type { HaproxyLayer, Way, Wiring } from "../wiring/wiring.ts";
import { type Known, knownValue } from "../wiring/wiring.ts";
import { closedByPolicy, closedToLoadBalancer, placeText } from "./blocked.ts";
import type { Entrance } from "./entrances.ts";
import type { InFront } from "./in-front.ts";
import type { Endpoint } from "./network.ts";
import type { LabPlaces } from "./places.ts";
import { endText } from "./way-text.ts";

export interface DoublesOptions {
  readonly wiring: Wiring;
  readonly layer: HaproxyLayer;
  readonly places: LabPlaces;
  readonly hosts: readonly string[];
  readonly inFront: ReadonlyMap<number, InFront>;
  /** Why no Service sends anything to the pods; null: they are ready. */
  readonly notReady: string | null;
}

/** Where a way leads in the lab, or why it leads nowhere. */
export type Reached = { readonly to: Endpoint } | { readonly refused: string };

/** Follows a way to its bind; `from` a load balancer, its security groups must let it. */
export function reach({ wiring, layer, places, notReady }: DoublesOptions, way: Way): Reached {
  if (way.ends !== null) return { refused: endText(way.ends) };
  if (way.haproxy !== layer || way.bind === null)
    return {
      refused: `it leads to another HAProxy${placeText(way.proxy?.at ?? null)}, and the lab plays one`,
    };
  const refused = closedByPolicy(wiring, way) ?? notReady;
  return refused === null ? { to: places.bindPlace(way.bind, podPortOf(way)) } : { refused };
}

/** The target of a bind that has a range of ports is one of them. */
function podPortOf({ containerPort, servicePort }: Way): number | undefined {
  const target = servicePort?.targetPort.value;
  return containerPort?.port.value ?? (typeof target === "number" ? target : undefined);
}

/** The first way that leads to HAProxy, or why none does. */
export function reachedFrom(options: DoublesOptions, entrance: Entrance): Reached {
  const all = entrance.ways.map((way) => reach(options, way));
  const { loadBalancer, listener } = entrance;
  const to = listener === null ? undefined : knownValue(listener.to.port);
  const closed =
    loadBalancer === null || to === undefined ? null : closedToLoadBalancer(options.wiring, loadBalancer, to);
  if (closed !== null) return { refused: closed };
  return all.find((one) => "to" in one) ?? all[0] ?? { refused: "it leads nowhere" };
}

export function proxyOf(options: DoublesOptions, entrance: Entrance): "none" | "v1" | "v2" {
  const front = inFrontOf(options, entrance);
  return front?.proxyProtocol ?? known(entrance.listener?.proxyProtocol) ?? "none";
}

/** Hosts' ports and a Service of no known provider: somebody else's load balancer, which no layer describes. */
export function inFrontOf(
  { inFront }: DoublesOptions,
  { port, loadBalancer, ways }: Entrance,
): InFront | undefined {
  const described =
    loadBalancer !== null && (loadBalancer.kind !== "service" || loadBalancer.provider !== null);
  if (described) return undefined;
  const told = inFront.get(port);
  if (told !== undefined || loadBalancer !== null) return told;
  // Nobody but a sender of PROXY headers can use a bind that wants one.
  const expected = ways.some(
    ({ bind, proxy }) => bind?.acceptProxy === true || (proxy?.expectProxy.length ?? 0) > 0,
  );
  return { protocol: "tcp", proxyProtocol: expected ? "v1" : "none" };
}

export function known<T>(value: Known<T> | undefined): T | undefined {
  return value === undefined ? undefined : knownValue(value);
}
