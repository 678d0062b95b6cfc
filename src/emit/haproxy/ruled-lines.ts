// Rules for the routes that no table can hold: a condition each, within their own site, path and rank.
import { urlEncoded } from "../../plan/routing/conditions.ts";
import type { RuledRoute } from "../../plan/routing/ruled.ts";
import type { ValueMatch } from "../../plan/site-plan.ts";
import type { HaproxyContext } from "./context.ts";
import { type Line, line, literalWord, word } from "./writing.ts";

/** PCRE2 gives up after so many steps (pcre2pattern, "Setting match resource limits"): no request can hold the event loop. */
const MATCH_LIMIT = "(*LIMIT_MATCH=100000)";

export function ruledLines({ routing }: HaproxyContext): readonly Line[] {
  const parameters = new Set(
    routing.ruled.flatMap(({ route }) =>
      route.match.query.filter(({ kind }) => kind !== "present").map(({ name }) => name),
    ),
  );
  return [
    // A condition on url_param would look at every repetition; a variable holds the first.
    ...[...parameters].map((name) =>
      line(`http-request set-var(txn.query_${variable(name)}) url_param(${name}),url_dec(1)`),
    ),
    ...routing.ruled.map(ruledLine),
  ];
}

function ruledLine({ site, route, rank, value }: RuledRoute): Line {
  const { path, methods, headers, query } = route.match;
  const conditions = [
    ...pathConditions(site.name, path),
    ...(methods.length === 0 ? [] : [`{ method ${methods.join(" ")} }`]),
    ...headers.map((header) => headerCondition(header)),
    ...query.map(queryCondition),
    `{ var(txn.rank) -m int gt ${rank} }`,
  ];
  return line(`http-request set-var-fmt(txn.route) ${literalWord(value)} if ${conditions.join(" ")}`);
}

function pathConditions(
  site: string,
  { kind, value }: RuledRoute["route"]["match"]["path"],
): readonly string[] {
  const inSite = `{ var(txn.site) -m str ${word(site)} }`;
  if (kind === "regex") return [inSite, `{ path -m reg ${pattern(value)} }`];
  if (kind === "exact") return [inSite, `{ path -m str ${word(value)} }`];
  return value === "/" ? [inSite] : [`{ var(txn.key) -m beg ${word(`${site}${value}/`)} }`];
}

/** -1: the last line of that name, and only that. */
function headerCondition({ name, kind, value }: ValueMatch): string {
  if (kind === "present") return `{ req.fhdr(${name}) -m found }`;
  if (kind === "regex") return `{ req.fhdr(${name},-1) -m reg ${pattern(value)} }`;
  return isText(`req.fhdr(${name},-1),url_enc`, value);
}

function queryCondition({ name, kind, value }: ValueMatch): string {
  if (kind === "present")
    return `{ query -m reg ${pattern(`(^|[&;?])${name.replace(/[.]/g, "\\.")}([=&;?]|$)`)} }`;
  const parameter = `var(txn.query_${variable(name)})`;
  if (kind === "regex") return `{ ${parameter} -m reg ${pattern(value)} }`;
  return isText(`${parameter},url_enc`, value);
}

/** An empty word would end the condition, and one that begins with - is a flag unless -- stands before it (manual section 7.1). */
function isText(encoded: string, value: string): string {
  if (value === "") return `{ ${encoded} -m len 0 }`;
  return `{ ${encoded} -m str ${value.startsWith("-") ? "-- " : ""}${word(urlEncoded(value))} }`;
}

function pattern(regex: string): string {
  return word(`${MATCH_LIMIT}${regex}`);
}

/** Variable names hold letters, digits, _ and . only (manual section 2.8). */
function variable(name: string): string {
  return name.replace(/[-~_]/g, (character) => ({ "-": "_d", "~": "_t", _: "__" })[character] ?? "");
}
