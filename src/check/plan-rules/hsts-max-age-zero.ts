// hsts-max-age-zero: a max-age of 0, which takes HSTS back.
import type { PlanRule } from "../plan-rule.ts";

export const hstsMaxAgeZero: PlanRule = {
  code: "hsts-max-age-zero",
  severity: "note",
  about: "HSTS with a maxAge below one second",
  check({ plan, at }) {
    return [...plan.sites.entries()]
      .filter(([, { hsts }]) => hsts?.split("; ")[0] === "max-age=0")
      .map(([index, site]) => ({
        what: `HSTS for \`${site.name}\` is taken back`,
        why: "max-age=0 tells browsers to forget that this host wants HTTPS (RFC 6797, 6.1.1).",
        remedy: "Keep it if that is meant; else write the time, as in `maxAge: 180d`.",
        at: [at(["sites", index, "hsts", "maxAge"]) ?? site.at],
      }));
  },
};
