// Handling of a request target before routing: refused, or its path normalised.
import { AMBIGUOUS_PATTERN } from "../../plan/ambiguous-paths.ts";
import { partOf } from "../../plan/places.ts";
import type { Plan } from "../../plan/plan.ts";
import { deny, type HaproxyContext, oneOf, routeWord } from "./context.ts";
import { type Group, group, line, word } from "./writing.ts";

/** Without `%`, `;`, `\`, `//`, a segment that begins with a dot, and bytes beyond ASCII, which HTTP/2 lets pass. */
const SEGMENT = "[^%/.;\\\\?\\x80-\\xff][^%/;\\\\?\\x80-\\xff]*";
const IS_NORMAL = `^(https?://[^/?@]+)?/(${SEGMENT}/)*(${SEGMENT})?([?]|$)`;
const HAS_PATH = "^((?i:https?)://[^/?@]+)?/";
/** Behind the method. RFC 9112 section 3.2; HTTP/2 shows as a URL. A URL without a path means `/`. */
const TARGETS = [
  "OPTIONS [*]$",
  "CONNECT [^/?@]+$",
  "[^ ]+ ((?i:https?)://[^/?@]+)?/",
  "[^ ]+ (?i:https?)://[^/?@]+$",
];
const NO_TARGET = `^(?!${TARGETS.join("|")})`;
const BAD_PATH = "^[^ ]+ [^?]*(%00|[\\x80-\\xff])";

/**
 * Nearly every request has a path in its normal form: one regular expression on the target costs less than looking for the rest one by one. Versions
 * differ in what they refuse by themselves: 2.6 takes `app.example.com/admin`, and all take `ftp://`.
 */
export function targetGroup(plan: Plan): Group {
  const part = partOf(plan, "paths");
  const odd = (usual: string) =>
    line(`http-request set-var-fmt(txn.odd) "%[method] %[url]" if !{ url -m reg ${word(usual)} }`);
  const refused = (pattern: string) => deny(400, [`{ var(txn.odd) -m reg ${word(pattern)} }`]);
  if (plan.paths === "as-is") {
    const because = "allowed request targets: a path, an http or https URL, OPTIONS *, CONNECT host:port";
    return group({ because, ...part }, [
      odd(HAS_PATH),
      refused(NO_TARGET),
      line("http-request set-pathq / if { var(txn.odd) -m sub / }", "a URL without a path becomes /"),
    ]);
  }
  return group({ because: "normalizes the path (RFC 3986, 6.2.2); 400 if it has no normal form", ...part }, [
    odd(IS_NORMAL),
    refused(`${BAD_PATH}|${NO_TARGET}`),
    ...normalForm(),
  ]);
}

/** Slashes, and segments that are one dot, also an encoded one. */
const ONE_SLASH = 'regsub("%2[eE]",".",g),regsub("(/[.]?)+(/|$)","/",g)';

/**
 * Manual section 4.2, http-request normalize-uri. The percent normalizers rewrite the query too, so it is removed first and appended again afterwards,
 * byte for byte. They are strict: with a condition and without `strict`, 2.6 and 3.0 do nothing. Converters instead of two more normalizers, because
 * each line costs every request its condition. `OPTIONS *` and CONNECT have no slash, and no path.
 */
function normalForm() {
  const hasPath = "if { var(txn.odd) -m sub / }";
  const path = word(`/%[path,${ONE_SLASH},regsub("^/","")]`);
  return [
    line(`http-request set-pathq ${path} ${hasPath}`, "without the query; a URL without a path becomes /"),
    line(`http-request normalize-uri percent-to-uppercase strict ${hasPath}`),
    line(`http-request normalize-uri percent-decode-unreserved strict ${hasPath}`),
    line(`http-request normalize-uri path-strip-dotdot full ${hasPath}`),
    line("http-request set-pathq %[path]?%[var(txn.odd),field(2,?,0)] if { var(txn.odd) -m sub ? }"),
  ];
}

/** After the site is known, and before the path leads to a route. */
export function ambiguousGroup(context: HaproxyContext): Group {
  const { sites, paths } = context.plan;
  const refusing = sites.filter(({ ambiguousPaths }) => ambiguousPaths.value === "refuse");
  if (refusing.length === 0) return [];
  const names = refusing.map(({ name }) => name);
  const conditions = [
    ...(paths === "as-is" ? [] : ["{ var(txn.odd) -m found }"]),
    `{ path -i -m reg ${word(AMBIGUOUS_PATTERN)} }`,
    refusing.length === sites.length
      ? "{ var(txn.site) -m found }"
      : oneOf(context, "var(txn.site)", names, "ambiguous-paths"),
  ];
  const because = "paths that servers can read differently, where routes restrict paths";
  return group({ because, at: refusing.find(({ ambiguousPaths: { at } }) => at)?.ambiguousPaths.at }, [
    deny(400, conditions),
  ]);
}

/** A 2xx answer to CONNECT makes a tunnel of the connection, past every rule (RFC 9110 section 9.3.6). */
export function connectGroup(context: HaproxyContext): Group {
  const taken = context.plan.sites
    .flatMap(({ routes }) => routes)
    .filter(({ match }) => match.methods.includes("CONNECT"));
  const ids = taken.map(({ id }) => id);
  const other = ids.length === 0 ? "" : `!${oneOf(context, routeWord(context, "id"), ids, "connect-routes")}`;
  return [
    deny(405, ["{ var(txn.odd) -m beg 'CONNECT ' }", other], "CONNECT would open a tunnel past all rules"),
  ];
}
