// unreachable-route: route that no request can reach.

import { ambiguousPart } from "../../model/ambiguous-path.ts";
import type { SitePlan } from "../../plan/site-plan.ts";
import type { PlanRule, RuleFinding } from "../rule.ts";
import { type Shadow, shadowsOf } from "../shadows.ts";
import { listOf, noted } from "../wording.ts";

export const unreachableRoute: PlanRule = {
  code: "unreachable-route",
  severity: "warning",
  check({ plan }) {
    const { shadows, isIncomplete } = shadowsOf(plan);
    return [
      ...shadows.filter(({ same }) => !same).map(shadowed),
      ...(isIncomplete ? [NOT_EXAMINED] : []),
      ...plan.sites.flatMap(refusedPaths),
    ];
  },
};

const MOST_PLACES = 5;

function shadowed({ route, by }: Shadow): RuleFinding {
  const before = listOf(by.map(({ id }) => id));
  const all =
    by.length === 1
      ? `${before} is tested before it and matches all its requests`
      : `${before} are tested before it and together match all its requests`;
  const isOrder = route.match.path.kind === "prefix" && by.some(({ match }) => match.path.kind === "regex");
  return {
    what: `no request reaches the route \`${route.id}\``,
    why: `${all}${isOrder ? ": regular expressions come before prefixes, however long" : ""}.`,
    remedy: `Remove the route, or change the match of one of the ${by.length === 1 ? "two" : "routes"}.`,
    at: [
      noted(route.at, "never reached"),
      ...by.slice(0, MOST_PLACES).map(({ at }) => noted(at, "tested before")),
    ],
  };
}

const NOT_EXAMINED: RuleFinding = {
  what: "which routes no request reaches is not known",
  why: "Comparing their conditions needs more steps than the limit of the evaluation: some routes may get no request.",
  remedy: "Use fewer regular expressions and conditions, or review the order of the routes yourself.",
  at: [],
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
