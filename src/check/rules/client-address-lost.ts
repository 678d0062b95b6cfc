// client-address-lost: load balancer does not send the client address.
import { isKnown, knownValue } from "../../wiring/written.ts";
import { expectationOf } from "../layers/expects-proxy.ts";
import { type BalancedPath, between, distinctHops, kindOf, portOf } from "../layers/hops.ts";
import { servesClients } from "../layers/serves.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const clientAddressLost: Rule = {
  code: "client-address-lost",
  severity: "warning",
  check(wiring) {
    return distinctHops(wiring).flatMap((trafficPath) => {
      const { loadBalancer, listener, bind, haproxy, proxy } = trafficPath;
      // One that sends HTTP to its targets sets X-Forwarded-For.
      const targets = knownValue(listener.targetProtocol);
      if (targets !== "tcp" && targets !== "tls") return [];
      if (knownValue(listener.proxyProtocol) !== "none" || knownValue(listener.keepsClientAddress) !== false)
        return [];
      // HAProxy waits for the header: that is proxy-protocol-one-sided.
      if (expectationOf(proxy, bind).when === "always") return [];
      if (!servesClients({ layer: haproxy, proxy }) || isHiddenByNodes(trafficPath)) return [];
      return {
        what: `the client address is lost on ${portOf(trafficPath)}`,
        why: `Connections have the address of ${kindOf(loadBalancer)} as source, and no PROXY header carries the client address: logs, X-Forwarded-For and rules on \`src\` see the load balancer's address for every client.`,
        remedy: `Enable the PROXY protocol for this port of the load balancer, and write \`bind ${bind.address.text} accept-proxy\`.`,
        at: [
          noted(listener.at, "sends no PROXY header"),
          ...between(trafficPath),
          noted(bind.address.at, "gets the load balancer's address"),
          isKnown(listener.keepsClientAddress) ? listener.keepsClientAddress.at : undefined,
        ],
        described: {
          remedy:
            "Remove `none` from `proxyProtocol`: the load balancer then sends PROXY headers, and HAProxy reads them.",
          field: ["public", "loadBalancer", "proxyProtocol"],
        },
      };
    });
  },
};

/** A Service's load balancer whose nodes replace the address: that is traffic-policy-hides-clients. */
function isHiddenByNodes({ loadBalancer, listener, service }: BalancedPath): boolean {
  const cluster = service?.externalTrafficPolicy.value === "Cluster";
  return loadBalancer.kind === "service" && cluster && listener.to.kind !== "pod";
}
