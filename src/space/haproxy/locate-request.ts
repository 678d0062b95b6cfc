// Where a request is in the space of a haproxy.cfg: its value in every dimension.
import type { Dimension } from "../dimension.ts";
import { type Ask, NOT_KNOWN } from "../evaluate-request.ts";
import { headerLines, type Witness } from "../witness.ts";

/** As it is sent to a bind, over HTTP/1.1. Texts are bytes (latin1). */
export interface SentRequest {
  /** The bind, by its name among the listeners; undefined: not known. */
  readonly listener: string | undefined;
  readonly method: string;
  readonly target: string;
  /** With Host. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly client: string;
  /** Who connects, before a PROXY header is read; undefined: not known. */
  readonly connectedClient: string | undefined;
  /** undefined: not known. */
  readonly destinationPort: number | undefined;
  /** Of the TLS hello. */
  readonly serverName: string | undefined;
  /** In lower case: headers that something in front of HAProxy sets. */
  readonly unknownHeaders: ReadonlySet<string>;
}

type Value = ReturnType<Ask>;

/** Of a request that was found in the space; what it does not decide has the values that it was found with. */
export function locateWitness(witness: Witness): Ask {
  const { listener, method, target, client, others } = witness;
  const located = locateRequest({
    ...{ listener, method, target, client, headers: headerLines(witness) },
    connectedClient: undefined,
    destinationPort: undefined,
    serverName: undefined,
    unknownHeaders: new Set(),
  });
  return (dimension) => (others.has(dimension.id) ? others.get(dimension.id) : located(dimension));
}

/** Values that a dimension does not have, such as a header with two lines, are not known. */
export function locateRequest(request: SentRequest): Ask {
  return (dimension) => {
    const value = valueIn(request, dimension.id);
    return isInside(dimension, value) ? value : NOT_KNOWN;
  };
}

function isInside(dimension: Dimension, value: Value): boolean {
  if (dimension.kind !== "text" || typeof value !== "string") return true;
  return new RegExp(`^(?:${dimension.universe})$`, "s").test(value);
}

function valueIn(request: SentRequest, id: string): Value {
  const { listener, method, target, client, connectedClient, destinationPort, serverName } = request;
  const [path = "", query] = splitOnce(target, "?");
  const [kind = "", name = ""] = splitOnce(id, ":");
  switch (id) {
    case "listener":
      return listener ?? NOT_KNOWN;
    case "method":
      return method;
    case "host":
      return hostOf(request)[0];
    case "host-port":
      return hostOf(request)[1];
    case "path":
      return path;
    case "query":
      return query;
    case "client":
      return client;
    case "client-of-connection":
      return connectedClient ?? NOT_KNOWN;
    case "destination-port":
      return destinationPort ?? NOT_KNOWN;
    case "http-version":
      return "1.1";
    case "tls:sni":
      return serverName;
    case "body-length":
      return bodyLength(request);
    default:
      return partOf(request, kind, name, query);
  }
}

function partOf(request: SentRequest, kind: string, name: string, query: string | undefined): Value {
  switch (kind) {
    case "header":
      return headerOf(request, name);
    case "query":
    case "query-parameter":
      return onlyOne((query ?? "").split("&"), name);
    case "cookie": {
      const line = headerOf(request, "cookie");
      return typeof line === "string" ? onlyOne(line.split(/; ?/), name) : line;
    }
    default:
      return NOT_KNOWN;
  }
}

function headerOf({ headers, unknownHeaders }: SentRequest, name: string): Value {
  if (unknownHeaders.has(name)) return NOT_KNOWN;
  const lines = headers.filter(([own]) => own.toLowerCase() === name);
  if (lines.length > 1) return NOT_KNOWN;
  return lines[0]?.[1].trim();
}

function bodyLength(request: SentRequest): Value {
  const length = headerOf(request, "content-length");
  return typeof length === "string" ? Number(length) : length;
}

function hostOf(request: SentRequest): readonly [host: Value, port: Value] {
  const host = headerOf(request, "host");
  if (typeof host !== "string") return [host, host];
  const [, name = host, port] = /^(.*?)(?::(\d*))?$/s.exec(host) ?? [];
  return [name === "" ? undefined : name, port === "" ? undefined : port];
}

/** The value behind `name=`; several of one name are not in the space. */
function onlyOne(parts: readonly string[], name: string): Value {
  const own = parts.filter((part) => part.startsWith(`${name}=`));
  return own.length > 1 ? NOT_KNOWN : own[0]?.slice(name.length + 1);
}

function splitOnce(text: string, by: string): readonly [string, string | undefined] {
  const at = text.indexOf(by);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + by.length)];
}
