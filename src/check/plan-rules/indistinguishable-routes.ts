// indistinguishable-routes: two routes of a site that match the same requests.

import type { PlanRule } from "../rule.ts";
import { shadowsOf } from "../shadows.ts";
import { noted } from "../wording.ts";

export const indistinguishableRoutes: PlanRule = {
  code: "indistinguishable-routes",
  severity: "warning",
  check({ plan }) {
    return shadowsOf(plan)
      .shadows.filter(({ same }) => same)
      .map(({ route, by: [by] }) => ({
        what: `\`${route.id}\` and \`${by.id}\` match the same requests`,
        why: `Only their order distinguishes them: \`${by.id}\` gets every request, and \`${route.id}\` none.`,
        remedy:
          "Remove one of them, add a condition to one, or distribute the requests by weights: `to: { a: 90, b: 10 }`.",
        at: [noted(route.at, "gets no request"), noted(by.at, "gets them all")],
      }));
  },
};
