// secure-cookie-over-http: session affinity by a Secure cookie on a site with plain HTTP.
import type { PlanRule } from "../plan-rule.ts";

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
        what: `the cookie of \`${backend.name}\` is Secure, and plain HTTP is served`,
        why: "Browsers do not send a Secure cookie over http://: each of those requests goes to any server (RFC 6265, 4.1.2.5).",
        remedy: "Serve the site over HTTPS alone (`plainHttp: redirect`), or write `secure: false`.",
        at: [at(["backends", backend.name, "sticky"], { key: true }) ?? backend.at],
      }));
  },
};
