// Path tables: site and path together lead to a route, or to a set of conditions that are asked first.
import type { MapEntry, RankedRoute } from "./routing.ts";
import { isConditional, isRuled } from "./ruled.ts";

export interface PathTables {
  /** Keys `site/path`. */
  readonly exact: readonly MapEntry[];
  /** Keys `site/path/`: the longest that a request's `site/path/` begins with is its own. */
  readonly prefixes: readonly MapEntry[];
}

/** The routes with conditions that come before a match's unconditional route, best first. */
export interface ConditionSet {
  readonly name: string;
  readonly routes: readonly RankedRoute[];
}

/** What a table holds where no route is left: no section, no route, and a rank behind all others. */
export const NOTHING_RANK = 1_000_000;
/** The section where requests end that no route is for; described names hold no colon. */
export const NO_ROUTE = "no:route";
export const NOTHING = `${NO_ROUTE} -`;

export function pathTables(
  sites: readonly (readonly RankedRoute[])[],
  value: (route: RankedRoute | null, set: string | null) => string,
): { readonly tables: PathTables; readonly sets: readonly ConditionSet[] } {
  const exact: MapEntry[] = [];
  const prefixes: MapEntry[] = [];
  const sets: ConditionSet[] = [];
  for (const routes of sites) {
    const byPath = groupByPath(routes);
    const add = (entries: MapEntry[], key: string, setName: string, candidates: readonly RankedRoute[]) => {
      const at = candidates.findIndex(({ route }) => !isConditional(route.match));
      const conditional = at === -1 ? candidates : candidates.slice(0, at);
      const fallback = candidates[at];
      const set = conditional.length === 0 ? null : setName;
      if (set !== null) sets.push({ name: set, routes: conditional });
      entries.push({
        key,
        value: value(fallback ?? null, set),
      });
    };
    for (const [path, own] of byPath.prefix)
      add(prefixes, prefixKey(own, path), prefixKey(own, path), [...own, ...parents(byPath.prefix, path)]);
    for (const [path, own] of byPath.exact) {
      const key = `${siteName(own)}${path}`;
      add(exact, key, `=${key}`, [...own, ...covering(byPath.prefix, path)]);
    }
  }
  return { tables: { exact, prefixes }, sets };
}

type Grouped = ReadonlyMap<string, readonly RankedRoute[]>;

function groupByPath(routes: readonly RankedRoute[]): { readonly exact: Grouped; readonly prefix: Grouped } {
  const groups = {
    exact: new Map<string, RankedRoute[]>(),
    prefix: new Map<string, RankedRoute[]>(),
    regex: new Map<string, RankedRoute[]>(),
  };
  for (const ranked of routes) {
    if (isRuled(ranked.route.match)) continue;
    const { kind, value } = ranked.route.match.path;
    const group = groups[kind].get(value);
    if (group === undefined) groups[kind].set(value, [ranked]);
    else group.push(ranked);
  }
  return groups;
}

function siteName([first]: readonly RankedRoute[]): string {
  return first?.site.name ?? "";
}

function prefixKey(own: readonly RankedRoute[], path: string): string {
  return `${siteName(own)}${path === "/" ? "" : path}/`;
}

/** The routes of the prefixes above this one, the longest first: what a request goes on to. */
function parents(prefixes: Grouped, path: string): readonly RankedRoute[] {
  const found: RankedRoute[] = [];
  let rest = path;
  while (rest !== "/" && rest !== "") {
    const cut = rest.lastIndexOf("/");
    rest = cut <= 0 ? "/" : rest.slice(0, cut);
    for (const ranked of prefixes.get(rest) ?? []) {
      found.push(ranked);
      if (!isConditional(ranked.route.match)) return found;
    }
  }
  return found;
}

/** The routes of the prefixes that cover a path, itself included. */
function covering(prefixes: Grouped, path: string): readonly RankedRoute[] {
  const bare = path.length > 1 ? path.replace(/\/$/, "") : path;
  return [...(prefixes.get(bare) ?? []), ...parents(prefixes, bare)];
}
