// Condition tables: one for each shape (method; header X; header X and query Y …), so that a request asks once a shape and not once a route.
import type { RouteMatch } from "../site-plan.ts";
import type { ConditionSet } from "./paths.ts";
import type { MapEntry, RankedRoute } from "./routing.ts";

export interface ConditionTable {
  /** What distinguishes it from the others: `method`, `header-x-beta`, `method-query-v`. */
  readonly name: string;
  readonly method: boolean;
  readonly headers: readonly { readonly name: string; readonly kind: "exact" | "present" }[];
  readonly query: readonly string[];
  /** Keys `set|value|value…`, values encoded as HAProxy's url_enc does. */
  readonly entries: readonly MapEntry[];
}

interface Shape extends Omit<ConditionTable, "entries"> {
  readonly entries: Map<string, string>;
}

export function conditionTables(
  sets: readonly ConditionSet[],
  value: (route: RankedRoute, set: string | null) => string,
): readonly ConditionTable[] {
  const shapes = new Map<string, Shape>();
  for (const set of sets) {
    for (const ranked of set.routes) {
      const { match } = ranked.route;
      const shape = shapeOf(shapes, match);
      for (const method of match.methods.length === 0 ? [null] : match.methods) {
        const key = conditionKey(set.name, method, match);
        // The best comes first; what has the same key is never reached.
        if (!shape.entries.has(key)) shape.entries.set(key, value(ranked, null));
      }
    }
  }
  return [...shapes.values()].map((shape) => ({
    ...shape,
    entries: [...shape.entries].map(([key, entry]) => ({ key, value: entry })),
  }));
}

function shapeOf(shapes: Map<string, Shape>, match: RouteMatch): Shape {
  const method = match.methods.length > 0;
  const headers = match.headers.map(({ name, kind }) => ({
    name,
    kind: kind === "present" ? ("present" as const) : ("exact" as const),
  }));
  const query = match.query.map(({ name }) => name);
  const key = JSON.stringify([method, headers, query]);
  const known = shapes.get(key);
  if (known !== undefined) return known;
  const shape = {
    name: freeName(shapes, shapeName(method, headers, query)),
    method,
    headers,
    query,
    entries: new Map<string, string>(),
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

function freeName(shapes: ReadonlyMap<string, Shape>, wanted: string): string {
  const taken = new Set([...shapes.values()].map(({ name }) => name));
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}-${count}`;
  return name;
}

function conditionKey(set: string, method: string | null, match: RouteMatch): string {
  return [
    set,
    ...(method === null ? [] : [method]),
    ...match.headers.map(({ kind, value }) => (kind === "present" ? "1" : `${urlEncoded(value)}=`)),
    ...match.query.map(({ value }) => `${urlEncoded(value)}=`),
  ].join("|");
}

/** As HAProxy's url_enc (manual 7.3.1): every byte but letters, digits and -._~ as %XX. */
export function urlEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
