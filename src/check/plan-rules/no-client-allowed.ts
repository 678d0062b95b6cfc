// no-client-allowed: access lists that admit no client.

import { covers } from "../../model/networks.ts";
import type { ListenerPlan } from "../../plan/plan.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { shared } from "../networks.ts";
import type { PlanRule } from "../plan-rule.ts";

const EVERYONE = ["0.0.0.0/0", "::/0"];

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
          what: `no client may use the route \`${route.id}\``,
          why: "What `allow` lets in, `deny` or the entrance's own `allow` keeps out: every request gets 403.",
          remedy: "Make the lists overlap; or write `respond: { status: 403 }`, if the path is to be closed.",
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
      return both !== null && !deny.some((network) => covers(network, both));
    }),
  );
}
