// traffic-policy-hides-clients: nodes pass connections on from their own address, and nothing says who the client is.
import { knownValue } from "../../wiring/wiring.ts";
import { keyOf, onceEach } from "../groups.ts";
import { expectationOf } from "../layers/expects-proxy.ts";
import { balancedWays } from "../layers/hops.ts";
import { speaksHttp } from "../layers/idle.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { servesClients } from "../layers/serves.ts";
import { noted } from "../wording.ts";

export const trafficPolicyHidesClients: LayerRule = {
  code: "traffic-policy-hides-clients",
  severity: "warning",
  check(wiring) {
    const trafficPaths = balancedWays(wiring).filter(
      ({ loadBalancer, listener, service, bind, haproxy, proxy }) =>
        service !== null &&
        service.externalTrafficPolicy.value === "Cluster" &&
        listener.to.kind !== "pod" &&
        knownValue(listener.proxyProtocol) === "none" &&
        speaksHttp(listener) === false &&
        (loadBalancer.kind === "service" || knownValue(listener.keepsClientAddress) === true) &&
        expectationOf(proxy, bind).when === "never" &&
        servesClients({ layer: haproxy, proxy }),
    );
    return onceEach(trafficPaths, ({ service, bind }) =>
      service === null ? "" : `${keyOf(service.at)} ${keyOf(bind.address.at)}`,
    ).map(({ service, listener, bind }) => ({
      what: `the nodes hide the clients of \`${service?.name ?? ""}\``,
      why: "With `externalTrafficPolicy: Cluster` a node passes connections on from its own address: logs, X-Forwarded-For and rules on `src` see nodes.",
      remedy:
        "Write `externalTrafficPolicy: Local`, or let the load balancer say by PROXY who the client is.",
      at: [
        noted(service?.externalTrafficPolicy.at ?? service?.at ?? null, "nodes answer for each other"),
        noted(listener.proxyProtocol.at ?? listener.at, "no PROXY header from here"),
        noted(bind.address.at, "sees a node's address"),
      ],
      described: {
        remedy:
          "Write `kubernetes: { externalTrafficPolicy: Local }`, or let the load balancer send PROXY headers: remove `none` from `proxyProtocol`.",
        field: ["kubernetes", "externalTrafficPolicy"],
      },
    }));
  },
};
