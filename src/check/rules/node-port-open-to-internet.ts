// node-port-open-to-internet: node ports reachable without the load balancer.

import { isForAll, lets } from "../../wiring/security-groups.ts";
import { knownValue } from "../../wiring/written.ts";
import { listenersOf } from "../layers/listeners.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const nodePortOpenToInternet: Rule = {
  code: "node-port-open-to-internet",
  severity: "warning",
  check(wiring) {
    const balancers = new Set(
      wiring.loadBalancers.flatMap(({ securityGroups }) =>
        securityGroups.flatMap((id) => knownValue(id) ?? []),
      ),
    );
    // If connections keep the client address, the nodes must admit clients.
    const direct = listenersOf(wiring)
      .filter(({ listener }) => knownValue(listener.keepsClientAddress) !== false)
      .flatMap(({ listener }) => knownValue(listener.to.port) ?? []);
    const ports = wiring.services
      .flatMap((service) => service.ports)
      .filter(({ nodePort }) => nodePort !== undefined && !direct.includes(nodePort.value));
    return wiring.securityGroups
      .filter(({ id }) => !balancers.has(id))
      .flatMap(({ rules }) => rules)
      .filter((rule) => rule.direction === "ingress" && isForAll(rule))
      .flatMap((rule) => {
        const open = ports.filter(({ nodePort }) => lets(rule, nodePort?.value ?? 0) === true);
        const numbers = open.map(({ nodePort }) => nodePort?.value).join(", ");
        if (open.length === 0) return [];
        return {
          what: `node port${open.length === 1 ? "" : "s"} ${numbers} ${open.length === 1 ? "is" : "are"} open to the internet`,
          why: "A client that knows the address of a node bypasses the load balancer, its TLS termination and its access rules, and can forge a PROXY header or X-Forwarded-For.",
          remedy: "Allow only the security group of the load balancer.",
          at: [
            noted(rule.fromPort.at ?? rule.at, "open to 0.0.0.0/0"),
            ...open.slice(0, 5).map(({ nodePort, at }) => noted(nodePort?.at ?? at, "forwards to the pods")),
          ],
        };
      });
  },
};
