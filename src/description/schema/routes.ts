// Sites and routes: matches and actions.
import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { HEADER_PRESETS } from "../header-presets.ts";
import { parseHostPattern } from "../host.ts";
import { parseMessageText, REQUEST_VALUES } from "../message-text.ts";
import { regexProblem } from "../regex.ts";
import {
  backendName,
  bodyLimit,
  duration,
  headerName,
  headerValue,
  keys,
  line,
  method,
  network,
  optional,
  port,
  queryName,
  retries,
  routeName,
  UNWRITABLE,
  wholeText,
} from "./fields.ts";

function checked(check: (value: string) => string | undefined) {
  return line.superRefine((value, context) => {
    const message = check(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

const regex = checked(regexProblem).meta({ shape: "^[\\x20-\\x7e]+$", examples: ["^/v[0-9]+/"] });
/** Of a host name in the JSON Schema; international names are longer in their ASCII form. */
const HOST = `(?![-.])(?!.*\\.\\.)(?!.*[^.]{64})[^${UNWRITABLE}\\s*/:?#@%\\\\\\[\\]]{1,254}`;
const hostPattern = checked((value) => problemOf(parseHostPattern(value))).meta({
  shape: `^(\\*|(\\*\\.)?${HOST})$`,
  examples: ["www.example.com", "*.example.com", "*"],
});
export const exactHost = checked((value) => {
  const outcome = parseHostPattern(value);
  if ("problem" in outcome) return outcome.problem;
  return outcome.host.kind === "exact" ? undefined : "write one host name, without a wildcard";
}).meta({ shape: `^${HOST}$`, examples: ["www.example.com"] });
/** A host name, or a wildcard for one label, as in a certificate. */
export const certificateHost = checked((value) => {
  const outcome = parseHostPattern(value);
  if ("problem" in outcome) return outcome.problem;
  return outcome.host.kind === "any" ? "a certificate cannot cover every host; write its names" : undefined;
}).meta({ shape: `^(\\*\\.)?${HOST}$`, examples: ["www.example.com", "*.example.com"] });
const path = line.min(1, "the path is empty; write / for all paths").meta({
  shape: `^/[^${UNWRITABLE}?#]*$`,
  examples: ["/api"],
});

function problemOf(outcome: object): string | undefined {
  return "problem" in outcome ? String(outcome.problem) : undefined;
}

export const pathMatch = z
  .union([
    path.describe("A prefix of whole path segments: /v2 matches /v2 and /v2/x, not /v2x."),
    z.strictObject({ prefix: path.describe("A prefix of whole path segments.") }),
    z.strictObject({ exact: path.describe("The whole path.") }),
    z.strictObject({
      regex: regex.describe(
        "A regular expression (PCRE) that may match anywhere in the path; anchor it with ^ and $.",
      ),
    }),
  ])
  .describe("The paths that match: a prefix of whole segments, { exact } or { regex }. Default: all paths.");

const value = z.union([
  headerValue,
  z.strictObject({ exact: headerValue.describe("The exact value.") }),
  z.strictObject({ present: z.literal(true).describe("Matches any value, including an empty one.") }),
  z.strictObject({ regex: regex.describe("A regular expression that may match anywhere in the value.") }),
]);

const redirect = z
  .strictObject({
    to: optional(line, "The whole Location header, as in https://www.example.com/. It is sent verbatim."),
    scheme: optional(z.enum(["http", "https"]), "A new scheme; host, path and query are kept."),
    host: optional(exactHost, "A new host name."),
    port: optional(
      port,
      "A new port; requires `host` or `scheme`. Ports 80 with http and 443 with https are omitted from the location. Default: the port of the load balancer for the scheme.",
    ),
    path: optional(path, "A new path that replaces the whole path; the query is kept."),
    prefix: optional(
      path,
      "Replaces the prefix that the route matched; the rest of the path and the query are kept.",
    ),
    status: optional(
      z.union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)], {
        error: "the status of a redirect is 301, 302, 303, 307 or 308",
      }),
      "The status of the redirect. Browsers cache 301 and 308 permanently.",
      DEFAULTS.redirect.status,
    ),
  })
  .meta({
    oneOf: [keys(["to"]), { anyOf: ["scheme", "host", "port", "path", "prefix"].map((key) => keys([key])) }],
    dependentSchemas: { port: { anyOf: [keys(["host"]), keys(["scheme"])] } },
    not: keys(["path", "prefix"]),
  })
  .describe("Respond with a redirect.");

const respond = z
  .strictObject({
    status: z
      .int({ error: "a status is a whole number" })
      .min(200, "a final status is 200 to 599")
      .max(599, "a final status is 200 to 599")
      .describe("The status of the response."),
    body: optional(
      wholeText.max(8192, "longer than 8192 characters; serve larger bodies from a backend"),
      "The body, sent verbatim. Default: empty.",
    ),
    contentType: optional(
      headerValue,
      `The Content-Type of the body. Default: ${DEFAULTS.respond.contentType}.`,
    ),
  })
  .describe("Respond without a backend.");

/** No brace but those of a value and `{{`. */
const VALUE = `(?:${REQUEST_VALUES.map((name) => name.replaceAll(".", "\\.")).join("|")}|header\\.[A-Za-z0-9_-]{1,128})`;
const writtenHeader = headerValue
  .superRefine((text, context) => {
    const outcome = parseMessageText(text);
    if ("problem" in outcome) context.addIssue({ code: "custom", message: outcome.problem });
  })
  .meta({
    shape: `^(?!\\s)(?:[^${UNWRITABLE}{]|\\{\\{|\\{${VALUE}\\})*(?<!\\s)$`,
    examples: ["no-store", "{client.ip}"],
  });

export const headerEdits = z.strictObject({
  set: optional(
    z.record(headerName, writtenHeader),
    "Headers to set: each replaces all headers of that name. Values may contain values of the request, such as {client.ip} (docs/concepts/routing.md); `{{` is a literal `{`.",
  ),
  add: optional(z.record(headerName, writtenHeader), "Headers to add to those of the same name."),
  setIfAbsent: optional(
    z.record(headerName, writtenHeader),
    "Headers to set only if the message has none of that name after all other changes.",
  ),
  remove: optional(z.array(headerName), "Names of headers to remove."),
});

export const responseHeaderEdits = headerEdits.extend({
  preset: optional(
    z.enum([...Object.keys(HEADER_PRESETS), "none"] as (keyof typeof HEADER_PRESETS | "none")[]),
    "Security headers, each set only if the response has none of that name: the values of the OWASP Secure Headers Project at that date, or a basic set; both are listed in docs/concepts/routing.md. It replaces the preset of the site or the edge; `none` removes it.",
  ),
  responsesFrom: optional(
    z.enum(["all", "servers"]),
    "Which responses these changes apply to: `all`, including those of HAProxy itself such as redirects and errors, or `servers`, only those that a server sent.",
    "all",
  ),
});

/** Where the entrance redirects plain HTTP. */
const plainHttp = z.enum(["redirect", "serve"]);

const weights = z.record(
  backendName,
  z
    .int({ error: "a weight is a whole number" })
    .min(0, "a weight is 0 to 1000; 0 sends no requests to the backend")
    .max(1000, "a weight is 0 to 1000"),
);

export const route = z
  .strictObject({
    name: optional(
      routeName,
      "The name of the route in logs and `portico explain`. Default: from host and path.",
    ),
    path: pathMatch.optional(),
    method: optional(
      z.union([
        method,
        z.array(method).min(1, "the list of methods is empty; leave it out to match all methods"),
      ]),
      "The methods that match, one or a list. Default: all methods.",
    ),
    header: optional(
      z.record(headerName, value),
      "Headers that must match: a value, { present: true } or { regex }. If a header is repeated, the last line is compared as a whole.",
    ),
    query: optional(
      z.record(queryName, value),
      "Query parameters that must match, decoded. Of a repeated one, the first is compared.",
    ),
    to: optional(
      z.union([backendName, weights]),
      "The name of a backend, or several names with weights: { app: 90, app-next: 10 }.",
    ),
    redirect: redirect.optional(),
    respond: respond.optional(),
    rewrite: optional(
      z
        .strictObject({
          host: optional(exactHost, "The Host header that the backend receives."),
          path: optional(
            path,
            "The path that the backend receives instead of the whole path; the query is kept.",
          ),
          prefix: optional(path, "Replaces the prefix that the route matched."),
        })
        .meta({ not: keys(["path", "prefix"]) }),
      "Changes to the host and path that the backend receives.",
    ),
    requestHeaders: optional(headerEdits, "Changes to the request headers."),
    responseHeaders: optional(responseHeaderEdits, "Changes to the response headers."),
    timeouts: optional(
      z.strictObject({
        server: optional(
          duration,
          "The maximum time until the response begins, and between two parts of it.",
        ),
        tunnel: optional(duration, "The idle timeout of a WebSocket."),
      }),
      "The timeouts of this route, instead of those of the backend.",
    ),
    retries: optional(
      retries,
      "How often HAProxy retries a failed connection, instead of the number of the backend.",
    ),
    websocket: optional(
      z.literal(true),
      "Whether WebSocket handshakes on this route are forwarded. The connection may then be idle for one hour, or for `timeouts.tunnel`. On other routes HAProxy removes the Upgrade header, so that a handshake is an ordinary request.",
    ),
    plainHttp: optional(
      plainHttp,
      "Whether plain HTTP requests on this route are served although the entrance redirects them to HTTPS, as for ACME HTTP-01 challenges. Default: as the site.",
    ),
    allow: optional(
      z
        .array(network)
        .min(1, "the list is empty: every request would get 403; leave it out, or deny 0.0.0.0/0"),
      "The client addresses and networks that are allowed; other clients get 403. Default: all.",
    ),
    deny: optional(
      z.array(network).min(1, "the list is empty; leave it out"),
      "The client addresses and networks that get 403. Default: none.",
    ),
    maxBody: optional(
      bodyLimit,
      "The maximum size of the request body: requests with a larger body get 413, those with a body of unknown length 411. Does not apply to redirects. Default: `limits.maxBody`.",
    ),
  })
  .meta({ oneOf: [keys(["to"]), keys(["redirect"]), keys(["respond"])] })
  .describe("A match and its action, which is `to`, `redirect` or `respond`.");

export const site = z
  .strictObject({
    host: z
      .union([hostPattern, z.array(hostPattern).min(1, "the list of hosts is empty")])
      .describe("A host name, `*.example.com` for names under it, `*` for other hosts, or a list."),
    through: optional(
      z.array(z.enum(["public", "internal"])).min(1, "the list of entrances is empty"),
      "The entrances that serve this site. Default: all.",
    ),
    hsts: optional(
      z.strictObject({
        maxAge: duration.describe("How long browsers use HTTPS only."),
        includeSubDomains: optional(
          z.boolean(),
          "Whether HSTS also applies to all names under this host.",
          false,
        ),
        preload: optional(
          z.boolean(),
          "Whether the host may be added to the preload lists of browsers, from which it is hard to remove.",
          false,
        ),
      }),
      "Strict-Transport-Security (RFC 6797) on every HTTPS response. Default: none.",
    ),
    ambiguousPaths: optional(
      z.enum(["refuse", "allow"]),
      "What happens to a path that servers may interpret as another path: with an encoded slash (%2F), a backslash, a semicolon, an encoded control character or double encoding (%252F). `refuse` responds with 400. Default: refuse if a route of the site restricts requests (`allow`, `deny`, `maxBody`, `method`, or an error response), otherwise allow.",
    ),
    plainHttp: optional(
      plainHttp,
      "Whether plain HTTP requests for this site are served although the entrance redirects them to HTTPS. Routes can override it. Default: redirect.",
    ),
    requestHeaders: optional(
      headerEdits,
      "Changes to the request headers on every route of this site, after those of the edge and before those of the route.",
    ),
    responseHeaders: optional(
      responseHeaderEdits,
      "Changes to the response headers on every route of this site, after those of the edge and before those of the route.",
    ),
    redirect: optional(redirect, "A redirect for all requests of this site; instead of `routes`."),
    routes: optional(
      z.array(route).min(1, "without routes every request gets 404; list at least one"),
      "The routes, in any order: the most specific match wins.",
    ),
  })
  .meta({ oneOf: [keys(["routes"]), keys(["redirect"])] })
  .describe("Host names with their routes.");
