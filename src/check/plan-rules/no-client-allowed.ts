// no-client-allowed: access lists that admit no client.

import { covers } from "../../model/networks.ts";
import { EVERYONE } from "../../plan/everyone.ts";
import type { ListenerPlan } from "../../plan/plan.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { shared } from "../networks.ts";
import type { PlanRule } from "../rule.ts";

export const noClientAllowed: PlanRule = {
  code: "no-client-allowed",
  severity: "warning",
  check({ plan }) {
    return plan.sites.flatMap((site) => {
      const listeners = plan.listeners.filter(({ entrance }) =>
        site.hosts.some(({ entrances }) => entrances.includes(entrance)),
      );
      return site.routes
        .filter(
          (route) =>
            (route.allow.length > 0 || route.deny.length > 0) &&
            listeners.every((listener) => !letsAnyoneIn(listener, route)),
        )
        .map((route) => ({
          what: `the access lists of the route \`${route.id}\` admit no client`,
          why: "`deny`, or the `allow` of the entrance, excludes every address that `allow` admits: every request gets 403.",
          remedy: "Write lists that overlap. To close the path, write `respond: { status: 403 }`.",
          at: [route.at],
        }));
    });
  },
};

function letsAnyoneIn(listener: ListenerPlan, { allow, deny }: RoutePlan): boolean {
  const outer = listener.allow.length > 0 ? listener.allow : EVERYONE;
  const inner = allow.length > 0 ? allow : EVERYONE;
  return outer.some((a) =>
    inner.some((b) => {
      const both = shared(a, b);
      return both !== undefined && !deny.some((network) => covers(network, both));
    }),
  );
}
