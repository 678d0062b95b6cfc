// Lowering of actions: a request is forwarded to backends, redirected, responded to, its path rewritten.
import type { z } from "zod";
import { DEFAULTS } from "../description/defaults.ts";
import { asciiUrl, canBeSent, parseHostName } from "../description/host.ts";
import type { route as routeSchema } from "../description/schema/routes.ts";
import { type DescriptionPath, type Lowering, suggestion } from "./lowering.ts";
import { normalPath } from "./normal-path.ts";
import { variantName } from "./proxy-names.ts";
import type { PathMatch, PathRewrite, RedirectPlan, RouteAction, Share } from "./site-plan.ts";

type Route = z.output<typeof routeSchema>;
type Redirect = NonNullable<Route["redirect"]>;

/** Shares are drawn from a table with this many lines at most. */
const MOST_PARTS = 1000;

export function lowerAction(
  lowering: Lowering,
  route: Route,
  match: PathMatch,
  path: DescriptionPath,
): RouteAction {
  const given = (["to", "redirect", "respond"] as const).filter((key) => route[key] !== undefined);
  const [, second] = given;
  if (given.length !== 1)
    lowering.report({
      code: "invalid-route-action",
      what:
        given.length === 0
          ? "the route has no action"
          : `the route has ${given.length} actions: ${given.join(", ")}`,
      why: "A route has exactly one action.",
      remedy: given.length === 0 ? "Add `to`, `redirect` or `respond`." : "Keep one of them.",
      path: second === undefined ? path : [...path, second],
      key: second !== undefined,
    });
  if (route.to !== undefined)
    return { kind: "forward", to: lowerShares(lowering, route.to, route.retries, [...path, "to"]) };
  if (route.redirect !== undefined)
    return {
      kind: "redirect",
      redirect: lowerRedirect(lowering, route.redirect, match, [...path, "redirect"]),
    };
  return lowerResponse(lowering, route.respond, [...path, "respond"]);
}

/** RFC 9110 sections 15.3.5 and 15.4.5. */
const BODILESS = [204, 205, 304];

function lowerResponse(lowering: Lowering, respond: Route["respond"], path: DescriptionPath): RouteAction {
  const { status = 404, body = "", contentType = DEFAULTS.respond.contentType } = respond ?? {};
  if (body !== "" && BODILESS.includes(status))
    lowering.report({
      code: "response-body-not-allowed",
      what: `a response with status ${status} cannot have a body`,
      why: "A client would read the body as the start of the next response, and HAProxy refuses to send it.",
      remedy: "Remove `body`, or use another status.",
      path: [...path, "body"],
    });
  if (contentType === "")
    lowering.report({
      code: "content-type-empty",
      what: "the content type of the response is empty",
      why: "Clients would guess what the body is.",
      remedy: "Write a media type, such as `text/html`, or remove `contentType`.",
      path: [...path, "contentType"],
    });
  return { kind: "respond", status, contentType, body };
}

function lowerShares(
  lowering: Lowering,
  to: string | Readonly<Record<string, number>>,
  retries: number | undefined,
  path: DescriptionPath,
): readonly Share[] {
  const weights = typeof to === "string" ? { [to]: 1 } : to;
  const known = Object.keys(lowering.edge.backends ?? {});
  for (const name of Object.keys(weights)) {
    if (Object.hasOwn(lowering.edge.backends ?? {}, name)) continue;
    lowering.report({
      code: "unknown-backend",
      what: `there is no backend \`${name}\``,
      why: "The requests of the route would have no destination.",
      remedy: `${suggestion(name, known)} A new backend is described under \`backends\`.`.trim(),
      path: typeof to === "string" ? path : [...path, name],
      key: typeof to !== "string",
    });
  }
  const shares = Object.entries(weights).map(([name, weight]) => ({
    backend: sectionOf(lowering, name, retries),
    weight,
  }));
  return reduced(lowering, shares, path);
}

/** HAProxy counts retries per backend section: a route with its own number needs its own section. */
function sectionOf({ edge }: Lowering, backend: string, retries: number | undefined): string {
  const own = edge.backends?.[backend]?.retries ?? DEFAULTS.backend.retries;
  if (retries === undefined || retries === own) return backend;
  return variantName(new Set(Object.keys(edge.backends ?? {})), backend, retries);
}

function reduced(lowering: Lowering, shares: readonly Share[], path: DescriptionPath): readonly Share[] {
  const sum = shares.reduce((total, { weight }) => total + weight, 0);
  if (sum === 0) {
    lowering.report({
      code: "all-weights-zero",
      what: "all weights of the route are 0",
      why: "No backend would get requests of this route.",
      remedy: "Give at least one backend a weight above 0.",
      path,
    });
    return shares.map((share) => ({ ...share, weight: 1 }));
  }
  const divisor = shares.reduce((common, { weight }) => greatestCommonDivisor(common, weight), 0);
  const parts = shares.map(({ backend, weight }) => ({ backend, weight: weight / divisor }));
  if (sum / divisor <= MOST_PARTS) return parts;
  lowering.report({
    code: "weight-sum-too-large",
    what: `the weights add up to ${sum / divisor} shares`,
    why: `HAProxy distributes requests by a table with one line per share, at most ${MOST_PARTS} lines.`,
    remedy: "Write weights with a smaller sum, such as percentages.",
    path,
  });
  return parts;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

export function lowerRedirect(
  lowering: Lowering,
  redirect: Redirect,
  match: PathMatch,
  path: DescriptionPath,
): RedirectPlan {
  const parts = (["scheme", "host", "port", "path", "prefix"] as const).filter(
    (key) => redirect[key] !== undefined,
  );
  const report = (what: string, why: string, remedy: string, at = path) =>
    lowering.report({ code: "invalid-redirect", what, why, remedy, path: at });
  if (redirect.to === undefined && parts.length === 0)
    report(
      "the redirect changes nothing",
      "The client would be redirected to the same URL, in a loop.",
      "Write `to`, or at least one of `scheme`, `host`, `port`, `path` and `prefix`.",
    );
  if (redirect.to !== undefined && parts.length > 0)
    report(
      `the redirect has both \`to\`, the whole location, and \`${parts[0]}\``,
      "Only one of the two can apply.",
      "Keep `to`, or the other fields.",
    );
  if (redirect.port !== undefined && redirect.host === undefined && redirect.scheme === undefined)
    report(
      "the redirect has a port, but neither a host nor a scheme",
      "A location with a port needs a scheme, and the site serves the path over both HTTP and HTTPS.",
      "Add `scheme` or `host`.",
      [...path, "port"],
    );
  return {
    status: redirect.status ?? DEFAULTS.redirect.status,
    location: redirect.to === undefined ? null : location(lowering, redirect.to, [...path, "to"]),
    scheme: redirect.scheme ?? null,
    host: lowerHostName(redirect.host),
    port: redirect.port ?? null,
    path: lowerPathRewrite(lowering, redirect, match, path),
  };
}

/** A host that the schema accepts, as it is sent. */
export function lowerHostName(host: string | undefined): string | null {
  if (host === undefined) return null;
  const outcome = parseHostName(host);
  return "name" in outcome ? outcome.name : null;
}

/** A location that is valid in a header: an absolute URL or an absolute path, in ASCII (RFC 9110 section 10.2.2). */
function location(lowering: Lowering, text: string, path: DescriptionPath): string {
  const authority = /^https?:\/\/([^\s/?#]+)([/?#]\S*)?$/.exec(text)?.[1];
  const isLocation =
    authority === undefined ? /^\/\S*$/.test(text) : canBeSent(authority) && !authority.includes("@");
  // Browsers treat a backslash as a slash: `/\host` is another host (URL standard, "path or authority state").
  const valid = isLocation && !text.includes("\\") && URL.canParse(text, "http://host");
  if (!valid)
    lowering.report({
      code: "invalid-location",
      what: `${JSON.stringify(text)} is not a valid location`,
      why: "Browsers would not follow the redirect, or would follow it to another URL.",
      remedy: "Write a whole URL (`https://www.example.com/`), or a path that begins with `/`.",
      path,
    });
  return asciiUrl(text);
}

export function lowerPathRewrite(
  lowering: Lowering,
  rewrite: { readonly path?: string | undefined; readonly prefix?: string | undefined } | undefined,
  match: PathMatch,
  path: DescriptionPath,
): PathRewrite | null {
  if (rewrite?.path !== undefined && rewrite.prefix !== undefined)
    lowering.report({
      code: "conflicting-rewrite",
      what: "the rewrite has both `path` and `prefix`",
      why: "`path` replaces the whole path and `prefix` a part of it: only one of them can apply.",
      remedy: "Keep one of them.",
      path: [...path, "prefix"],
      key: true,
    });
  if (rewrite?.path !== undefined)
    return { kind: "whole", value: normalPath(lowering, rewrite.path, [...path, "path"]) };
  if (rewrite?.prefix === undefined) return null;
  if (match.kind === "regex")
    lowering.report({
      code: "rewrite-without-prefix",
      what: "the route has a rewrite by `prefix`, and matches a regular expression instead of a prefix",
      why: "The part of the path to replace is not known.",
      remedy: "Match a prefix, or write `path` in the rewrite.",
      path: [...path, "prefix"],
    });
  return { kind: "prefix", value: normalPath(lowering, rewrite.prefix, [...path, "prefix"]) };
}
