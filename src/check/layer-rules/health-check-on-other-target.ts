// health-check-on-other-target: the load balancer asks something other than the HAProxy that it sends traffic to.
import { isKnown, knownValue, type Wiring } from "../../wiring/wiring.ts";
import { checkedPort, wayFromNode } from "../layers/checked-port.ts";
import { oncePerPlaces } from "../layers/hops.ts";
import type { LayerFinding, LayerRule } from "../layers/layer-rule.ts";
import { type BalancedListener, listenersOf } from "../layers/listeners.ts";
import { noted } from "../wording.ts";

/** kube-proxy's own health, for as long as it is not told otherwise (Kubernetes, kube-proxy, --healthz-bind-address). */
const KUBE_PROXY_PORT = 10256;

export const healthCheckOnOtherTarget: LayerRule = {
  code: "health-check-on-other-target",
  severity: "warning",
  about: "health checks that stay green when HAProxy is dead",
  check: (wiring) => oncePerPlaces(listenersOf(wiring).flatMap((one) => faultOf(wiring, one) ?? [])),
};

function faultOf(wiring: Wiring, { listener }: BalancedListener): LayerFinding | null {
  const check = listener.healthCheck;
  const traffic = knownValue(listener.to.port);
  const port = check === null ? null : checkedPort(check, listener);
  if (check === null || port === null || traffic === undefined || port === traffic) return null;
  if (listener.to.kind !== "node") return null;
  const serves = wayFromNode(wiring, traffic);
  const asked = wayFromNode(wiring, port);
  if (serves === undefined || serves.workload === null) return null;
  const places = [
    noted(check.port.at ?? check.at, `asks port ${port}`),
    noted(
      isKnown(listener.to.port) ? (listener.to.port.at ?? listener.at) : listener.at,
      "traffic goes here",
    ),
  ];
  if (asked !== undefined) {
    if (asked.workload === null || asked.workload === serves.workload) return null;
    return {
      what: `the health check asks \`${asked.workload.name}\`, and traffic goes to \`${serves.workload.name}\``,
      why: `It stays green when no \`${serves.workload.name}\` answers any more: the load balancer goes on sending requests there, and each of them fails.`,
      remedy: `Ask node port ${traffic}, or another one that leads to \`${serves.workload.name}\`.`,
      at: [...places, noted(asked.servicePort?.nodePort?.at ?? asked.servicePort?.at ?? null, "is asked")],
    };
  }
  const local = serves.service?.externalTrafficPolicy.value === "Local";
  if (port >= 30000 || (port === KUBE_PROXY_PORT && !local)) return null;
  return {
    what: `the health check asks port ${port} of the nodes, where no HAProxy of these files listens`,
    why:
      port === KUBE_PROXY_PORT
        ? "It is kube-proxy's own, and green on nodes without a pod too: with `externalTrafficPolicy: Local` they drop what the load balancer sends them."
        : "It stays green when every HAProxy is dead: the load balancer goes on sending requests, and each of them fails.",
    remedy: `Ask node port ${traffic}, or another one that leads to HAProxy.`,
    at: [...places, noted(serves.service?.externalTrafficPolicy.at ?? null, "only nodes with a pod answer")],
  };
}
