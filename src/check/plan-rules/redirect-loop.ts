// redirect-loop: redirects that form a loop.

import { countOf } from "../../findings/count.ts";
import { type Hop, openFollower } from "../follow-redirects.ts";
import type { PlanRule, RuleFinding } from "../rule.ts";

export const redirectLoop: PlanRule = {
  code: "redirect-loop",
  severity: "error",
  check({ plan }) {
    const follower = openFollower(plan);
    const loops = new Map<string, RuleFinding>();
    for (const site of plan.sites) {
      for (const route of site.routes) {
        const hops = follower.loopOf(site, route);
        if (hops === undefined) continue;
        const routes = [...new Set(hops.flatMap((hop) => hop.route ?? []))];
        const key = JSON.stringify(routes.map(({ id }) => id).sort());
        if (!loops.has(key)) loops.set(key, finding(hops, routes));
      }
    }
    return [...loops.values()];
  },
};

/** The beginning of a long loop is sufficient. */
const MOST_PLACES = 5;
const MOST_STEPS = 4;

function finding(hops: readonly Hop[], routes: readonly NonNullable<Hop["route"]>[]): RuleFinding {
  const [first] = routes;
  const urls = [...hops, ...hops.slice(0, 1)].map(({ url }) => url);
  // A growing path never repeats.
  const grows = hops.length > routes.length && hops.filter(({ route }) => route === first).length > 1;
  const returns =
    hops.length === 1 ? "redirects to itself" : `returns to itself after ${countOf(hops.length, "step")}`;
  return {
    what: `the redirect \`${first?.id ?? ""}\` ${grows ? "never ends" : returns}`,
    why: `A browser follows ${urls.slice(0, MOST_STEPS).join(" → ")}${urls.length > MOST_STEPS ? " → …" : ""} and stops with "too many redirects".`,
    remedy: "Change the target of one of these redirects, or serve one of these requests from a backend.",
    at: routes.slice(0, MOST_PLACES).map(({ at }) => at),
  };
}
