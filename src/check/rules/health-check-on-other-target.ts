// health-check-on-other-target: health check of a target other than the HAProxy that gets the traffic.

import type { Wiring } from "../../wiring/wiring.ts";
import { isKnown, knownValue } from "../../wiring/written.ts";
import { checkedPort, pathFromNode } from "../layers/checked-port.ts";
import { oncePerPlaces } from "../layers/hops.ts";
import { type BalancedListener, listenersOf } from "../layers/listeners.ts";
import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

/** The default port of kube-proxy's health endpoint (Kubernetes, kube-proxy, --healthz-bind-address). */
const KUBE_PROXY_PORT = 10256;

export const healthCheckOnOtherTarget: Rule = {
  code: "health-check-on-other-target",
  severity: "warning",
  check: (wiring) => oncePerPlaces(listenersOf(wiring).flatMap((one) => faultOf(wiring, one) ?? [])),
};

function faultOf(wiring: Wiring, { listener }: BalancedListener): RuleFinding | undefined {
  const check = listener.healthCheck;
  const traffic = knownValue(listener.to.port);
  const port = check && checkedPort(check, listener);
  if (check === undefined || port === undefined || traffic === undefined || port === traffic)
    return undefined;
  if (listener.to.kind !== "node") return undefined;
  const serves = pathFromNode(wiring, traffic);
  const checkedPath = pathFromNode(wiring, port);
  if (serves?.workload === undefined) return undefined;
  const places = [
    noted(check.port.at ?? check.at, `checks port ${port}`),
    noted(isKnown(listener.to.port) ? (listener.to.port.at ?? listener.at) : listener.at, "gets the traffic"),
  ];
  if (checkedPath !== undefined) {
    if (checkedPath.workload === undefined || checkedPath.workload === serves.workload) return undefined;
    return {
      what: `the health check targets \`${checkedPath.workload.name}\`, and \`${serves.workload.name}\` gets the traffic`,
      why: `The check passes when \`${serves.workload.name}\` has failed: the load balancer keeps sending requests, and each of them fails.`,
      remedy: `Check node port ${traffic}, or another one that forwards to \`${serves.workload.name}\`.`,
      at: [
        ...places,
        noted(checkedPath.servicePort?.nodePort?.at ?? checkedPath.servicePort?.at, "is checked"),
      ],
    };
  }
  const local = serves.service?.externalTrafficPolicy.value === "Local";
  if (port >= 30000 || (port === KUBE_PROXY_PORT && !local)) return undefined;
  return {
    what: `the health check targets port ${port} of the nodes, which forwards to no HAProxy of these files`,
    why:
      port === KUBE_PROXY_PORT
        ? "kube-proxy answers on this port, also on nodes without a HAProxy pod: with `externalTrafficPolicy: Local`, these nodes drop the load balancer's connections."
        : "The check passes when every HAProxy has failed: the load balancer keeps sending requests, and each of them fails.",
    remedy: `Check node port ${traffic}, or another one that forwards to HAProxy.`,
    at: [...places, noted(serves.service?.externalTrafficPolicy.at, "only nodes with a pod serve requests")],
  };
}
