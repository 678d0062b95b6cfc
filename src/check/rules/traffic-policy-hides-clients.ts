// traffic-policy-hides-clients: nodes replace the client address.
import { knownValue } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import { expectationOf } from "../layers/expects-proxy.ts";
import { balancedPaths } from "../layers/hops.ts";
import { sendsRequests } from "../layers/idle.ts";
import { servesClients } from "../layers/serves.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const trafficPolicyHidesClients: Rule = {
  code: "traffic-policy-hides-clients",
  severity: "warning",
  check(wiring) {
    const trafficPaths = balancedPaths(wiring).filter(
      ({ loadBalancer, listener, service, bind, haproxy, proxy }) =>
        service !== undefined &&
        service.externalTrafficPolicy.value === "Cluster" &&
        listener.to.kind !== "pod" &&
        knownValue(listener.proxyProtocol) === "none" &&
        sendsRequests(listener) === false &&
        (loadBalancer.kind === "service" || knownValue(listener.keepsClientAddress) === true) &&
        expectationOf(proxy, bind).when === "never" &&
        servesClients({ layer: haproxy, proxy }),
    );
    return onceEach(trafficPaths, ({ service, bind }) =>
      service === undefined ? "" : `${keyOf(service.at)} ${keyOf(bind.address.at)}`,
    ).map(({ service, listener, bind }) => ({
      what: `nodes replace the client address for \`${service?.name ?? ""}\``,
      why: "With `externalTrafficPolicy: Cluster`, a node forwards connections with its own address as source: logs, X-Forwarded-For and rules on `src` get the address of a node.",
      remedy: "Write `externalTrafficPolicy: Local`, or turn on the PROXY protocol of the load balancer.",
      at: [
        noted(service?.externalTrafficPolicy.at ?? service?.at, "nodes forward to pods on other nodes"),
        noted(listener.proxyProtocol.at ?? listener.at, "sends no PROXY header"),
        noted(bind.address.at, "gets the address of a node"),
      ],
      described: {
        remedy:
          "Write `kubernetes: { externalTrafficPolicy: Local }`, or let the load balancer send PROXY headers: remove `none` from `proxyProtocol`.",
        field: ["kubernetes", "externalTrafficPolicy"],
      },
    }));
  },
};
