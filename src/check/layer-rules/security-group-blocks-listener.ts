// security-group-blocks-listener: the load balancer listens at a port that its security groups let nobody reach.

import { blocks, groupsOf, rulesOf } from "../../wiring/security-groups.ts";
import { isKnown, knownValue } from "../../wiring/wiring.ts";
import type { LayerRule } from "../layers/layer-rule.ts";
import { noted } from "../wording.ts";

export const securityGroupBlocksListener: LayerRule = {
  code: "security-group-blocks-listener",
  severity: "warning",
  about: "listeners that no security group lets anyone reach",
  check: (wiring) =>
    wiring.loadBalancers.flatMap((loadBalancer) => {
      const groups = groupsOf(wiring, loadBalancer);
      if (groups === null) return [];
      const rules = rulesOf(groups, "ingress");
      return loadBalancer.listeners.flatMap((listener) => {
        const port = knownValue(listener.port);
        if (port === undefined || knownValue(listener.protocol) === "udp" || !blocks(rules, port)) return [];
        const [group] = groups;
        return [
          {
            what: `nobody reaches port ${port} of the load balancer: its security group does not let it in`,
            why: "The load balancer listens there in vain: every connection runs into a timeout.",
            remedy: `Take the listener away, or add an \`ingress\` for port ${port} to \`${group?.id ?? "the group"}\`, for those who need it alone.`,
            at: [
              noted(isKnown(listener.port) ? (listener.port.at ?? listener.at) : listener.at, "listens"),
              noted(group?.at ?? null, `lets ${rules.length === 0 ? "nobody in" : "other ports in"}`),
              ...rules.slice(0, 5).map(({ fromPort, at }) => fromPort.at ?? at),
            ],
          },
        ];
      });
    }),
};
