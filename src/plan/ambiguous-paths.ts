// Spellings of a path that servers read as another path, and which sites refuse them by default: those whose routes restrict requests.
import { type Described, decide } from "./described.ts";
import type { Decided } from "./plan.ts";
import { restrictedRoutes } from "./restrictions.ts";
import type { RoutePlan } from "./site-plan.ts";

export type AmbiguousPaths = "refuse" | "allow";

export interface AmbiguousSpelling {
  /** A regular expression over the path in its normal form, the same in PCRE and JavaScript; compared without case. */
  readonly pattern: string;
  /** Which servers read it as what: a clause that follows `the path has X, `. */
  readonly read: string;
}

/** docs/concepts/security.md names the source of each. */
export const AMBIGUOUS_SPELLINGS: readonly AmbiguousSpelling[] = [
  { pattern: "%2f", read: "which many servers decode to /" },
  { pattern: "%5c|\\\\", read: "which IIS and URL parsers for browsers read as /" },
  { pattern: ";|%3b", read: "which Tomcat, Jetty and Spring remove with the rest of the segment" },
  { pattern: "%(?:[01][0-9a-f]|7f)", read: "a control character, which some servers remove" },
  { pattern: "%25[0-9a-f]{2}", read: "which a server that decodes twice reads as another character" },
];

/** One regular expression for all of them. */
export const AMBIGUOUS_PATTERN: string = AMBIGUOUS_SPELLINGS.map(({ pattern }) => pattern).join("|");

export function lowerAmbiguousPaths(
  described: Described<AmbiguousPaths>,
  routes: readonly RoutePlan[],
): Decided<AmbiguousPaths> {
  const [first, second] = restrictedRoutes(routes).map(({ id }) => id);
  if (first === undefined) return decide(described, "allow", "no route of the site restricts requests");
  const others = second === undefined ? "" : " and others";
  return decide(described, "refuse", `${first}${others} could be reached under another path`);
}
