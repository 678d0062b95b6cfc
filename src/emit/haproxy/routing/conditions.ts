// Condition tables: one for each shape (method; header X; header X and query Y …), so that a request needs one lookup per shape, not one per route.
import { freeFileName } from "../../../plan/proxy-names.ts";
import type { RouteMatch } from "../../../plan/site-plan.ts";
import { urlEncoded } from "../../../plan/url-encoded.ts";
import type { MapEntry, RankedRoute } from "./routing.ts";

export interface ConditionTable {
  /** What distinguishes it from the others: `method`, `header-x-beta`, `method-query-v`. */
  readonly name: string;
  readonly method: boolean;
  readonly headers: readonly { readonly name: string; readonly kind: "exact" | "present" }[];
  readonly query: readonly string[];
  /** Keys `set?value?value…`, values encoded as HAProxy's url_enc does. The set ends in `?`. */
  readonly entries: readonly MapEntry[];
}

/** The conditional routes that come before a match's unconditional one. */
export interface ConditionSet {
  /** The match's key and a `?`: what the keys of its routes begin with. */
  readonly key: string;
  /** The tables that have routes of it: `(method)(header-x-beta)`. */
  readonly tables: string;
}

export interface Conditions {
  /** The set of these routes, best first, which are noted in their tables. */
  readonly setOf: (key: string, routes: readonly RankedRoute[]) => ConditionSet;
  readonly tables: () => readonly ConditionTable[];
}

interface Shape extends Omit<ConditionTable, "entries"> {
  readonly entries: Map<string, MapEntry>;
}

export function collectConditions(value: (route: RankedRoute) => string): Conditions {
  const shapes = new Map<string, Shape>();
  return {
    setOf: (key, routes) => {
      const shapesOfRoutes = routes.map(({ route }) => shapeOf(shapes, route.match));
      const set = `${key}?`;
      for (const [index, ranked] of routes.entries()) {
        const { match } = ranked.route;
        for (const method of match.methods.length === 0 ? [undefined] : match.methods) {
          const entry = conditionKey(set, method, match);
          const { entries } = shapesOfRoutes[index] ?? shapeOf(shapes, match);
          // The best route comes first; later ones with the same key are never reached.
          if (!entries.has(entry))
            entries.set(entry, { key: entry, value: value(ranked), at: ranked.route.at });
        }
      }
      return { key: set, tables: [...new Set(shapesOfRoutes.map(tableWord))].join("") };
    },
    tables: () => [...shapes.values()].map((shape) => ({ ...shape, entries: [...shape.entries.values()] })),
  };
}

/** How a set names a table: no name of a header or a parameter has parentheses, so that none is part of another. */
export function tableWord({ name }: Pick<ConditionTable, "name">): string {
  return `(${name})`;
}

/** The same for two matches that test the same things, whatever the values. */
export function shapeKey({ methods, headers, query }: RouteMatch): string {
  return JSON.stringify([
    methods.length > 0,
    headers.map(({ name, kind }) => [name, kind]),
    query.map(({ name }) => name),
  ]);
}

function shapeOf(shapes: Map<string, Shape>, match: RouteMatch): Shape {
  const key = shapeKey(match);
  const known = shapes.get(key);
  if (known !== undefined) return known;
  const method = match.methods.length > 0;
  const headers = match.headers.map(({ name, kind }) => ({
    name,
    kind: kind === "present" ? ("present" as const) : ("exact" as const),
  }));
  const query = match.query.map(({ name }) => name);
  const shape = {
    name: freeFileName(
      new Set([...shapes.values()].map(({ name }) => name.toLowerCase())),
      shapeName(method, headers, query),
    ),
    method,
    headers,
    query,
    entries: new Map<string, MapEntry>(),
  };
  shapes.set(key, shape);
  return shape;
}

function shapeName(method: boolean, headers: ConditionTable["headers"], query: readonly string[]): string {
  const words = [
    ...(method ? ["method"] : []),
    ...headers.map(({ name, kind }) => `header-${name}${kind === "present" ? "-present" : ""}`),
    ...query.map((name) => `query-${name.replace(/~/g, "_")}`),
  ];
  const name = words.join("-");
  return name.length > 60 ? `${words.length}-conditions` : name;
}

/**
 * The set, then the values: HAProxy's tree of strings distinguishes keys by their first 4,095 bytes (eb_node.bit is a short),
 * and values may be longer. Between them is a character that no path, no method (RFC 9110 section 5.6.2) and no encoded value has,
 * so that no request can write a key other than with its own values.
 */
function conditionKey(set: string, method: string | undefined, match: RouteMatch): string {
  const values = [
    ...(method === undefined ? [] : [method]),
    ...match.headers.map(({ kind, value }) => (kind === "present" ? "1" : `${urlEncoded(value)}=`)),
    ...match.query.map(({ value }) => `${urlEncoded(value)}=`),
  ];
  return `${set}${values.join("?")}`;
}
