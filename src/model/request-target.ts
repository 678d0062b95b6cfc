// A request-target as the edge reads it: the path in its normal form and the query as sent, or the reason for a 400.

export interface Target {
  /** What precedes the path, as sent: `http://a.test` of a URL; the whole target without a path (`*`, or `a.test:443` of CONNECT). */
  readonly origin: string;
  readonly path: string;
  /** What follows the ?, or null without one. */
  readonly query: string | null;
}

type Outcome = Target | { readonly problem: string };

/**
 * RFC 9112 section 3.2: a path; an http or https URL; `*` of OPTIONS; host and port of CONNECT. The path by RFC 3986
 * section 6.2.2; the query byte for byte. `as-is` changes nothing.
 */
export function readTarget(raw: string, paths: "normal" | "as-is", method = "GET"): Outcome {
  if (/[^\x21-\x7e]/.test(raw)) return { problem: "a request-target is printable ASCII without spaces" };
  if (raw.includes("#")) return { problem: "a request-target must not have a fragment" };
  if (method === "CONNECT") return readAuthority(raw);
  if (raw === "*" && method === "OPTIONS") return { origin: raw, path: "", query: null };
  if (raw === "*") return { problem: "the request-target * is for OPTIONS only" };
  const split = splitTarget(raw);
  return "problem" in split || paths === "as-is" ? split : normal(split);
}

export function printTarget(target: Target): string {
  return `${target.origin}${printPathAndQuery(target)}`;
}

export function printPathAndQuery({ path, query }: Target): string {
  return query === null ? path : `${path}?${query}`;
}

/** The host and port of a URL; undefined: the target is not a URL. */
export function authorityOf({ origin }: Target): string | undefined {
  return /^\w+:\/\/(.*)$/.exec(origin)?.[1];
}

function readAuthority(raw: string): Outcome {
  if (/^[^/?@]+:\d+$/.test(raw)) return { origin: raw, path: "", query: null };
  return { problem: "the request-target of CONNECT is a host and a port" };
}

/** A URL without a path means / (RFC 9110 section 4.2.3). */
function splitTarget(raw: string): Outcome {
  const [, origin = "", path = "", query] = /^([^/?]*:\/\/[^/?]*)?([^?]*)(?:\?(.*))?$/s.exec(raw) ?? [];
  const problem = origin === "" ? undefined : originProblem(origin);
  if (problem !== undefined) return { problem };
  if (origin !== "" && path === "" && query === undefined) return { origin, path: "/", query: null };
  if (!path.startsWith("/")) return { problem: "the request-target is neither a path nor a URL with one" };
  return { origin, path, query: query ?? null };
}

function originProblem(origin: string): string | undefined {
  const [scheme = "", authority = ""] = origin.split("://");
  if (!/^https?$/i.test(scheme)) return "the URL in the request-target is neither http nor https";
  if (authority === "") return "the URL in the request-target has no host";
  return authority.includes("@") ? "the URL in the request-target has a user name" : undefined;
}

function normal({ origin, path, query }: Target): Outcome {
  if (/%(?![0-9a-fA-F]{2})/.test(path)) return { problem: "the path has a % without two hexadecimal digits" };
  if (path.includes("%00")) return { problem: "the path has an encoded NUL" };
  const decoded = path.replace(/%[0-9a-fA-F]{2}/g, (encoded) => {
    const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
  });
  return { origin, path: withoutDots(decoded.replace(/\/+/g, "/")), query };
}

/** `/a/./b/../c` → `/a/c`; the parent of the root is the root. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.slice(1).split("/");
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    if (last && (segment === "." || segment === "..")) kept.push("");
  }
  return `/${kept.join("/")}`;
}

/** `/api/x` with `/api` replaced by `/v1` is `/v1/x`; by `/` it is `/x`. */
export function replacePrefix(path: string, prefix: string, by: string): string {
  const rest = prefix === "/" ? path : path.slice(prefix.length);
  const front = by.replace(/\/$/, "");
  return `${front}${rest}` === "" || (front === "" && !rest.startsWith("/")) ? `/${rest}` : `${front}${rest}`;
}
