// Routes that no request reaches, because an earlier route matches all of their requests.
import type { PathMatch, RouteMatch, RoutePlan, SitePlan, ValueMatch } from "../plan/site-plan.ts";
import { beginningOf, coversConditions, coversMethods, coversValue } from "./coverage.ts";

export interface Shadow {
  readonly route: RoutePlan;
  /** The earlier route, which matches its requests. */
  readonly by: RoutePlan;
  /** Whether both match exactly the same requests. */
  readonly same: boolean;
}

/** More conditions on one route than this are compared only as a whole. */
const MOST_VARIED = 5;
/** How many header or query conditions with a regular expression on one path are compared with a value. */
const MOST_REGEXES = 50;

/**
 * Every shadowed route of a site with one that shadows it. On the same path a route that is tried before another has
 * at least as many conditions (precedence), so it can cover the other only with the same names: routes are looked up
 * by names, not compared one by one.
 */
export function shadowsOf(site: SitePlan): readonly Shadow[] {
  const known = found.get(site) ?? findShadows(site);
  found.set(site, known);
  return known;
}

/** Used by two rules. */
const found = new WeakMap<SitePlan, readonly Shadow[]>();

function findShadows(site: SitePlan): readonly Shadow[] {
  const shapes = new Map<string, Shape>();
  const openings: { readonly beginning: string; readonly route: RoutePlan }[] = [];
  const shadows: Shadow[] = [];
  for (const route of site.routes) {
    const shape = shapeOf(shapes, route.match);
    const by = takenBefore(shape, route) ?? openingBefore(openings, route);
    if (by !== undefined) shadows.push({ route, by, same: matchKey(by.match) === matchKey(route.match) });
    remember(shape, route);
    if (route.match.path.kind !== "regex") continue;
    const beginning = beginningOf(route.match.path.value);
    if (beginning !== undefined) openings.push({ beginning, route });
  }
  return shadows;
}

interface Shape {
  readonly byValues: Map<string, RoutePlan[]>;
  readonly regexes: RoutePlan[];
}

/** Path, whether there are methods, and the names of the conditions. */
function shapeOf(shapes: Map<string, Shape>, { path, methods, headers, query }: RouteMatch): Shape {
  const names = (values: readonly ValueMatch[]) => values.map(({ name }) => name);
  const key = JSON.stringify([path.kind, path.value, methods.length > 0, names(headers), names(query)]);
  const known = shapes.get(key);
  if (known !== undefined) return known;
  const shape: Shape = { byValues: new Map(), regexes: [] };
  shapes.set(key, shape);
  return shape;
}

function remember(shape: Shape, route: RoutePlan): void {
  const key = valuesKey(conditionsOf(route.match));
  const known = shape.byValues.get(key);
  if (known === undefined) shape.byValues.set(key, [route]);
  else if (known.every((other) => !coversMethods(other.match.methods, route.match.methods)))
    known.push(route);
  const regex = conditionsOf(route.match).some(({ kind }) => kind === "regex");
  if (regex && shape.regexes.length < MOST_REGEXES) shape.regexes.push(route);
}

function takenBefore(shape: Shape, route: RoutePlan): RoutePlan | undefined {
  const conditions = conditionsOf(route.match);
  const methods = route.match.methods;
  for (const key of generalKeys(conditions)) {
    const by = shape.byValues.get(key)?.find((other) => coversMethods(other.match.methods, methods));
    if (by !== undefined) return by;
  }
  return shape.regexes.find(
    (other) =>
      coversMethods(other.match.methods, methods) &&
      conditionsOf(other.match).every((condition, index) => {
        const own = conditions[index];
        return own !== undefined && coversValue(condition, own);
      }),
  );
}

/** A regular expression is tried before every prefix; one such as ^/api covers the prefix /api. */
function openingBefore(
  openings: readonly { readonly beginning: string; readonly route: RoutePlan }[],
  { match }: RoutePlan,
): RoutePlan | undefined {
  if (match.path.kind !== "prefix") return undefined;
  const { value } = match.path;
  return openings.find(
    // The target of OPTIONS * has no slash, and belongs to the prefix / alone (RFC 9112, 3.2.4).
    ({ beginning, route }) =>
      (value === "/" ? beginning === "" : value.startsWith(beginning)) &&
      coversConditions(route.match, match),
  )?.route;
}

function conditionsOf({ headers, query }: RouteMatch): readonly ValueMatch[] {
  return [...headers, ...query];
}

/** The conditions as they are, and with any of them satisfied by any value. */
function generalKeys(conditions: readonly ValueMatch[]): readonly string[] {
  const present = (condition: ValueMatch): ValueMatch => ({ ...condition, kind: "present", value: "" });
  if (conditions.length > MOST_VARIED) return [valuesKey(conditions), valuesKey(conditions.map(present))];
  return Array.from({ length: 2 ** conditions.length }, (_, bits) =>
    valuesKey(conditions.map((condition, index) => ((bits >> index) & 1 ? present(condition) : condition))),
  );
}

function valuesKey(conditions: readonly ValueMatch[]): string {
  return JSON.stringify(conditions.map(({ kind, value }) => [kind, value]));
}

function matchKey({ path, methods, headers, query }: RouteMatch): string {
  const plain = ({ kind, value }: PathMatch) => [kind, value];
  const values = (matches: readonly ValueMatch[]) =>
    matches.map(({ name, kind, value }) => [name, kind, value]);
  return JSON.stringify([plain(path), methods, values(headers), values(query)]);
}
