// What an attack is: bytes for one connection that try to get what the edge refuses to a plain request.

export const KINDS = ["path", "host", "method", "header", "body", "framing", "HTTP/2"] as const;
export type Kind = (typeof KINDS)[number];

export interface Attack {
  readonly kind: Kind;
  /** The unusual part, as it is sent: `GET /admin%2fusers`. */
  readonly name: string;
  /** The bytes of the connection, the HTTP/2 preface included. `id` is the number that handlers and HAProxy's log show. */
  readonly bytes: (id: string) => Buffer;
  /** It breaks through as soon as HAProxy hands it to a server, whatever the server makes of it. */
  readonly neverForwarded?: true;
  /** It may reach the application: a documented limit of the edge (docs/concepts/security.md). It is counted separately. */
  readonly leftToApplication?: Limit;
}

/**
 * Trailers that frame a message or name its host. Where HAProxy forwards trailers, aiohttp adds these to the next request of the connection,
 * so the result appears at another attack, or nowhere (docs/concepts/security.md). Sent to versions that drop trailers.
 */
export function withoutFramingTrailers(attacks: readonly Attack[], branch: string): readonly Attack[] {
  const { before = "" } = TRAILERS;
  return branch < before ? attacks.filter((attack) => !hasFramingTrailer(attack)) : attacks;
}

function hasFramingTrailer({ kind, name, bytes }: Attack): boolean {
  if (kind === "HTTP/2") return / trailer/.test(name) && !/^te:|identity/.test(name);
  return /\r\n0+\r\n([^\r\n]+\r\n)*?(content-length|transfer-encoding|host|connection)/i.test(
    bytes("n000000").toString("latin1"),
  );
}

export interface Limit {
  readonly what: string;
  /** Only on HAProxy before this branch. */
  readonly before?: string;
}

/** HAProxy 2.6 accepts a NUL in a header, and looks a host up as far as the NUL. */
export const NUL_IN_HOST: Limit = { what: "NUL in Host", before: "3.0" };

/** In trailers that claim to know the client: some servers add them to their request, aiohttp to the next one of the connection. */
export const TRAILER_ADDRESS = "6.6.6.7";

/** HAProxy forwards trailers before `option http-drop-request-trailers`, and some servers add them to the headers. */
export const TRAILERS: Limit = { what: "trailers", before: "3.2" };

/** An HTTP/1 request; texts are bytes (latin1). A `Host` and the number are added unless `headers` is given as text. */
export interface RequestParts {
  readonly method?: string;
  /** `CASE` in it is replaced by `case=ID`. */
  readonly target?: string;
  readonly version?: string;
  readonly host?: string;
  /** Lines with their ends. */
  readonly headers?: string;
  readonly body?: string;
}

export const APP_HOST = "app.example.com";
export const DENIED_HOST = "admin.example.com";
/** In every header value that claims to know the client. */
export const FORGED_ADDRESS = "6.6.6.6";

export function http1(id: string, parts: RequestParts): Buffer {
  const {
    method = "GET",
    target = "/any?CASE",
    version = "HTTP/1.1",
    host = `Host: ${APP_HOST}\r\n`,
  } = parts;
  const headers = `${host}Connection: close\r\nX-Case: ${id}\r\n${parts.headers ?? ""}`;
  return bytesOf(`${method} ${target} ${version}\r\n${headers}\r\n${parts.body ?? ""}`, id);
}

/** `CASE` becomes the query that identifies the attack, `SMUGGLED` a complete request that must not be run. */
export function bytesOf(text: string, id: string): Buffer {
  return Buffer.from(text.replaceAll("SMUGGLED", SMUGGLED).replaceAll("CASE", `case=${id}`), "latin1");
}

/** Not for HAProxy's eyes: where a server runs it, it was hidden in another request. Its number differs from that of its attack. */
export const SMUGGLED = `GET /admin/users?smuggled=yes&CASE HTTP/1.1\r\nHost: ${APP_HOST}\r\n\r\n`;

/** Bytes that terminals do not show are written as `\xNN`. */
export function visible(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, "0")}`);
}
