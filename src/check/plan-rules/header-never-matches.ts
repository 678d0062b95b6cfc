// header-never-matches: route condition on a header that HAProxy removes before routing.

import { patternOf } from "../../model/pattern.ts";
import type { Plan } from "../../plan/plan.ts";
import { isRemovedHeader } from "../../plan/proxy-headers.ts";
import type { RouteMatch, ValueMatch } from "../../plan/site-plan.ts";
import type { PlanRule, PlanRuleFinding } from "../plan-rule.ts";

export const headerNeverMatches: PlanRule = {
  code: "header-never-matches",
  severity: "warning",
  check({ plan }) {
    return plan.sites.flatMap(({ routes }) =>
      routes.flatMap((route) => {
        const finding = removed(plan, route.match) ?? noHandshake(route.match);
        if (finding === undefined) return [];
        return [{ ...finding, what: finding.what(route.id), at: [route.at] }];
      }),
    );
  },
};

type Found = Pick<PlanRuleFinding, "why" | "remedy"> & { readonly what: (id: string) => string };

function removed({ listeners }: Plan, { headers }: RouteMatch): Found | undefined {
  const header = headers.find(
    ({ name }) =>
      name !== "upgrade" &&
      isRemovedHeader(name) &&
      listeners.every(({ trustedHeaders }) => !trustedHeaders.includes(name)),
  );
  if (header === undefined) return undefined;
  const { name } = header;
  return {
    what: (id) => `the header ${name} never reaches the route \`${id}\``,
    why:
      name === "connection"
        ? "HAProxy removes Connection before it looks for a route, because it is about the client's connection alone. No request has this route."
        : "It is a header that only a proxy may write, and any client can write it: HAProxy removes it before it looks for a route. No request has this route.",
    remedy:
      "Match a header of another name, or leave the condition out: the scheme is known from the entrance, the address from `allow` and `deny`. If the load balancer or CDN in front sets the header, name it in `public.trustedHeaders`.",
  };
}

/** A condition on Upgrade sees `websocket` alone, in lower case, of a GET request. */
function noHandshake({ headers, methods }: RouteMatch): Found | undefined {
  const upgrade = headers.find(({ name }) => name === "upgrade");
  if (upgrade === undefined) return undefined;
  const wrongMethod = methods.length > 0 && !methods.includes("GET");
  if (isMet(upgrade) && !wrongMethod) return undefined;
  return {
    what: (id) => `no request has the Upgrade that the route \`${id}\` matches`,
    why: "HAProxy removes Upgrade before it looks for a route, except from WebSocket handshakes: GET requests whose Upgrade is `websocket`, which routes see in lower case. No request has this route.",
    remedy: wrongMethod
      ? "Leave `method` out, or write `method: GET`."
      : "Write `upgrade: websocket`, or leave the condition out.",
  };
}

function isMet({ kind, value }: ValueMatch): boolean {
  if (kind === "present") return true;
  return kind === "regex" ? patternOf(value).test("websocket") : value === "websocket";
}
