// Path tables: site and path together select a route, or a set of conditions that are tested first.
import type { ConditionSet, Conditions } from "./conditions.ts";
import type { MapEntry, RankedRoute } from "./routing.ts";
import { isConditional, isRuled } from "./ruled.ts";

export interface PathTables {
  /** Keys `site/path`. */
  readonly exact: readonly MapEntry[];
  /** Keys `site/path/`: the longest that a request's `site/path/` begins with is its own. */
  readonly prefixes: readonly MapEntry[];
}

/** `value` gives what a table holds for a route, or where no route is left, and the set of conditions before it. */
export function pathTables(
  sites: readonly (readonly RankedRoute[])[],
  value: (route: RankedRoute | undefined, set: ConditionSet | undefined) => string,
  setOf: Conditions["setOf"],
): PathTables {
  const exact: MapEntry[] = [];
  const prefixes: MapEntry[] = [];
  for (const routes of sites) {
    const byPath = groupByPath(routes);
    const add = (entries: MapEntry[], key: string, setKey: string, candidates: readonly RankedRoute[]) => {
      const at = candidates.findIndex(({ route }) => !isConditional(route.match));
      const conditional = at === -1 ? candidates : candidates.slice(0, at);
      const set = conditional.length === 0 ? undefined : setOf(setKey, conditional);
      entries.push({ key, value: value(candidates[at] ?? undefined, set), at: candidates[0]?.route.at });
    };
    for (const [path, own] of byPath.prefix)
      add(prefixes, prefixKey(own, path), prefixKey(own, path), [...own, ...parents(byPath.prefix, path)]);
    for (const [path, own] of byPath.exact) {
      const key = `${siteName(own)}${path}`;
      add(exact, key, `=${key}`, [...own, ...covering(byPath.prefix, path)]);
    }
  }
  return { exact, prefixes };
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

/** The routes of the prefixes above this one, the longest first: tried next, in this order. */
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
