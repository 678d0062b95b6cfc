// hsts-preload-incomplete: HSTS `preload` without its requirements.
import type { PlanRule } from "../rule.ts";
import { listOf } from "../wording.ts";

/** One year: https://hstspreload.org/#submission-requirements. */
const LEAST_SECONDS = 31_536_000;

export const hstsPreloadIncomplete: PlanRule = {
  code: "hsts-preload-incomplete",
  severity: "warning",
  check({ plan, at }) {
    return [...plan.sites.entries()].flatMap(([index, site]) => {
      const words = site.hsts?.split("; ") ?? [];
      const seconds = Number(words[0]?.replace("max-age=", "") ?? 0);
      const lacks = [
        ...(seconds < LEAST_SECONDS ? ["maxAge: 365d"] : []),
        ...(words.includes("includeSubDomains") ? [] : ["includeSubDomains: true"]),
      ];
      if (!words.includes("preload") || lacks.length === 0) return [];
      return {
        what: `\`preload\` for \`${site.name}\` does not meet the requirements of the preload lists`,
        why: "Browsers' preload lists accept a host only with a `maxAge` of at least one year and with all its subdomains.",
        remedy: `Write ${listOf(lacks)}, or remove \`preload\` until every subdomain has HTTPS.`,
        at: [at(["sites", index, "hsts", "preload"], { key: true }) ?? site.at],
      };
    });
  },
};
