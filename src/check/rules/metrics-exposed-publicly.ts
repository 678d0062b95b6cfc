// metrics-exposed-publicly: stats or metrics reachable from the internet.

import { groupsOf, isForAll, lets, rulesOf } from "../../wiring/security-groups.ts";
import { isKnown, knownValue } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import { balancedPaths, between, portOf } from "../layers/hops.ts";
import { servesStatsOnly } from "../layers/serves.ts";
import type { Rule } from "../rule.ts";
import { noted } from "../wording.ts";

export const metricsExposedPublicly: Rule = {
  code: "metrics-exposed-publicly",
  severity: "warning",
  check(wiring) {
    const trafficPaths = balancedPaths(wiring).filter(({ haproxy, proxy }) =>
      servesStatsOnly({ layer: haproxy, proxy }),
    );
    return onceEach(
      trafficPaths,
      ({ listener, bind }) => `${keyOf(listener.at)} ${keyOf(bind.address.at)}`,
    ).flatMap((trafficPath) => {
      const { loadBalancer, listener, proxy, bind, port, service } = trafficPath;
      if (knownValue(loadBalancer.internal) !== false || port === undefined) return [];
      const groups = groupsOf(wiring, loadBalancer);
      const opens = rulesOf(groups ?? [], "ingress").find((rule) => isForAll(rule) && lets(rule, port));
      // Without described security groups the sources are unknown, except for a Service without source ranges.
      const ranges = service?.object.place(["spec", "loadBalancerSourceRanges"]);
      const open = loadBalancer.kind === "service" ? ranges === undefined : opens !== undefined;
      if (!open) return [];
      return {
        what: `${portOf(trafficPath)} of the load balancer exposes the statistics of \`${proxy.name}\` to the internet`,
        why: `Any client can read which backends exist, their addresses and their state.${(proxy.stats?.auth.length ?? 0) > 0 ? " Only a password protects the page, and attackers can guess it without a limit." : ""}`,
        remedy:
          "Remove the listener: `kubectl port-forward` and collectors inside the cluster reach the port without it.",
        at: [
          noted(
            isKnown(listener.port) ? (listener.port.at ?? listener.at) : listener.at,
            "accepts connections here",
          ),
          noted(opens?.fromPort.at ?? opens?.at, "open to 0.0.0.0/0"),
          ...between(trafficPath),
          noted(bind.address.at, "serves statistics"),
        ],
        described: {
          remedy:
            "Remove `public`: `kubectl port-forward` and collectors inside the cluster reach the port without it.",
          field: ["stats", "public"],
        },
      };
    });
  },
};
