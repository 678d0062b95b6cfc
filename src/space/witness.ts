// The request of a member: what a client sends so that it is in a part of the space.
import type { Value } from "./classes/classes.ts";
import type { Dimension } from "./dimension.ts";
import type { Member } from "./find-member.ts";

/** Strings hold bytes (latin1). */
export interface Witness {
  /** undefined: any. */
  readonly listener: string | undefined;
  readonly method: string;
  /** undefined: without the header. */
  readonly host: string | undefined;
  /** The request-target. */
  readonly target: string;
  /** Without Host and what announces the body. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The address that HAProxy knows. */
  readonly client: string;
  /** In bytes; undefined: unknown (chunked). */
  readonly bodyLength: number | undefined;
  readonly webSocket: boolean;
  /** What the server must answer; undefined: anything. */
  readonly response: WitnessResponse | undefined;
  /** What must hold besides, and no request decides. */
  readonly assumed: readonly { readonly text: string; readonly holds: boolean }[];
  /** Values of other dimensions. */
  readonly others: ReadonlyMap<string, Value>;
}

export interface WitnessResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export function witnessOf({ values }: Member): Witness {
  const byId = new Map([...values].map(([{ id }, value]) => [id, value]));
  const text = (id: string) => {
    const value = byId.get(id);
    return typeof value === "string" ? value : undefined;
  };
  const form = text("request-form") ?? "path";
  const method = FORM_METHODS[form] ?? text("method") ?? "GET";
  const host = hostIn(byId, form);
  const length = byId.has("body-length") ? byId.get("body-length") : 0;
  return {
    listener: text("listener"),
    method,
    host,
    target: FORM_TARGETS[form]?.(host) ?? `${text("path") ?? "/"}${queryOf(byId)}`,
    headers: [...withHandshake(headersOf(byId)), ...cookiesOf(byId)],
    client: text("client") ?? "203.0.113.7",
    bodyLength: lengthIn(form, length),
    webSocket: text("upgrade") === "websocket",
    response: responseIn(byId),
    assumed: [...values].flatMap(([dimension, value]) => assumption(dimension, value)),
    others: new Map([...byId].filter(([id]) => !isRequestPart(id))),
  };
}

function assumption(dimension: Dimension, value: Value) {
  return dimension.kind === "unknown" ? [{ text: dimension.text, holds: value === true }] : [];
}

const PARTS = new Set([
  ...["listener", "request-form", "method", "host", "host-port", "path", "query", "client", "body-length"],
  ...["upgrade", "response-status"],
]);

function isRequestPart(id: string): boolean {
  return PARTS.has(id) || /^(?:header|query|query-parameter|cookie|response-header):/.test(id);
}

function responseIn(byId: ReadonlyMap<string, Value>): WitnessResponse | undefined {
  const status = byId.get("response-status");
  const isAsked = [...byId.keys()].some((id) => id.startsWith("response-"));
  if (!isAsked) return undefined;
  return { status: typeof status === "number" ? status : 200, headers: named(byId, "response-header") };
}

const HOST = "www.example.com";
/** Of forms in which the request has no path. */
const FORM_METHODS: Readonly<Record<string, string>> = { asterisk: "OPTIONS", connect: "CONNECT" };
const FORM_TARGETS: Readonly<Record<string, (host: string | undefined) => string>> = {
  asterisk: () => "*",
  connect: (host) => `${host === undefined || host === "" ? HOST : host}:443`,
};

function hostIn(byId: ReadonlyMap<string, Value>, form: string): string | undefined {
  if (form === "invalid-host") return `!${HOST}`;
  if (!byId.has("host")) return HOST;
  const [host, port] = [byId.get("host"), byId.get("host-port")];
  if (typeof host !== "string") return undefined;
  return typeof port === "string" ? `${host}:${port}` : host;
}

/** More than a rendered configuration accepts; from 2 ** 63 on, HAProxy 2.6 and 3.0 answer before their rules. */
const OVERLONG = 10 ** 18;

function lengthIn(form: string, length: Value): number | undefined {
  if (form === "overlong") return OVERLONG;
  return typeof length === "number" ? length : undefined;
}

function named(byId: ReadonlyMap<string, Value>, kind: string): readonly (readonly [string, string])[] {
  return [...byId].flatMap(([id, value]) =>
    id.startsWith(`${kind}:`) && typeof value === "string"
      ? [[id.slice(kind.length + 1), value] as const]
      : [],
  );
}

/** NUL represents a parameter without a value. */
function queryOf(byId: ReadonlyMap<string, Value>): string {
  const parameters = named(byId, "query").map(([name, value]) =>
    value === "\0" ? name : `${name}=${encoded(value)}`,
  );
  const raw = named(byId, "query-parameter").map(([name, value]) => `${name}=${value}`);
  const whole = byId.get("query");
  const all = [...(typeof whole === "string" ? [whole] : []), ...parameters, ...raw];
  return all.length === 0 ? "" : `?${all.join("&")}`;
}

function encoded(value: string): string {
  return value.replace(
    /[^\w.~-]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/** A request with one of Upgrade and Connection needs the other one, and a WebSocket handshake needs a key: otherwise HAProxy ignores or refuses it. */
function withHandshake(headers: Witness["headers"]): Witness["headers"] {
  const of = (name: string) => headers.find(([own]) => own === name)?.[1].toLowerCase();
  const [upgrade, connection] = [of("upgrade"), of("connection")];
  if (upgrade === undefined && connection !== "upgrade") return headers;
  const missing = HANDSHAKE.filter(([name]) => of(name.toLowerCase()) === undefined);
  const isWebSocket = (upgrade ?? "websocket") === "websocket";
  return [...headers, ...missing.filter(([name]) => isWebSocket || name === "Connection")];
}

function headersOf(byId: ReadonlyMap<string, Value>): readonly (readonly [string, string])[] {
  return named(byId, "header").filter(([name]) => !name.includes(":"));
}

function cookiesOf(byId: ReadonlyMap<string, Value>): readonly (readonly [string, string])[] {
  const cookies = named(byId, "cookie").map(([name, value]) => `${name}=${value}`);
  return cookies.length === 0 ? [] : [["cookie", cookies.join("; ")]];
}

const HANDSHAKE = [
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
  ["Sec-WebSocket-Version", "13"],
] as const;

/** Those that the request may enter at. */
export function listenersOf<T extends { readonly name: string }>(
  { listener }: Pick<Witness, "listener">,
  listeners: readonly T[],
): readonly T[] {
  return listener === undefined ? listeners : listeners.filter(({ name }) => name === listener);
}

/** All header lines as they are sent. */
export function headerLines({ host, headers, bodyLength, webSocket }: Witness): Witness["headers"] {
  return [
    ...(host === undefined ? [] : [["Host", host] as const]),
    ...headers,
    ...(webSocket ? HANDSHAKE : []),
    ...(bodyLength === undefined ? [["Transfer-Encoding", "chunked"] as const] : []),
    ...(bodyLength === undefined || bodyLength === 0
      ? []
      : [["Content-Length", BigInt(bodyLength).toString()] as const]),
  ];
}

export const USUAL_PORTS = { http: 80, https: 443 } as const;

/** As a client writes it that connects to the port of a listener; for a target that begins with `/`. */
export function urlOfWitness(
  { host = HOST, target }: Witness,
  { scheme, port }: { readonly scheme: "http" | "https"; readonly port: number | undefined },
): string {
  const written = port === undefined || port === USUAL_PORTS[scheme] ? "" : `:${port}`;
  return `${scheme}://${host.replace(/:\d*$/, "")}${written}${target}`;
}
