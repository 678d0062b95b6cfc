// Names of sites and routes, for logs, maps and findings: host and path, and after a `#` the conditions that distinguish equal ones.
import { isCredentialHeader } from "../findings/credentials.ts";
import type { Entrance } from "./plan.ts";
import type { RouteMatch } from "./site-plan.ts";

/** In no host, path or route's name: the log field `route` is what is before it. */
export const ID_SEPARATOR = "#";

/** How often each id was requested, in all sites: described names may be equal, and may look like generated ids. */
export type TakenIds = Map<string, number>;

/** `app.example.com`, or `app.example.com#internal` where another site has the host for other entrances. */
export function siteName(taken: TakenIds, host: string, through: readonly Entrance[]): string {
  const shared = taken.has(host) && through.length > 0;
  return uniqueId(taken, shared ? `${host}${ID_SEPARATOR}${through.join("+")}` : host);
}

/** `app.example.com/api`, `app.example.com/api#exact`, `app.example.com/api#POST,x-beta=1`. */
export function routeId(site: string, match: RouteMatch): string {
  const [host = "", entrance] = site.split(ID_SEPARATOR);
  const { path, methods, headers, query } = match;
  const details = [
    ...(entrance === undefined ? [] : [entrance]),
    ...(path.kind === "exact" ? ["exact"] : []),
    ...(methods.length === 0 ? [] : [methods.slice(0, MOST_METHODS).join("+")]),
    ...[...headers, ...query].map(({ name, kind, value }) =>
      kind === "exact" && SHORT_VALUE.test(value) && !isCredentialHeader(name) ? `${name}=${value}` : name,
    ),
  ];
  const value = inLogs(path.value);
  const place = path.kind === "regex" ? `${host}~${value.slice(0, MOST_REGEX)}` : `${host}${value}`;
  const text = details.join(",");
  return `${place}${text === "" ? "" : `${ID_SEPARATOR}${text.slice(0, MOST_DETAILS)}`}`;
}

/** The id, or with a number at its end where it is in use. */
export function uniqueId(taken: TakenIds, id: string): string {
  const count = (taken.get(id) ?? 0) + 1;
  taken.set(id, count);
  if (count === 1) return id;
  return uniqueId(taken, `${id}${id.includes(ID_SEPARATOR) ? "-" : ID_SEPARATOR}${count}`);
}

const SHORT_VALUE = /^[A-Za-z0-9._-]{1,20}$/;
const MOST_METHODS = 4;
const MOST_REGEX = 60;
const MOST_DETAILS = 80;

/** Without what JSON escapes, what separates words of a map's value, and what marks sets of conditions and details. */
function inLogs(text: string): string {
  return text.replace(/["\\\s?#|\u007f-\u{10ffff}]/gu, (character) => encodeURIComponent(character));
}
