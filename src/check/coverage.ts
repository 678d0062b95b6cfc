// Whether one route's match covers all requests of another's, as far as it can be decided.
import type { PathMatch, RouteMatch, ValueMatch } from "../plan/site-plan.ts";

/** Whether every request that `inner` matches is matched by `outer` too. False if it cannot be decided. */
export function coversMatch(outer: RouteMatch, inner: RouteMatch): boolean {
  return coversPath(outer.path, inner.path) && coversConditions(outer, inner);
}

export function coversConditions(outer: RouteMatch, inner: RouteMatch): boolean {
  return (
    coversMethods(outer.methods, inner.methods) &&
    coversValues(outer.headers, inner.headers) &&
    coversValues(outer.query, inner.query)
  );
}

/** No method means every method. */
function coversMethods(outer: readonly string[], inner: readonly string[]): boolean {
  if (outer.length === 0) return true;
  return inner.length > 0 && inner.every((method) => outer.includes(method));
}

/** Whether a value that satisfies `inner` satisfies `outer`. */
function coversValue(outer: ValueMatch, inner: ValueMatch): boolean {
  if (outer.name !== inner.name) return false;
  if (outer.kind === "present" || (outer.kind === inner.kind && outer.value === inner.value)) return true;
  // Bytes are compared, as HAProxy does; a description's regular expressions contain ASCII only.
  return (
    outer.kind === "regex" &&
    inner.kind === "exact" &&
    new RegExp(outer.value).test(Buffer.from(inner.value).toString("latin1"))
  );
}

function coversValues(outer: readonly ValueMatch[], inner: readonly ValueMatch[]): boolean {
  return outer.every((condition) => inner.some((other) => coversValue(condition, other)));
}

function coversPath(outer: PathMatch, inner: PathMatch): boolean {
  if (outer.kind === inner.kind && outer.value === inner.value) return true;
  if (outer.kind === "exact" || inner.kind === "regex") return outer.kind === "prefix" && outer.value === "/";
  if (outer.kind === "prefix")
    return outer.value === "/" || inner.value === outer.value || inner.value.startsWith(`${outer.value}/`);
  if (inner.kind === "exact") return new RegExp(outer.value, "u").test(inner.value);
  const beginning = beginningOf(outer.value);
  return beginning !== undefined && inner.value.startsWith(beginning);
}

/**
 * The text that a path need only begin with to match a regular expression, or undefined where there is more to it:
 * `^/api/.*$` → `/api/`, `.*` → the empty text.
 */
function beginningOf(regex: string): string | undefined {
  const open = /^(\^?)((?:[A-Za-z0-9/_~%-]|\\[./-])*)(\.\*)?(\$?)$/.exec(regex);
  if (open === null) return undefined;
  const [, start = "", escaped = "", rest = "", end = ""] = open;
  if (end !== "" && rest === "") return undefined;
  const literal = escaped.replaceAll("\\", "");
  // Unanchored text may be anywhere; every path below a prefix other than / contains a slash.
  if (start === "" && literal !== "" && literal !== "/") return undefined;
  return literal;
}
