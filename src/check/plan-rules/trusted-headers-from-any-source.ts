// trusted-headers-from-any-source: headers of a CDN that any client can write.
import { restricts } from "../../plan/restrictions.ts";
import type { PlanRule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const trustedHeadersFromAnySource: PlanRule = {
  code: "trusted-headers-from-any-source",
  severity: "warning",
  check({ plan, at }) {
    // `public.allow` is compared with the client's address, which is the CDN's own address here.
    const open = plan.listeners.filter(
      ({ trustedHeaders, allow }) => trustedHeaders.length > 0 && !restricts(allow),
    );
    const names = [...new Set(open.flatMap(({ trustedHeaders }) => trustedHeaders))];
    if (names.length === 0) return [];
    return {
      what: `any client that reaches the load balancer directly can write ${listOf(names)}`,
      why: "`public.trustedHeaders` keeps these headers from every client. A client that connects to the load balancer without the CDN chooses their values, and backends treat them as the CDN's.",
      remedy:
        "Write the CDN's networks in `public.allow`, so that no other client gets a response: `allow: [173.245.48.0/20, …]`. If the load balancer itself sets the headers on every request, allow this finding with that reason.",
      at: [at(["public", "trustedHeaders"])],
    };
  },
};
