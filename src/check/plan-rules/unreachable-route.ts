// unreachable-route: route that no request can reach.

import { ambiguousPart } from "../../model/ambiguous-path.ts";
import type { SitePlan } from "../../plan/site-plan.ts";
import type { PlanRule, RuleFinding } from "../rule.ts";
import { shadowsOf } from "../shadows.ts";
import { noted } from "../wording.ts";

export const unreachableRoute: PlanRule = {
  code: "unreachable-route",
  severity: "warning",
  check({ plan }) {
    return plan.sites.flatMap((site) => [
      ...shadowsOf(site)
        .filter(({ same }) => !same)
        .map(({ route, by }) => ({
          what: `no request reaches the route \`${route.id}\``,
          why: `\`${by.id}\` is tested before it and matches all its requests${by.match.path.kind === "regex" && route.match.path.kind === "prefix" ? ": regular expressions come before prefixes, however long" : ""}.`,
          remedy: "Remove the route, or change the match of one of the two.",
          at: [noted(route.at, "never reached"), noted(by.at, "tested before")],
        })),
      ...refusedPaths(site),
    ]);
  },
};

/** The site refuses their own path. */
function refusedPaths({ routes, ambiguousPaths }: SitePlan): readonly RuleFinding[] {
  if (ambiguousPaths.value !== "refuse") return [];
  return routes.flatMap((route) => {
    const { kind, value } = route.match.path;
    const ambiguous = kind === "regex" ? undefined : ambiguousPart(value);
    if (ambiguous === undefined) return [];
    return {
      what: `no request reaches the route \`${route.id}\``,
      why: `The site has restricted routes and answers 400 to ambiguous paths, and ${ambiguous}.`,
      remedy: "Serve this path under another host, or write `ambiguousPaths: allow` on the site.",
      at: [route.at],
    };
  });
}
