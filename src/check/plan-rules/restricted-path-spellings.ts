// restricted-path-spellings: wider route accepts other spellings of a restricted path.

import type { PathMatch } from "../../plan/site-plan.ts";
import { bypassedRoutes } from "../bypassed-routes.ts";
import type { PlanRule } from "../rule.ts";
import { listOf } from "../wording.ts";

export const restrictedPathSpellings: PlanRule = {
  code: "restricted-path-spellings",
  severity: "note",
  check({ plan }) {
    const closed = plan.sites.flatMap(bypassedRoutes);
    const [first] = closed;
    if (first === undefined) return [];
    return {
      what: `a wider route accepts other spellings of the path of ${listOf(closed.map(({ id }) => id))}`,
      why: `HAProxy compares paths byte for byte: ${spellings(first.match.path)} reach a wider route, without the restriction. A backend that ignores the difference (case in Express and IIS, a trailing dot or space on Windows, a suffix in Rails) serves the restricted path.`,
      remedy:
        "Restrict the path in the backend too, test that the backend answers 404 to these spellings, or restrict the wider route and allow single paths under it.",
      at: closed.slice(0, 3).map((route) => route.at),
    };
  },
};

function spellings({ kind, value }: PathMatch): string {
  if (kind === "regex")
    return "what the expression does not match, such as another case, and a trailing dot,";
  const others = [
    value.toUpperCase(),
    ...(kind === "exact" ? [`${value}/`] : []),
    `${value}.`,
    `${value}.json`,
    `${value}%20`,
  ].filter((one) => one !== value);
  return `${others.slice(0, -1).join(", ")} and ${others.at(-1)}`;
}
