// open-port-without-listener: public port of a security group without a listener.

import { groupsOf, isForAll, lets, rulesOf } from "../../wiring/security-groups.ts";
import { knownValue } from "../../wiring/written.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const openPortWithoutListener: Rule = {
  code: "open-port-without-listener",
  severity: "warning",
  check: (wiring) =>
    wiring.loadBalancers.flatMap((loadBalancer) => {
      const groups = groupsOf(wiring, loadBalancer);
      const ports = loadBalancer.listeners.map(({ port }) => knownValue(port));
      if (groups === undefined || ports.length === 0) return [];
      // A group that several load balancers share is open for the others too.
      const ids = groups.map(({ id }) => id);
      const shared = wiring.loadBalancers.some(
        (other) =>
          other !== loadBalancer &&
          other.securityGroups.some(
            (id) => knownValue(id) === undefined || ids.includes(knownValue(id) ?? ""),
          ),
      );
      if (shared || !ports.every((port) => port !== undefined)) return [];
      return rulesOf(groups, "ingress")
        .filter((rule) => isForAll(rule) && knownValue(rule.protocol) === "tcp")
        .filter((rule) => ports.every((port) => lets(rule, port) === false))
        .map((rule) => {
          const [from, to] = [knownValue(rule.fromPort), knownValue(rule.toPort)];
          const range = from === to ? `port ${from}` : `ports ${from} to ${to}`;
          return {
            what: `the security group opens ${range} to the internet without a listener`,
            why: "A listener that is added on this port later is public at once.",
            remedy: "Remove the rule, or write the port of the listener.",
            at: [
              noted(rule.fromPort.at ?? rule.at, "open to 0.0.0.0/0"),
              ...loadBalancer.listeners
                .slice(0, 5)
                .map(({ port, at }) => noted(port.at ?? at, "existing listener")),
            ],
          };
        });
    }),
};
