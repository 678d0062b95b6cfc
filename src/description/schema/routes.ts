// Sites and routes: which requests are meant, and what becomes of them.
import { z } from "zod";
import { parseHostPattern } from "../host.ts";

import { regexProblem } from "../regex.ts";
import {
  backendName,
  bodyLimit,
  duration,
  headerName,
  headerValue,
  line,
  method,
  network,
  port,
  queryName,
  retries,
  routeName,
  wholeText,
} from "./fields.ts";

function checked(check: (value: string) => string | undefined) {
  return line.superRefine((value, context) => {
    const message = check(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
}

const regex = checked(regexProblem);
const hostPattern = checked((value) => problemOf(parseHostPattern(value)));
export const exactHost = checked((value) => {
  const outcome = parseHostPattern(value);
  if ("problem" in outcome) return outcome.problem;
  return outcome.host.kind === "exact" ? undefined : "one host name, without wildcard";
});
/** A name, or the names one label below another, as a certificate has them. */
export const certificateHost = checked((value) => {
  const outcome = parseHostPattern(value);
  if ("problem" in outcome) return outcome.problem;
  return outcome.host.kind === "any" ? "no certificate is for every host; write its names" : undefined;
});
const path = line.min(1, "an empty path; write / for all");

function problemOf(outcome: object): string | undefined {
  return "problem" in outcome ? String(outcome.problem) : undefined;
}

const pathMatch = z
  .union([
    path.describe("A prefix by whole segments: /v2 matches /v2 and /v2/x, not /v2x."),
    z.strictObject({ prefix: path.describe("A prefix by whole segments.") }),
    z.strictObject({ exact: path.describe("This path and no other.") }),
    z.strictObject({
      regex: regex.describe(
        "A regular expression (PCRE) found anywhere in the path; anchor it with ^ and $.",
      ),
    }),
  ])
  .describe("Which paths: a prefix by whole segments, { exact }, or { regex }. Default: every path.");

const value = z.union([
  headerValue,
  z.strictObject({ exact: headerValue.describe("This value, byte for byte.") }),
  z.strictObject({ present: z.literal(true).describe("Any value, also an empty one.") }),
  z.strictObject({ regex: regex.describe("A regular expression found anywhere in the value.") }),
]);

const redirect = z
  .strictObject({
    to: line.optional().describe("The whole location, sent as it is written: https://www.example.com/."),
    scheme: z.enum(["http", "https"]).optional().describe("Another scheme; host, path and query stay."),
    host: exactHost.optional().describe("Another host."),
    port: port
      .optional()
      .describe(
        "Another port; needs host or scheme. Default: the load balancer's port for the scheme. 80 with http and 443 with https are left out of the location.",
      ),
    path: path.optional().describe("Another path instead of the whole; the query stays."),
    prefix: path
      .optional()
      .describe("Replaces the prefix that the route matched; what follows it and the query stay."),
    status: z
      .union([z.literal(301), z.literal(302), z.literal(303), z.literal(307), z.literal(308)], {
        error: "a redirect's status is 301, 302, 303, 307 or 308",
      })
      .optional()
      .describe("Default 302; 301 and 308 are kept by browsers for good."),
  })
  .describe("Answer with a redirect.");

const respond = z
  .strictObject({
    status: z
      .int({ error: "a status is a whole number" })
      .min(200, "a final status is 200 to 599")
      .max(599, "a final status is 200 to 599")
      .describe("The status of the answer."),
    body: wholeText
      .max(8192, "longer than 8192 characters; a larger body belongs to a backend")
      .optional()
      .describe("The body, byte for byte."),
    contentType: headerValue.optional().describe("Default text/plain; charset=utf-8."),
  })
  .describe("Answer without a backend.");

const headerEdits = z.strictObject({
  set: z.record(headerName, headerValue).optional().describe("Replaces every header of that name."),
  add: z.record(headerName, headerValue).optional().describe("Adds one more."),
  remove: z.array(headerName).optional().describe("Removes every header of that name."),
});

const weights = z.record(
  backendName,
  z
    .int({ error: "a weight is a whole number" })
    .min(0, "a weight below zero means nothing; 0 sends no request there")
    .max(1000, "a weight is 1000 at most"),
);

export const route = z
  .strictObject({
    name: routeName.optional().describe("A name for logs and accounts; default: made of host and path."),
    path: pathMatch.optional(),
    method: z
      .union([method, z.array(method).min(1, "no method at all matches nothing")])
      .optional()
      .describe("One method or several."),
    header: z
      .record(headerName, value)
      .optional()
      .describe(
        "Headers that must be there: a value, { present: true } or { regex }. Of a repeated header the last line counts, whole.",
      ),
    query: z
      .record(queryName, value)
      .optional()
      .describe("Query parameters that must be there, decoded; of a repeated one the first counts."),
    to: z
      .union([backendName, weights])
      .optional()
      .describe("A backend's name, or several with their weights: { app: 90, app-next: 10 }."),
    redirect: redirect.optional(),
    respond: respond.optional(),
    rewrite: z
      .strictObject({
        host: exactHost.optional().describe("The Host header that the backend sees."),
        path: path
          .optional()
          .describe("The path that the backend sees, instead of the whole; the query stays."),
        prefix: path.optional().describe("Replaces the prefix that the route matched."),
      })
      .optional()
      .describe("What the backend sees instead."),
    requestHeaders: headerEdits.optional().describe("Changes to the request's headers."),
    responseHeaders: headerEdits.optional().describe("Changes to the response's headers."),
    timeouts: z
      .strictObject({
        server: duration.optional().describe("How long the backend may think."),
        tunnel: duration.optional().describe("How long a WebSocket may be silent."),
      })
      .optional()
      .describe("Instead of the backend's own."),
    retries: retries
      .optional()
      .describe("How often a failed connection is tried again, instead of the backend's own."),
    websocket: z
      .literal(true)
      .optional()
      .describe(
        "WebSocket handshakes on this route are passed on, and the connection may then be idle for an hour, or for timeouts.tunnel. On other routes HAProxy removes Upgrade, and a handshake is a plain request.",
      ),
    allow: z
      .array(network)
      .min(1, "an empty list lets nobody in; leave it out, or deny 0.0.0.0/0")
      .optional()
      .describe("Only these client addresses; others get 403."),
    deny: z
      .array(network)
      .min(1, "an empty list denies nobody; leave it out")
      .optional()
      .describe("Not these client addresses; they get 403."),
    maxBody: bodyLimit
      .optional()
      .describe(
        "Requests with a larger body get 413, those with a body of unknown length 411. Not on redirects.",
      ),
  })
  .describe("Which requests, and what becomes of them: `to`, `redirect` or `respond`.");

export const site = z
  .strictObject({
    host: z
      .union([hostPattern, z.array(hostPattern).min(1, "a site without hosts gets no request")])
      .describe(
        "A host name, *.example.com for every name under it, * for every other host, or a list of them.",
      ),
    through: z
      .array(z.enum(["public", "internal"]))
      .min(1, "through no entrance no request comes")
      .optional()
      .describe("Which entrances serve this site. Default: all there are."),
    hsts: z
      .strictObject({
        maxAge: duration.describe("How long browsers insist on HTTPS."),
        includeSubDomains: z
          .boolean()
          .optional()
          .describe("Also for every name under this host. Default false."),
        preload: z
          .boolean()
          .optional()
          .describe("Consent to the browsers' built-in lists; hard to take back. Default false."),
      })
      .optional()
      .describe("Strict-Transport-Security (RFC 6797) on every HTTPS response of this site."),
    ambiguousPaths: z
      .enum(["refuse", "allow"])
      .optional()
      .describe(
        "What happens to a path that servers read as another path: with an encoded slash (%2F), a backslash, a semicolon, an encoded control character or a double encoding (%252F). refuse answers 400. Default: refuse where a route of the site restricts requests (allow, deny, maxBody, method, or an error response), allow elsewhere.",
      ),
    redirect: redirect
      .optional()
      .describe("Every request of this site gets this redirect; instead of routes."),
    routes: z
      .array(route)
      .min(1, "a site without routes answers 404 to everything")
      .optional()
      .describe("In any order: the more specific wins."),
  })
  .describe("Host names, and what is served under them.");
