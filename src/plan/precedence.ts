// The order in which the routes of a site are tried: that of the Gateway API's HTTPRoute rules, whatever their order in the description.
import type { PathMatch, RouteMatch, RoutePlan } from "./site-plan.ts";

const KINDS: readonly PathMatch["kind"][] = ["exact", "regex", "prefix"];

/** One rule of the order: the first that distinguishes two matches decides. */
interface Criterion {
  readonly compare: (a: RouteMatch, b: RouteMatch) => number;
  /** Why the second comes later, where this rule decides. */
  readonly reason: (first: RouteMatch) => string;
}

/**
 * Exact paths, then regular expressions in the order in which they first appear, then prefixes, the longest first;
 * within the same path those with a method, then with more headers, then with more query parameters, then in order.
 * Source: Gateway API, HTTPRouteRule, "matches"; https://gateway-api.sigs.k8s.io/reference/spec/.
 */
export function byPrecedence(routes: readonly RoutePlan[]): readonly RoutePlan[] {
  const criteria = criteriaFor(routes.map(({ match }) => match));
  // Array.prototype.sort is stable: equal routes remain in the order of the description.
  return [...routes].sort((a, b) => decisive(criteria, a.match, b.match)?.compare(a.match, b.match) ?? 0);
}

/** Why the second of two routes that match the same request comes later; they are in order of precedence. A phrase. */
export function whyLater(first: RoutePlan, second: RoutePlan): string {
  const criterion = decisive(criteriaFor([first.match, second.match]), first.match, second.match);
  return criterion?.reason(first.match) ?? "later in the description";
}

function decisive(criteria: readonly Criterion[], a: RouteMatch, b: RouteMatch): Criterion | undefined {
  return criteria.find(({ compare }) => compare(a, b) !== 0);
}

/** The matches in the order of the description. */
function criteriaFor(matches: readonly RouteMatch[]): readonly Criterion[] {
  const regexes = [
    ...new Set(matches.filter(({ path }) => path.kind === "regex").map(({ path }) => path.value)),
  ];
  const appearance = new Map(regexes.map((value, index) => [value, index]));
  const placeOf = ({ path }: RouteMatch) => (path.kind === "regex" ? (appearance.get(path.value) ?? 0) : 0);
  const lengthOf = ({ path }: RouteMatch) => (path.kind === "prefix" ? path.value.length : 0);
  const hasMethod = ({ methods }: RouteMatch) => Math.sign(methods.length);
  return [
    {
      compare: ({ path: a }, { path: b }) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind),
      reason: ({ path }) =>
        path.kind === "exact" ? "an exact path comes first" : "a regular expression comes before a prefix",
    },
    { compare: (a, b) => placeOf(a) - placeOf(b), reason: () => "a later regular expression" },
    { compare: (a, b) => lengthOf(b) - lengthOf(a), reason: () => "shorter" },
    {
      // No request matches two such paths; the order only has to be the same every time.
      compare: ({ path: a }, { path: b }) => Number(a.value > b.value) - Number(a.value < b.value),
      reason: () => "another path",
    },
    { compare: (a, b) => hasMethod(b) - hasMethod(a), reason: () => "no method" },
    { compare: (a, b) => b.headers.length - a.headers.length, reason: () => "fewer headers" },
    { compare: (a, b) => b.query.length - a.query.length, reason: () => "fewer query parameters" },
  ];
}
