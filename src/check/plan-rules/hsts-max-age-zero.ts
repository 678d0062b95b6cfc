// hsts-max-age-zero: `maxAge` of 0 turns HSTS off.
import type { PlanRule } from "../plan-rule.ts";

export const hstsMaxAgeZero: PlanRule = {
  code: "hsts-max-age-zero",
  severity: "note",
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
