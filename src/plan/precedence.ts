// The order in which the routes of a site are tried: that of the Gateway API's HTTPRoute rules, whatever their order in the description.
import type { PathMatch, RoutePlan } from "./site-plan.ts";

const KINDS: readonly PathMatch["kind"][] = ["exact", "regex", "prefix"];

/**
 * Exact paths, then regular expressions in the order in which they first appear, then prefixes, the longest first;
 * within the same path those with a method, then with more headers, then with more query parameters, then in order.
 * Source: Gateway API, HTTPRouteRule, "matches"; https://gateway-api.sigs.k8s.io/reference/spec/.
 */
export function byPrecedence(routes: readonly RoutePlan[]): readonly RoutePlan[] {
  const firstSeen = new Map<string, number>();
  for (const { match } of routes) {
    if (match.path.kind === "regex" && !firstSeen.has(match.path.value))
      firstSeen.set(match.path.value, firstSeen.size);
  }
  const path = (a: PathMatch, b: PathMatch): number => {
    if (a.kind !== b.kind) return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind);
    if (a.kind === "regex") return (firstSeen.get(a.value) ?? 0) - (firstSeen.get(b.value) ?? 0);
    if (a.kind === "prefix" && a.value.length !== b.value.length) return b.value.length - a.value.length;
    return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  };
  // Array.prototype.sort is stable: what compares equal stays in the order of the description.
  return [...routes].sort(
    ({ match: a }, { match: b }) =>
      path(a.path, b.path) ||
      Math.sign(b.methods.length) - Math.sign(a.methods.length) ||
      b.headers.length - a.headers.length ||
      b.query.length - a.query.length,
  );
}
