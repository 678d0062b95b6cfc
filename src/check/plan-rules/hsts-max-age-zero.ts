// hsts-max-age-zero: `maxAge` of 0 turns HSTS off.
import type { PlanRule } from "../rule.ts";

export const hstsMaxAgeZero: PlanRule = {
  code: "hsts-max-age-zero",
  severity: "note",
  check({ plan, at }) {
    return [...plan.sites.entries()]
      .filter(([, { hsts }]) => hsts?.split("; ")[0] === "max-age=0")
      .map(([index, site]) => ({
        what: `\`maxAge\` of 0 turns off HSTS for \`${site.name}\``,
        why: "`max-age=0` tells browsers to forget that this host requires HTTPS (RFC 6797, 6.1.1).",
        remedy: "Keep it if this is intended. Otherwise write a duration, such as `maxAge: 180d`.",
        at: [at(["sites", index, "hsts", "maxAge"]) ?? site.at],
      }));
  },
};
