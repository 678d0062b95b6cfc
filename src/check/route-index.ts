// The routes of a site by path, so that a question about one path does not look at every route.
import type { RoutePlan } from "../plan/site-plan.ts";

export interface RouteIndex {
  /** The routes whose path may match, in order of precedence. */
  readonly candidates: (path: string) => readonly RoutePlan[];
}

export function indexRoutes(routes: readonly RoutePlan[]): RouteIndex {
  const byPath = new Map<string, number[]>();
  const regexes: number[] = [];
  for (const [rank, { match }] of routes.entries()) {
    const { kind, value } = match.path;
    if (kind === "regex") {
      regexes.push(rank);
      continue;
    }
    const key = `${kind} ${value}`;
    const known = byPath.get(key);
    if (known === undefined) byPath.set(key, [rank]);
    else known.push(rank);
  }
  return {
    candidates(path) {
      const keys = [`exact ${path}`, ...prefixesOf(path).map((prefix) => `prefix ${prefix}`)].filter((key) =>
        byPath.has(key),
      );
      const ranks = [...regexes, ...keys.flatMap((key) => byPath.get(key) ?? [])].sort((a, b) => a - b);
      return ranks.flatMap((rank) => routes[rank] ?? []);
    },
  };
}

/** `/a/b` → `/a/b`, `/a`, `/`. */
function prefixesOf(path: string): readonly string[] {
  const prefixes = new Set<string>();
  for (let rest = path; rest !== "" && rest !== "/"; rest = rest.slice(0, rest.lastIndexOf("/")))
    prefixes.add(rest);
  return [...prefixes, "/"];
}
