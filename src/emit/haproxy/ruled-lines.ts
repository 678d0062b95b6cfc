// Rules for the routes that are in no table: a condition each, within their own site, path and rank.
import { asPcre, NO_LINES } from "../../plan/pcre.ts";
import type { PathMatch, ValueMatch } from "../../plan/site-plan.ts";
import { urlEncoded } from "../../plan/url-encoded.ts";
import { type HaproxyContext, headerFetch, oneOf } from "./context.ts";
import type { RuledRoute } from "./routing/ruled.ts";
import { type Line, line, literalWord, word } from "./writing.ts";

/**
 * PCRE2 gives up after so many steps from one place of the text (pcre2pattern, "Setting the match and depth limits"),
 * and the condition fails: no request can hold the event loop. Three steps for each byte of the longest request headers are enough
 * for patterns without exponential time. Measured on 2.6, 3.0 and 3.2 with 8 kB made for `(a|a)*b$`: 120 ms at most, 450 ms with
 * 100,000 steps, and without a limit HAProxy's watchdog ended the process.
 */
const MATCH_LIMIT = "(*LIMIT_MATCH=30000)";

export function ruledLines(context: HaproxyContext): readonly Line[] {
  const { routing } = context;
  const compared = routing.ruled
    .flatMap(({ route }) => route.match.query)
    .filter(({ kind }) => kind !== "present");
  const searched = new Set(compared.filter(({ kind }) => kind === "regex").map(({ name }) => name));
  return [
    // A condition on url_param would look at every repetition; a variable holds the first.
    ...[...new Set(compared.map(({ name }) => name))].map((name) =>
      line(`http-request set-var(txn.query_${variable(name)}) url_param(${name}),url_dec(1)`),
    ),
    // Since 3.2, url_dec gives nothing for an encoded NUL; 2.6 and 3.0 decode it. No text of a description holds one, so only patterns differ.
    ...[...searched].map((name) => {
      const kept = `txn.query_${variable(name)}`;
      return line(`http-request unset-var(${kept}) if { var(${kept}),url_enc -m sub %00 }`);
    }),
    ...routing.ruled.flatMap((ruled) =>
      ruledLine(context, ruled).map((one) => ({ ...one, at: ruled.route.at })),
    ),
  ];
}

function ruledLine(context: HaproxyContext, { site, route, rankWord, value }: RuledRoute): readonly Line[] {
  const { path, methods, headers, query } = route.match;
  const [first = [], ...others] = inLines([
    // The cheapest conditions are first, patterns last; ranks compare as text, and route values begin with one.
    siteCondition(site.name, path),
    `{ str(${rankWord}),strcmp(txn.route) lt 0 }`,
    ...(methods.length === 0 ? [] : [methodCondition(context, methods)]),
    ...pathConditions(path),
    ...headers.map((header) => headerCondition(header)),
    ...query.map(queryCondition),
  ]);
  const set = `http-request set-var-fmt(txn.route) ${literalWord(value)} if`;
  const last = others.pop();
  if (last === undefined) return [line(`${set} ${first.join(" ")}`)];
  return [
    line("http-request unset-var(txn.fits)", "one route on several lines: HAProxy reads 64 words per line"),
    ...[first, ...others].map((conditions, index) =>
      line(
        `http-request set-var(txn.fits) int(${index + 1}) if ${[...fits(index), ...conditions].join(" ")}`,
      ),
    ),
    line(`${set} ${[...fits(others.length + 1), ...last].join(" ")}`),
  ];
}

/** Whether so many lines of conditions hold. */
function fits(lines: number): readonly string[] {
  return lines === 0 ? [] : [`{ var(txn.fits) -m int ${lines} }`];
}

/** With room for the action and the results of earlier lines. */
const MOST_WORDS = 50;

function inLines(conditions: readonly string[]): string[][] {
  const lines: string[][] = [];
  let words = MOST_WORDS;
  for (const condition of conditions) {
    const length = condition.split(" ").length;
    if (words + length > MOST_WORDS) {
      lines.push([]);
      words = 0;
    }
    lines.at(-1)?.push(condition);
    words += length;
  }
  return lines;
}

function methodCondition(context: HaproxyContext, methods: readonly string[]): string {
  return methods.length <= 10
    ? `{ method ${methods.join(" ")} }`
    : oneOf(context, "method", methods, "methods");
}

/** The key of a prefix begins with its site. */
function siteCondition(site: string, { kind, value }: PathMatch): string {
  return kind === "prefix" && value !== "/"
    ? `{ var(txn.key) -m beg ${word(`${site}${value}/`)} }`
    : `{ var(txn.site) -m str ${word(site)} }`;
}

function pathConditions({ kind, value }: PathMatch): readonly string[] {
  if (kind === "prefix") return [];
  return [kind === "regex" ? `{ path -m reg ${pattern(value)} }` : `{ path -m str ${word(value)} }`];
}

/** -1: the last line of that name, and only that. */
function headerCondition({ name, kind, value }: ValueMatch): string {
  if (kind === "present") return `{ ${headerFetch(name)} -m found }`;
  const fetch = headerFetch(name, ",-1");
  if (kind === "regex") return `{ ${fetch} -m reg ${pattern(value)} }`;
  return isText(`${fetch},url_enc`, value);
}

function queryCondition({ name, kind, value }: ValueMatch): string {
  if (kind === "present")
    return `{ query -m reg ${pattern(`(^|[&;?])${name.replace(/[.]/g, "\\.")}([=&;?]|$)`)} }`;
  const parameter = `var(txn.query_${variable(name)})`;
  if (kind === "regex") return `{ ${parameter} -m reg ${pattern(value)} }`;
  return isText(`${parameter},url_enc`, value);
}

/** An empty word would end the condition, and one that begins with - is a flag unless -- precedes it (manual section 7.1). */
function isText(encoded: string, value: string): string {
  if (value === "") return `{ ${encoded} -m len 0 }`;
  return `{ ${encoded} -m str ${value.startsWith("-") ? "-- " : ""}${word(urlEncoded(value))} }`;
}

function pattern(regex: string): string {
  return word(`${NO_LINES}${MATCH_LIMIT}${asPcre(regex)}`);
}

/** Variable names hold letters, digits, _ and . only (manual section 2.8). */
function variable(name: string): string {
  return name.replace(/[-~_]/g, (character) => ({ "-": "_d", "~": "_t", _: "__" })[character] ?? "");
}
