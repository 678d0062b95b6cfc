// security-group-blocks-listener: listener that the security group of the load balancer does not allow.

import { blocks, groupsOf, rulesOf } from "../../wiring/security-groups.ts";
import { isKnown, knownValue } from "../../wiring/written.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const securityGroupBlocksListener: Rule = {
  code: "security-group-blocks-listener",
  severity: "warning",
  check: (wiring) =>
    wiring.loadBalancers.flatMap((loadBalancer) => {
      const groups = groupsOf(wiring, loadBalancer);
      if (groups === undefined) return [];
      const rules = rulesOf(groups, "ingress");
      return loadBalancer.listeners.flatMap((listener) => {
        const port = knownValue(listener.port);
        if (port === undefined || knownValue(listener.protocol) === "udp" || !blocks(rules, port)) return [];
        const [group] = groups;
        return {
          what: `the security group of the load balancer does not allow port ${port}, on which it listens`,
          why: "Every connection to the listener times out.",
          remedy: `Remove the listener, or add an \`ingress\` rule for port ${port} to \`${group?.id ?? "the group"}\`, for the clients that need it.`,
          at: [
            noted(isKnown(listener.port) ? (listener.port.at ?? listener.at) : listener.at, "listens"),
            noted(group?.at, `allows ${rules.length === 0 ? "no ingress" : "ingress on other ports"}`),
            ...rules.slice(0, 5).map(({ fromPort, at }) => fromPort.at ?? at),
          ],
        };
      });
    }),
};
