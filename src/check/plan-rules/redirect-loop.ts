// redirect-loop: redirects that form a loop.

import { countOf } from "../../findings/count.ts";
import type { RoutePlan } from "../../plan/site-plan.ts";
import { type PlanRedirectLoop, planRedirectLoops } from "../../space/plan/redirect-loops.ts";
import { onceEach } from "../groups.ts";
import type { PlanRule, RuleFinding } from "../rule.ts";
import { listOf } from "../wording.ts";

export const redirectLoop: PlanRule = {
  code: "redirect-loop",
  severity: "error",
  check({ plan }) {
    const { loops, isIncomplete } = planRedirectLoops(plan);
    const different = onceEach(loops, (loop) =>
      JSON.stringify(
        routesOf(loop)
          .map(({ id }) => id)
          .sort(),
      ),
    );
    return [...different.map(finding), ...(isIncomplete ? [NOT_EXAMINED] : [])];
  },
};

function routesOf({ steps }: PlanRedirectLoop): readonly RoutePlan[] {
  return [...new Set(steps.flatMap(({ route }) => route ?? []))];
}

/** The beginning of a long loop is sufficient. */
const MOST_PLACES = 5;
const MOST_STEPS = 4;

function finding(loop: PlanRedirectLoop): RuleFinding {
  const { steps, grows, witness } = loop;
  const routes = routesOf(loop);
  const urls = [...steps, ...(grows ? [] : steps.slice(0, 1))].map(({ url }) => url);
  const returns =
    steps.length === 1 ? "redirects to itself" : `returns to itself after ${countOf(steps.length, "step")}`;
  const more = grows || urls.length > MOST_STEPS;
  return {
    what: `the redirect \`${routes[0]?.id ?? ""}\` ${grows ? "never ends" : returns}`,
    why: `${clientOf(witness)} follows ${urls.slice(0, MOST_STEPS).join(" → ")}${more ? " → …" : ""} and stops with "too many redirects".`,
    remedy: "Change the target of one of these redirects, or serve one of these requests from a backend.",
    at: routes.slice(0, MOST_PLACES).map(({ at }) => at),
  };
}

function clientOf({ method, headers }: PlanRedirectLoop["witness"]): string {
  const sent = [
    ...(method === "GET" ? [] : [method]),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return sent.length === 0 ? "A browser" : `A client that sends ${listOf(sent)}`;
}

const NOT_EXAMINED: RuleFinding = {
  what: "the search for redirect loops is incomplete",
  why: "The search needs more steps than the limit of the evaluation, or Portico cannot evaluate the target of a redirect or a condition for the next URL: some redirects may form a loop.",
  remedy:
    "Use fewer redirects with regular expressions and conditions, or test the redirects with `curl -L`.",
  severity: "note",
  at: [],
};
