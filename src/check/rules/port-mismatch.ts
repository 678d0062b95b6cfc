// port-mismatch: port that forwards to a missing port.

import type { Position } from "../../findings/finding.ts";
import type { TrafficPath, Wiring } from "../../wiring/wiring.ts";
import { onceEach } from "../groups.ts";

import type { Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const portMismatch: Rule = {
  code: "port-mismatch",
  severity: "error",
  check(wiring) {
    // A Service that selects nothing is reported by another rule.
    const broken = wiring.trafficPaths.filter(
      ({ brokenAt, workload, servicePort, listener }) =>
        brokenAt?.kind === "missing" &&
        brokenAt.hop !== "family" &&
        listener?.redirectsToHttps !== true &&
        listener?.answer === undefined &&
        !(brokenAt.hop === "pod" && workload === undefined && servicePort !== undefined),
    );
    const findings = broken.map((trafficPath) => findingOf(wiring, trafficPath));
    // The load balancer's path and the Service's own break at the same line.
    return onceEach(findings, ({ at }) => JSON.stringify([at.findLast((place) => place !== undefined)]));
  },
};

function findingOf(wiring: Wiring, trafficPath: TrafficPath): RuleFinding {
  const { brokenAt, listener, service, servicePort, container, workload } = trafficPath;
  const { because, hop, at } = brokenAt ?? { because: "", hop: "service" };
  return {
    what: because,
    why: `${whose(trafficPath)} has no destination: every connection to it is refused.`,
    remedy: workload?.compose === undefined ? REMEDIES[hop] : PUBLISHED,
    at: [
      noted(listener?.at, "accepts connections here"),
      noted(servicePort?.nodePort?.at ?? servicePort?.at, `of Service ${service?.name ?? ""}`.trim()),
      ...partners(wiring, trafficPath),
      ...(container?.ports ?? [])
        .filter(({ at: place }) => !isSamePlace(place, at))
        .slice(0, 5)
        .map(({ at: place }) => noted(place, "a port of the container")),
      at,
    ],
  };
}

function isSamePlace(a: Position | undefined, b: Position | undefined): boolean {
  return a?.file === b?.file && a?.line === b?.line && a?.column === b?.column;
}

const REMEDIES = {
  "load-balancer": "Write a target for the listener.",
  service:
    "Write the same number at both ends: the load balancer's target port and the Service's `nodePort`.",
  pod: "Write the same port at both ends: the Service's `targetPort` and the container's port.",
  haproxy: "Write the same port at both ends: the Service's `targetPort` and HAProxy's `bind`.",
  family: "",
} as const;

const PUBLISHED =
  "Write the same port at both ends: the container's port in `ports` of the service, and HAProxy's `bind`.";

function whose({ start, loadBalancer, port, service, workload }: TrafficPath): string {
  const name = port === undefined ? "A port" : `Port ${port}`;
  if (start === "load-balancer") return `${name} of ${loadBalancer?.id ?? "the load balancer"}`;
  return start === "service"
    ? `${name} of Service \`${service?.name ?? ""}\``
    : `${name} of the ${workload?.compose === undefined ? "nodes" : "host"}`;
}

/** The existing ports: node ports if a node port is missing, binds if a bind is. */
function partners(wiring: Wiring, { brokenAt, haproxy }: TrafficPath): readonly (Position | undefined)[] {
  if (brokenAt?.hop === "service") {
    const ports = wiring.services.flatMap((service) => service.ports);
    return ports.slice(0, 5).map(({ nodePort }) => noted(nodePort?.at, "existing port"));
  }
  if (brokenAt?.hop !== "haproxy" || haproxy === undefined) return [];
  const binds = haproxy.wiring.proxies.flatMap((proxy) => proxy.binds);
  return binds.slice(0, 5).map(({ address }) => noted(address.at, "existing port"));
}
