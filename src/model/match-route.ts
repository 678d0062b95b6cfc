// Which route of a site a request matches, and which condition every other route fails: each match is read separately.
import { maskedHeader } from "../findings/credentials.ts";
import type { RouteMatch, RoutePlan, SitePlan, ValueMatch } from "../plan/site-plan.ts";
import type { ModelRequest } from "./decide.ts";
import { patternOf } from "./pattern.ts";
import type { Target } from "./request-target.ts";

export interface RouteVerdict {
  readonly route: RoutePlan;
  readonly chosen: boolean;
  /** Whether the path matches; then conditions or precedence decide. */
  readonly pathMatches: boolean;
  /** The first condition that does not match; undefined when the route matches. */
  readonly misses: string | undefined;
}

/** Routes are in order of precedence: the first that matches is chosen. */
export function matchRoute(site: SitePlan, request: ModelRequest, target: Target): readonly RouteVerdict[] {
  let found = false;
  return site.routes.map((route) => {
    const pathMatches = matchesPath(route.match.path, target.path);
    const misses = pathMatches
      ? conditionMissed(route.match, request, target)
      : pathMissed(route.match.path, target.path);
    const chosen = !found && misses === undefined;
    found ||= chosen;
    return { route, chosen, pathMatches, misses };
  });
}

function matchesPath({ kind, value }: RouteMatch["path"], path: string): boolean {
  if (kind === "exact") return path === value;
  // Without a path (`OPTIONS *`, CONNECT) there is nothing to search.
  if (kind === "regex") return path !== "" && patternOf(value).test(path);
  return value === "/" || path === value || path.startsWith(`${value}/`);
}

function pathMissed({ kind, value }: RouteMatch["path"], path: string): string {
  if (kind === "exact") return `the path is not ${value}`;
  if (kind === "regex") return `the path does not match ${value}`;
  return path.startsWith(value)
    ? `${value} matches whole segments; ${path} is not under it`
    : `the path is not under ${value}`;
}

function conditionMissed(
  { methods, headers, query }: RouteMatch,
  request: ModelRequest,
  target: Target,
): string | undefined {
  if (methods.length > 0 && !methods.includes(request.method))
    return `the method is not ${methods.join(" or ")}`;
  for (const header of headers) {
    // Of a repeated header the last line counts, as a whole.
    const value = request.headers.findLast(([name]) => name.toLowerCase() === header.name)?.[1];
    if (!matchesValue(header, value))
      return value === undefined
        ? `the header ${header.name} is missing`
        : `the header ${describe({ ...header, value: maskedHeader(header.name, header.value) })}`;
  }
  for (const parameter of query) {
    if (!matchesValue(parameter, parameterOf(target.query ?? "", parameter)))
      return `the query parameter ${describe(parameter)}`;
  }
  return undefined;
}

/** The first `name=value`, decoded; a name without = counts for `present` only. Parameters end at &, ; or ?. */
export function parameterOf(query: string, { name, kind }: ValueMatch): string | undefined {
  const parameters = query.split(/[&;?]/);
  if (kind === "present")
    return parameters.some((parameter) => parameter === name || parameter.startsWith(`${name}=`))
      ? ""
      : undefined;
  const value = parameters.find((parameter) => parameter.startsWith(`${name}=`))?.slice(name.length + 1);
  return value === undefined ? undefined : decoded(value);
}

/** Bytes (latin1) of a form-encoded value; undefined where a % begins no encoded byte, or encodes NUL. */
function decoded(value: string): string | undefined {
  if (/%(?![0-9a-fA-F]{2})|%00/.test(value)) return undefined;
  return value
    .replaceAll("+", " ")
    .replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function matchesValue({ kind, value }: ValueMatch, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  if (kind === "present") return true;
  if (kind === "regex") return patternOf(value).test(actual);
  return actual === Buffer.from(value).toString("latin1");
}

function describe({ name, kind, value }: ValueMatch): string {
  if (kind === "present") return `${name} is missing`;
  return kind === "regex" ? `${name} does not match ${value}` : `${name} is not ${JSON.stringify(value)}`;
}
