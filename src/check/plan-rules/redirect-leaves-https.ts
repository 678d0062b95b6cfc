// redirect-leaves-https: redirect from HTTPS to plain HTTP.

import type { RedirectPlan } from "../../plan/site-plan.ts";
import type { PlanRule } from "../rule.ts";

export const redirectLeavesHttps: PlanRule = {
  code: "redirect-leaves-https",
  severity: "warning",
  check({ plan }) {
    const secure = new Set(
      plan.listeners.filter(({ scheme }) => scheme === "https").map(({ entrance }) => entrance),
    );
    const backToHttps = plan.listeners.some(({ httpsRedirect }) => httpsRedirect !== null);
    return plan.sites
      .filter(({ hosts }) =>
        hosts.some(({ entrances }) => entrances.some((entrance) => secure.has(entrance))),
      )
      .flatMap(({ routes }) =>
        routes.flatMap((route) => {
          if (route.action.kind !== "redirect") return [];
          const { redirect } = route.action;
          // On the same host it is reported as a loop.
          if (!isPlain(redirect) || (backToHttps && redirect.location === null && redirect.host === null))
            return [];
          return {
            what: `\`${route.id}\` redirects HTTPS requests to plain HTTP`,
            why: "After the redirect, anyone on the network path can read and change path, query, cookies without Secure, and the response.",
            remedy: "Write `scheme: https` in the redirect, or a location that starts with `https://`.",
            at: [route.at],
          };
        }),
      );
  },
};

function isPlain({ location, scheme }: RedirectPlan): boolean {
  return scheme === "http" || location?.toLowerCase().startsWith("http://") === true;
}
