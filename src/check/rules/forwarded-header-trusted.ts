// forwarded-header-trusted: X-Forwarded-For, or another header of a proxy, that is trusted from any client.
import { restricts } from "../../plan/restrictions.ts";
import type { CheckContext, Rule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

export const forwardedHeaderTrusted: Rule = {
  code: "forwarded-header-trusted",
  severity: "warning",
  about: "headers of a proxy that are trusted from every address",
  check: (context) => [...clientAddress(context), ...keptHeaders(context)],
};

function clientAddress({ plan, at }: CheckContext): readonly RuleFinding[] {
  const { sources } = plan.loadBalancer;
  const index = sources.value.findIndex((network) => network.endsWith("/0"));
  const believing = plan.listeners.filter(({ client }) => client.value === "x-forwarded-for");
  if (index === -1 || believing.length === 0) return [];
  return [
    {
      what: "X-Forwarded-For is trusted from any address",
      why: `A client that reaches ${listOf(believing.map(({ name }) => name))} without the load balancer, by a node's address or from a pod, can write any client address into it: logs and X-Forwarded-For show that address, and \`allow\` and \`deny\` compare it.`,
      remedy: "Write the networks of the load balancer's own addresses in `sources`, such as its subnets.",
      at: [at(["public", "loadBalancer", "sources", index])],
    },
  ];
}

/** `public.allow` is compared with the client's address: of a CDN, with its own. */
function keptHeaders({ plan, at }: CheckContext): readonly RuleFinding[] {
  const open = plan.listeners.filter(
    ({ trustedHeaders, allow }) => trustedHeaders.length > 0 && !restricts(allow),
  );
  const names = [...new Set(open.flatMap(({ trustedHeaders }) => trustedHeaders))];
  if (names.length === 0) return [];
  return [
    {
      what: `any client that reaches the load balancer directly can write ${listOf(names)}`,
      why: "`public.trustedHeaders` keeps these headers from every client. A client that connects to the load balancer without the CDN chooses their values, and backends treat them as the CDN's.",
      remedy:
        "Write the CDN's networks in `public.allow`, so that no other client gets a response: `allow: [173.245.48.0/20, …]`. If the load balancer itself sets the headers on every request, allow this finding with that reason.",
      at: [at(["public", "trustedHeaders"])],
    },
  ];
}
