// Follows a traffic path to HAProxy's bind: which load balancer is in front, and whether the connection gets through.
import type { HaproxyLayer, TrafficPath, Wiring } from "../wiring/wiring.ts";
import { type Known, knownValue } from "../wiring/written.ts";
import { closedByPolicy, closedToLoadBalancer, placeText } from "./blocked.ts";
import type { Entrance } from "./entrances.ts";
import type { ExternalLoadBalancer } from "./external-load-balancer.ts";
import type { Endpoint } from "./network.ts";
import { breakText } from "./path-text.ts";
import type { LabPlaces } from "./places.ts";

export interface SimulatorOptions {
  readonly wiring: Wiring;
  readonly layer: HaproxyLayer;
  readonly places: LabPlaces;
  readonly hosts: readonly string[];
  readonly externalLoadBalancers: ReadonlyMap<number, ExternalLoadBalancer>;
  /** Why no Service sends traffic to the pods; undefined: they are ready. */
  readonly notReady?: string | undefined;
}

/** The endpoint that a path leads to in the lab, or why it leads to none. */
export type Reached = { readonly to: Endpoint } | { readonly refused: string };

/** Follows a path to its bind; security groups of a load balancer must allow it. */
export function reach({ wiring, layer, places, notReady }: SimulatorOptions, path: TrafficPath): Reached {
  if (path.brokenAt !== undefined) return { refused: breakText(path.brokenAt) };
  if (path.haproxy !== layer || path.bind === undefined)
    return {
      refused: `it leads to another HAProxy${placeText(path.proxy?.at)}, and the lab runs only one`,
    };
  const refused = closedByPolicy(wiring, path) ?? notReady;
  return refused === undefined ? { to: places.bindPlace(path.bind, podPortOf(path)) } : { refused };
}

/** The target port selects one of a bind's range of ports. */
function podPortOf({ containerPort, servicePort }: TrafficPath): number | undefined {
  const target = servicePort?.targetPort.value;
  return containerPort?.port.value ?? (typeof target === "number" ? target : undefined);
}

/** The first path that leads to HAProxy, or why none does. */
export function reachedFrom(options: SimulatorOptions, entrance: Entrance): Reached {
  const all = entrance.trafficPaths.map((path) => reach(options, path));
  const { loadBalancer, listener } = entrance;
  const to = knownValue(listener?.to.port);
  const closed =
    loadBalancer === undefined || to === undefined
      ? undefined
      : closedToLoadBalancer(options.wiring, loadBalancer, to);
  if (closed !== undefined) return { refused: closed };
  return all.find((one) => "to" in one) ?? all[0] ?? { refused: "it leads to no target" };
}

export function proxyOf(options: SimulatorOptions, entrance: Entrance): "none" | "v1" | "v2" {
  const external = externalLoadBalancerOf(options, entrance);
  return external?.proxyProtocol ?? known(entrance.listener?.proxyProtocol) ?? "none";
}

/** For host ports and Services of an unknown provider: a load balancer that no layer describes. */
export function externalLoadBalancerOf(
  { externalLoadBalancers }: SimulatorOptions,
  { port, loadBalancer, trafficPaths }: Entrance,
): ExternalLoadBalancer | undefined {
  const described =
    loadBalancer !== undefined && (loadBalancer.kind !== "service" || loadBalancer.provider !== undefined);
  if (described) return undefined;
  const known = externalLoadBalancers.get(port);
  if (known !== undefined || loadBalancer !== undefined) return known;
  // Only a sender of PROXY headers can use a bind that expects them.
  const expected = trafficPaths.some(
    ({ bind, proxy }) => bind?.acceptProxy === true || (proxy?.expectProxy.length ?? 0) > 0,
  );
  return { protocol: "tcp", proxyProtocol: expected ? "v1" : "none" };
}

export function known<T>(value: Known<T> | undefined): T | undefined {
  return knownValue(value);
}
