// hsts-without-https: HSTS on a site without HTTPS.
import type { PlanRule } from "../rule.ts";

export const hstsWithoutHttps: PlanRule = {
  code: "hsts-without-https",
  severity: "warning",
  check({ plan, at }) {
    const secure = new Set(
      plan.listeners.filter(({ scheme }) => scheme === "https").map(({ entrance }) => entrance),
    );
    return [...plan.sites.entries()]
      .filter(
        ([, { hsts, hosts }]) =>
          hsts !== null && !hosts.some(({ entrances }) => entrances.some((entrance) => secure.has(entrance))),
      )
      .map(([index, site]) => ({
        what: `\`${site.name}\` has HSTS and no HTTPS port`,
        why: "The header is never sent, because browsers ignore it on plain HTTP (RFC 6797, 8.1). Every request stays unencrypted.",
        remedy: "Describe `public.tls`, or remove `hsts`.",
        at: [at(["sites", index, "hsts"], { key: true }) ?? site.at],
      }));
  },
};
