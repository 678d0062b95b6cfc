// header-never-matches: route condition on a header that HAProxy removes before routing.

import { patternOf } from "../../model/pattern.ts";
import type { Plan } from "../../plan/plan.ts";
import { isRemovedHeader } from "../../plan/proxy-headers.ts";
import type { RouteMatch, ValueMatch } from "../../plan/site-plan.ts";
import type { PlanRule, RuleFinding } from "../rule.ts";

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

type Found = Pick<RuleFinding, "why" | "remedy"> & { readonly what: (id: string) => string };

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
        ? "HAProxy removes Connection before routing, because it belongs to the client's connection only. The route gets no request."
        : "Only a proxy may write this header, and any client can: HAProxy removes it before routing. The route gets no request.",
    remedy:
      "Match another header, or remove the condition: use entrances for the scheme, and `allow` and `deny` for the client address. If the load balancer or CDN in front sets the header, write it in `public.trustedHeaders`.",
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
    why: "HAProxy removes Upgrade before routing, except from WebSocket handshakes: GET requests whose Upgrade is `websocket`, which routes see in lower case. The route gets no request.",
    remedy: wrongMethod
      ? "Remove `method`, or write `method: GET`."
      : "Write `upgrade: websocket`, or remove the condition.",
  };
}

function isMet({ kind, value }: ValueMatch): boolean {
  if (kind === "present") return true;
  return kind === "regex" ? patternOf(value).test("websocket") : value === "websocket";
}
