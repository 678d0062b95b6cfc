// header-never-matches: a route that waits for a header which HAProxy takes off every request before routing.

import type { RoutePlan } from "../../plan/site-plan.ts";
import type { Rule } from "../rule.ts";

export const headerNeverMatches: Rule = {
  code: "header-never-matches",
  severity: "warning",
  about: "conditions on headers that are removed before routes are tried",
  check({ plan }) {
    return plan.sites.flatMap(({ routes }) =>
      routes.flatMap((route) => {
        const removed = removedHeader(route);
        if (removed === undefined) return [];
        return [
          {
            what: `the header ${removed} never reaches the route \`${route.id}\``,
            why: "Forwarded and X-Forwarded-* say who the client is, and any client can write them: HAProxy removes them before it looks for a route, and sets its own afterwards. No request has this route.",
            remedy:
              "Match a header of another name, or leave the condition out: the scheme is known from the entrance, the address from `allow` and `deny`.",
            at: [route.at],
          },
        ];
      }),
    );
  },
};

function removedHeader({ match }: RoutePlan): string | undefined {
  return match.headers.find(({ name }) => name === "forwarded" || name.startsWith("x-forwarded-"))?.name;
}
