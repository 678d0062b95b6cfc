// Headers that are removed from every request before routing: those that only a proxy may set, Connection and Upgrade.
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { REMOVED_HEADERS } from "../../plan/proxy-headers.ts";
import { frontendName } from "../../plan/proxy-names.ts";
import { forwardedFrontends, onlyIf } from "./context.ts";
import { type Group, group, type Line, line, word } from "./writing.ts";

/**
 * A regular expression costs HAProxy as much as six comparisons for each header, so all names are searched at once, and only a request
 * that has one of them is examined header by header. HAProxy keeps names in lower case.
 */
export function removedHeaders(plan: Plan): Group {
  const trusted = [...new Set(plan.listeners.flatMap(({ trustedHeaders }) => trustedHeaders))];
  const names = word(removedNames(REMOVED_HEADERS, trusted));
  const part = trusted.length > 0 && partOf(plan, "public.trustedHeaders");
  return group({ because: aboutHeaders(plan), ...part }, [
    // Before the rest, because every request has them there.
    ...(forwardedFrontends(plan).length > 0 ? loadBalancersHeaders(trusted) : []),
    line(`http-request del-header ${names} -m reg if { req.hdr_names -m reg ${names} }`),
    ...trusted.flatMap((name) => untrustedThere(plan, name)),
  ]);
}

function aboutHeaders(plan: Plan): string {
  return forwardedFrontends(plan).length > 0
    ? "removes headers that only a proxy may set; those of the load balancer were read above"
    : "removes headers that only a proxy may set: client address, scheme, user, URL, method";
}

/** What the load balancer writes into every request; by name where another of the family is trusted, because the prefix would match that one too. */
function loadBalancersHeaders(trusted: readonly string[]): readonly Line[] {
  if (!trusted.some((name) => name.startsWith("x-forwarded-")))
    return [line("http-request del-header x-forwarded- -m beg")];
  return ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-port"]
    .filter((name) => !trusted.includes(name))
    .map((name) => line(`http-request del-header ${name}`));
}

/** No load balancer is in front of the other listeners. */
function untrustedThere(plan: Plan, name: string): readonly Line[] {
  const others = plan.listeners.filter(({ trustedHeaders }) => !trustedHeaders.includes(name));
  if (others.length === 0) return [];
  const here = `{ fe_name ${others.map((listener) => frontendName(plan, listener)).join(" ")} }`;
  return [line(`http-request del-header ${name}${onlyIf(here)}`)];
}

/** Where a name ends: a list of names has commas, one name has none. */
const END = "(?![^,])";

/** Finds one of the names in a list of names, or as a name alone; `trusted` are skipped only in their own spelling. */
function removedNames(patterns: readonly string[], trusted: readonly string[]): string {
  const kept = trusted.length === 0 ? "" : `(?!(?:${trusted.join("|")})${END})`;
  const names = patterns.map((pattern) =>
    pattern.endsWith("*") ? pattern.slice(0, -1) : `${pattern}${END_MARK}`,
  );
  return `^(?:[^,]*+,)*?${kept}${alternatives(names)}`;
}

/** Marks the end of a name; invalid in a header name. */
const END_MARK = "$";

/** One expression for all texts, in which each character that several begin with is compared once. An empty text is the beginning of all. */
function alternatives(texts: readonly string[]): string {
  if (texts.includes("")) return "";
  const byFirst = new Map<string, string[]>();
  for (const text of texts)
    byFirst.set(text.slice(0, 1), [...(byFirst.get(text.slice(0, 1)) ?? []), text.slice(1)]);
  const branches = [...byFirst].map(([first, rests]) =>
    first === END_MARK ? END : `${first === "-" ? "." : first}${alternatives(rests)}`,
  );
  return branches.length === 1 ? branches.join("") : `(?:${branches.join("|")})`;
}
