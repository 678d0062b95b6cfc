// Paths from a load balancer's port to a bind, with their lines, for rules that compare hops.
import type { Position } from "../../findings/finding.ts";
import type { LoadBalancer, LoadBalancerListener } from "../../wiring/cloud.ts";
import type { HaproxyBind, HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import type { RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

/** A path from a load balancer to a bind. */
export interface BalancedPath extends TrafficPath {
  readonly loadBalancer: LoadBalancer;
  readonly listener: LoadBalancerListener;
  readonly haproxy: HaproxyLayer;
  readonly bind: HaproxyBind;
  readonly proxy: HaproxyProxy;
}

/** Those over TCP, in the order of the paths. */
export function balancedPaths(wiring: Wiring): readonly BalancedPath[] {
  return wiring.trafficPaths.filter(
    (trafficPath): trafficPath is BalancedPath =>
      trafficPath.loadBalancer !== undefined &&
      trafficPath.listener !== undefined &&
      trafficPath.haproxy !== undefined &&
      trafficPath.bind !== undefined &&
      trafficPath.proxy !== undefined &&
      knownValue(trafficPath.listener.protocol) !== "udp",
  );
}

/** Those that differ in the listener or in the bind: several pods behind one Service are one. */
export function distinctHops(wiring: Wiring): readonly BalancedPath[] {
  return onceEach(
    balancedPaths(wiring),
    ({ listener, bind }) => `${keyOf(listener.at)} ${keyOf(bind.address.at)}`,
  );
}

/** `port 443`, or `a port` where its number is not known. */
export function portOf({ port }: Pick<TrafficPath, "port">): string {
  return port === undefined ? "a port" : `port ${port}`;
}

/** The Service's node port and the container's port on a path, between its two ends. */
export function between(trafficPath: TrafficPath): readonly (Position | undefined)[] {
  const { servicePort, containerPort, listener } = trafficPath;
  const node = listener?.to.kind === "node" ? servicePort?.nodePort : undefined;
  return [
    noted(node?.at ?? servicePort?.at, "forwards to the pods"),
    noted(containerPort?.port.at, "the pods' port"),
  ];
}

/** `a classic ELB`, `an NLB`; otherwise `the load balancer`. */
export function kindOf({ kind }: LoadBalancer): string {
  const names = {
    "classic-elb": "a classic ELB",
    nlb: "an NLB",
    alb: "an ALB",
    service: "the load balancer",
    described: "the load balancer",
  };
  return names[kind];
}

/** Findings at the same places are one. */
export function oncePerPlaces(findings: readonly RuleFinding[]): readonly RuleFinding[] {
  return onceEach(findings, ({ at }) => at.map((place) => (place ? keyOf(place) : "")).join(" "));
}
