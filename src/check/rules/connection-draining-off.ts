// connection-draining-off: load balancer without connection draining.
import { isKnown, knownValue } from "../../wiring/written.ts";
import { kindOf } from "../layers/hops.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const connectionDrainingOff: Rule = {
  code: "connection-draining-off",
  severity: "warning",
  check: (wiring) =>
    wiring.loadBalancers
      .filter(({ kind, drainingS }) => kind !== "service" && knownValue(drainingS) === 0)
      .map((loadBalancer) => {
        const { kind, drainingS, at } = loadBalancer;
        const explicitAt = isKnown(drainingS) ? drainingS.at : undefined;
        return {
          what: `${kindOf(loadBalancer)} cuts connections to a removed node`,
          why: "When a node is replaced or the group of nodes shrinks, all in-flight requests through it are lost.",
          remedy:
            kind === "classic-elb"
              ? "Write `connection_draining = true`, and `connection_draining_timeout` longer than the longest request."
              : "Write a `deregistration_delay` longer than the longest request.",
          at: [explicitAt === undefined ? noted(at, "off by default") : explicitAt],
        };
      }),
};
