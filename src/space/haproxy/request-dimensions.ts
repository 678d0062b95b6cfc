// The dimensions of a request that a client can send and of the server's answer, shared by all evaluators: equal ids must have equal universes.
import type { AddressDimension, ChoiceDimension, NumberDimension, TextDimension } from "../dimension.ts";

/** Printable ASCII without blank, `?` and `#`: HAProxy answers 400 to other bytes in a path. */
const PATH_BYTES = '[!-"$->@-~]';
/** Of a header or cookie: no comma, because each part of a list is a value of its own for HAProxy's `hdr()`. */
const VALUE_BYTES = "[!-+\\--~]";

/**
 * The Host header without its port. RFC 3986, 3.2.2, without empty labels, IP literals and a dot at the end. Requests without one
 * are allowed.
 */
export const HOST: TextDimension = {
  kind: "text",
  id: "host",
  optional: true,
  universe: "(?:[-!$%&'()*+;=_~0-9A-Za-z]+\\.)*[-!$%&'()*+;=_~0-9A-Za-z]+",
};

/** The digits behind the colon of the Host header. */
export const HOST_PORT: TextDimension = {
  kind: "text",
  id: "host-port",
  optional: true,
  universe: "[0-9]{1,5}",
};

/** Raw, without the query. */
export const PATH: TextDimension = { kind: "text", id: "path", optional: false, universe: `/${PATH_BYTES}*` };

/** Behind the first `?`, which may be the last character. */
export const QUERY: TextDimension = { kind: "text", id: "query", optional: true, universe: '[!-"$-~]*' };

export const METHOD: ChoiceDimension = { kind: "choice", id: "method", values: undefined };

export const CLIENT: AddressDimension = { kind: "address", id: "client" };

/** The announced length in bytes; absent: no Content-Length. */
export const BODY_LENGTH: NumberDimension = {
  kind: "number",
  id: "body-length",
  optional: true,
  from: 0,
  to: Number.MAX_SAFE_INTEGER,
};

/** The server name of the TLS ClientHello (SNI). */
const SERVER_NAME: TextDimension = {
  kind: "text",
  id: "tls:sni",
  optional: true,
  universe: "(?:[-_0-9A-Za-z]+\\.)*[-_0-9A-Za-z]+",
};

/** Of a connection whose TLS HAProxy does not terminate: whether the client begins it with a ClientHello. */
export const CLIENT_HELLO: ChoiceDimension = { kind: "choice", id: "tls:hello", values: ["yes", "no"] };

/** At most one line of this name, with one value. */
export function headerDimension(name: string): TextDimension {
  return {
    kind: "text",
    id: `header:${name.toLowerCase()}`,
    optional: true,
    universe: `(?:${VALUE_BYTES}(?:[ -+\\--~]*${VALUE_BYTES})?)?`,
  };
}

/** A parameter of the query with `=`: its value as written. At most one of each name. */
function queryDimension(name: string): TextDimension {
  return { kind: "text", id: `query-parameter:${name}`, optional: true, universe: "[!-\"$%'-:<-~]*" };
}

/** At most one of each name, and not empty: whether HAProxy finds an empty one depends on what follows it. */
function cookieDimension(name: string): TextDimension {
  return { kind: "text", id: `cookie:${name}`, optional: true, universe: "[!#-+\\--:<-\\[\\]-~]+" };
}

/** The status of the server's response; not 1xx. */
export const RESPONSE_STATUS: NumberDimension = {
  kind: "number",
  id: "response-status",
  optional: false,
  from: 200,
  to: 999,
};

/** Of the server's answer: at most one line of this name, with one value. */
export function responseHeaderDimension(name: string): TextDimension {
  const { universe } = headerDimension(name);
  return { kind: "text", id: `response-header:${name.toLowerCase()}`, optional: true, universe };
}

/** The texts of a request. Within one evaluation equal ids are equal dimensions. */
export interface RequestDimensions {
  readonly host: TextDimension;
  readonly hostPort: TextDimension;
  readonly path: TextDimension;
  readonly query: TextDimension;
  readonly serverName: TextDimension;
  readonly header: (name: string) => TextDimension;
  readonly queryParameter: (name: string) => TextDimension;
  readonly cookie: (name: string) => TextDimension;
}

/** Ordinary requests: a client can send every value, and a request for each region can be sent. */
export const ORDINARY: RequestDimensions = {
  host: HOST,
  hostPort: HOST_PORT,
  path: PATH,
  query: QUERY,
  serverName: SERVER_NAME,
  header: headerDimension,
  queryParameter: queryDimension,
  cookie: cookieDimension,
};

const ANY_BYTES = "[\\x01-\\xff]*";
const any = (dimension: TextDimension, universe = ANY_BYTES): TextDimension => ({
  ...dimension,
  optional: true,
  universe,
});

/**
 * A superset of the requests that HAProxy accepts: if no value here satisfies a condition, no request does. The Host is one name, with
 * at most one colon outside brackets.
 */
export const UNRESTRICTED: RequestDimensions = {
  host: any(HOST, "(?:\\[[^\\]]*\\])?[\\x01-9;-\\xff]*"),
  hostPort: any(HOST_PORT, "[\\x01-9;-\\xff]*"),
  path: any(PATH, "[\\x01->@-\\xff]*"),
  query: any(QUERY),
  serverName: any(SERVER_NAME),
  header: (name) => any(headerDimension(name)),
  queryParameter: (name) => any(queryDimension(name)),
  cookie: (name) => any(cookieDimension(name)),
};

/** The listeners that a request can enter at, by name. */
export function listenerDimension(values: readonly string[]): ChoiceDimension {
  return { kind: "choice", id: "listener", values };
}

export const HTTP_VERSION: ChoiceDimension = {
  kind: "choice",
  id: "http-version",
  values: ["0.9", "1.0", "1.1", "1.2", "2.0", "3.0"],
};

/** Who connects, before a PROXY header is read: the load balancer, where there is one. */
export const CONNECTED_CLIENT: AddressDimension = { kind: "address", id: "client-of-connection" };

/** The port that the client connected to, as a PROXY header says. */
export const DESTINATION_PORT: NumberDimension = {
  kind: "number",
  id: "destination-port",
  optional: false,
  from: 1,
  to: 65_535,
};

/** HAProxy compares them by number: `-i` changes nothing. */
export const METHODS: ReadonlySet<string> = new Set(
  "OPTIONS GET HEAD POST PUT DELETE TRACE CONNECT".split(" "),
);
