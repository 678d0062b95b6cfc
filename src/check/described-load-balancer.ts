// Facts about a load balancer that only the description has: Portico does not render HTTP load balancers.

import type { LoadBalancerPort, Plan } from "../plan/plan.ts";
import type { LoadBalancer, LoadBalancerListener } from "../wiring/cloud.ts";
import { trafficPathsOf } from "../wiring/traffic-paths.ts";
import type { Wiring } from "../wiring/wiring.ts";
import { isKnown, type Known } from "../wiring/written.ts";
import type { CheckedDescription } from "./check-plan.ts";

/** The wiring with the load balancer of `kind: http`, and with a described idle timeout that no annotation carries. */
export function withDescribed(wiring: Wiring, plan: Plan, description: CheckedDescription): Wiring {
  const { kind } = plan.loadBalancer;
  const idleTimeoutS = idleTimeoutOf(plan, description);
  if (kind === "service" && isKnown(idleTimeoutS))
    return withLoadBalancers(
      wiring,
      wiring.loadBalancers.map((one) => (isKnown(one.idleTimeoutS) ? one : { ...one, idleTimeoutS })),
    );
  if (kind !== "http") return wiring;
  return withLoadBalancers(wiring, [
    ...wiring.loadBalancers,
    httpLoadBalancer(plan, description, idleTimeoutS),
  ]);
}

function withLoadBalancers(wiring: Wiring, loadBalancers: readonly LoadBalancer[]): Wiring {
  const parts = { ...wiring, loadBalancers };
  return { ...parts, trafficPaths: trafficPathsOf(parts) };
}

function idleTimeoutOf(
  { loadBalancer: { kind, idleTimeoutMs } }: Plan,
  description: CheckedDescription,
): Known<number> {
  const at = placeIn(description, "idleTimeout");
  if (kind !== "http" && at.described === undefined)
    return { unknown: "the description does not contain it", at: at.place };
  return { value: idleTimeoutMs.value / 1000, at: at.place };
}

function httpLoadBalancer(
  plan: Plan,
  description: CheckedDescription,
  idleTimeoutS: Known<number>,
): LoadBalancer {
  const { place: at } = placeIn(description, "kind");
  const unknown = { unknown: "the description does not contain it", at };
  return {
    kind: "described",
    id: "the load balancer",
    name: unknown,
    internal: unknown,
    listeners: plan.loadBalancer.ports.map((port) => listenerOf(port, at)),
    idleTimeoutS,
    crossZone: unknown,
    drainingS: unknown,
    securityGroups: [],
    accessLogs: unknown,
    at,
  };
}

function listenerOf(
  { port, nodePort, protocol, proxyProtocol, certificate }: LoadBalancerPort,
  at: LoadBalancer["at"],
): LoadBalancerListener {
  const described = <T>(value: T) => ({ value, at });
  return {
    port: described(port.value),
    protocol: described(protocol),
    to: { kind: "node", port: described(nodePort.value) },
    targetProtocol: described("http"),
    proxyProtocol: described(proxyProtocol),
    keepsClientAddress: described(false),
    certificate: certificate === null ? undefined : described(certificate),
    redirectsToHttps: false,
    at,
  };
}

function placeIn(
  { positionOf, file }: CheckedDescription,
  field: string,
): { readonly described: LoadBalancer["at"] | undefined; readonly place: LoadBalancer["at"] } {
  const described = positionOf(["public", "loadBalancer", field]);
  const place = described ?? positionOf(["public", "loadBalancer"]) ?? { file, line: 1, column: 1 };
  return { described, place };
}
