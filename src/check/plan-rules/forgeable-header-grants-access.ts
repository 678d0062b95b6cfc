// forgeable-header-grants-access: request header that opens a restricted path.

import { covers } from "../../model/networks.ts";
import type { Plan } from "../../plan/plan.ts";
import { restricts } from "../../plan/restrictions.ts";
import type { RoutePlan, SitePlan } from "../../plan/site-plan.ts";
import { coversMatch } from "../coverage.ts";
import { indexRoutes } from "../route-index.ts";
import type { PlanRule, RuleFinding } from "../rule.ts";
import { listOf, noted } from "../wording.ts";

/** Credentials: a backend verifies them, so a condition on their presence grants no access. */
const VERIFIED_BEHIND = new Set(["authorization", "cookie"]);
const REFUSALS = new Set([401, 403, 404]);

export const forgeableHeaderGrantsAccess: PlanRule = {
  code: "forgeable-header-grants-access",
  severity: "warning",
  check({ plan }) {
    const safe = new Set([...VERIFIED_BEHIND, ...writtenInFront(plan)]);
    return plan.sites.flatMap((site) => grantsOf(site, safe));
  },
};

/** Headers that only the clients in `public.allow` can send: `forwarded-header-trusted` reports the others. */
function writtenInFront({ listeners }: Plan): readonly string[] {
  return listeners.flatMap(({ trustedHeaders, allow }) => (restricts(allow) ? trustedHeaders : []));
}

function grantsOf(site: SitePlan, safe: ReadonlySet<string>): readonly RuleFinding[] {
  const plain = site.routes.filter(({ match }) => match.headers.length === 0);
  const index = indexRoutes(plain.filter(({ match }) => match.path.kind !== "regex"));
  const regexes = plain.filter(({ match }) => match.path.kind === "regex");
  return site.routes.flatMap((route) => {
    const headers = route.match.headers.map(({ name }) => name).filter((name) => !safe.has(name));
    if (headers.length === 0 || route.action.kind !== "forward") return [];
    const without = { ...route.match, headers: [] };
    const { kind, value } = route.match.path;
    const others = index.candidates(kind === "regex" ? "/" : value);
    // The result without the header: the first route that covers all these requests. Regular expressions are tried before a prefix.
    const candidates =
      kind === "prefix"
        ? others
        : [
            ...others.filter(({ match }) => match.path.kind === "exact"),
            ...regexes,
            ...others.filter(({ match }) => match.path.kind === "prefix"),
          ];
    const closed = candidates.find(({ match }) => coversMatch(match, without));
    const how = closed && closedBy(closed, route);
    if (closed === undefined || how === undefined) return [];
    return {
      what: `${listOf(headers)} ${headers.length === 1 ? "opens" : "open"} \`${route.id}\` to any client that sends ${headers.length === 1 ? "it" : "them"}`,
      why: `Without ${headers.length === 1 ? "the header" : "these headers"} ${how}; with ${headers.length === 1 ? "it" : "them"} the request goes to a backend. Any client can send headers, so this does not restrict access.`,
      remedy: "Write `allow` on this route too, or let the backend require credentials.",
      at: [noted(route.at, "open with the header"), noted(closed.at, "closed without")],
    };
  });
}

/** How a route excludes clients that the other admits; undefined: it does not. */
function closedBy(closed: RoutePlan, open: RoutePlan): string | undefined {
  if (closed.action.kind === "respond" && REFUSALS.has(closed.action.status)) {
    return restricts(open.allow) ? undefined : `the same path answers ${closed.action.status}`;
  }
  if (
    restricts(closed.allow) &&
    !(
      open.allow.length > 0 &&
      open.allow.every((network) => closed.allow.some((outer) => covers(outer, network)))
    )
  ) {
    return "only some client addresses are allowed on the same path";
  }
  const denied = closed.deny.every((network) => open.deny.some((outer) => covers(outer, network)));
  return denied || restricts(open.allow) ? undefined : "the same path is denied to some client addresses";
}
