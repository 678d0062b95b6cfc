// secure-cookie-over-http: session affinity by a Secure cookie on a site with plain HTTP.
import type { PlanRule } from "../rule.ts";

export const secureCookieOverHttp: PlanRule = {
  code: "secure-cookie-over-http",
  severity: "warning",
  check({ plan, at }) {
    const plain = plan.listeners.find(
      ({ entrance, scheme, does }) => entrance === "public" && scheme === "http" && does === "serve",
    );
    if (plain === undefined) return [];
    return plan.backends
      .filter(({ sticky, variantOf }) => sticky?.secure === true && variantOf === null)
      .map((backend) => ({
        what: `the affinity cookie of \`${backend.name}\` is Secure, and the site is served over plain HTTP`,
        why: "Browsers do not send a Secure cookie over `http://` (RFC 6265, 4.1.2.5): HAProxy sends each of these requests to any server.",
        remedy: "Serve the site over HTTPS only (`plainHttp: redirect`), or write `secure: false`.",
        at: [at(["backends", backend.name, "sticky"], { key: true }) ?? backend.at],
      }));
  },
};
