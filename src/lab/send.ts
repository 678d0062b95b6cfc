// Sends one request through the lab: to the right port, from the right address, and reads what the backend saw.
import { canBeSent, withAsciiHost } from "../description/host.ts";
import type { Through } from "../description/through.ts";
import type { Answer } from "./http/answer.ts";
import type { LabRequest } from "./http/client.ts";
import { DEFAULT_CLIENT, forwardedFor, pathFor, type SendContext } from "./sent-path.ts";
import { forwardedHeaders } from "./simulators/forwarded-headers.ts";
import { EXCHANGE_HEADER, type SeenRequest } from "./stubs/exchange-log.ts";
import { exchangeOverWebSocket, HANDSHAKE } from "./web-socket.ts";

export interface LabRequestOptions {
  /** Default GET. */
  readonly method?: string;
  /** In order; a Host among them replaces the URL's. */
  readonly headers?: readonly (readonly [name: string, value: string])[] | Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Opens a WebSocket: adds the handshake's headers, and after a 101 sends a message that must come back. */
  readonly webSocket?: boolean;
  /** Default public. */
  readonly through?: Through;
  /** The frontend or `listen` section where the request enters, of a haproxy.cfg without layers in front of it. Default: by the port. */
  readonly frontend?: string;
  /** The client's address. Default 203.0.113.7. */
  readonly from?: string;
  /** Send the request again when the server closes a reused connection before the first byte of the answer. Default false. */
  readonly retryOnStale?: boolean;
}

export interface LabAnswer {
  /** null when the connection ended without an answer. */
  readonly status: number | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly location: string | null;
  readonly body: string;
  /** Which backend answered; null when HAProxy did. */
  readonly backend: string | null;
  /** The request as that backend saw it. */
  readonly seen: SeenRequest | null;
  /** The names of the certificate served, in alphabetical order; absent without TLS. */
  readonly certificate?: readonly string[];
  /** Why there is no answer: refused, reset, timeout …; null when there is one. */
  readonly refused: string | null;
  /** The client address that HAProxy got. */
  readonly client: string;
  /** HAProxy's frontend; null: the path does not lead to one. */
  readonly listener: string | null;
  /** The path hop by hop, where the layers describe it. */
  readonly path?: string;
  /** For HAProxy's own 503: broken paths to servers behind the frontend, if the layers describe them. */
  readonly servers?: readonly string[];
}

export async function sendThrough(
  context: SendContext,
  url: string,
  options: LabRequestOptions,
): Promise<LabAnswer> {
  const urlParts = splitUrl(url);
  const path = pathFor(context, urlParts, options);
  const shownPath = path.path === undefined ? {} : { path: path.path };
  if ("refused" in path)
    return { ...noAnswer(path.refused, options.from ?? DEFAULT_CLIENT, null), ...shownPath };
  const sent = sentRequest(urlParts, options);
  const headers =
    path.forwards === true ? forwardedHeaders(sent.headers, forwardedFor(urlParts, options)) : sent.headers;
  const request = { ...path.route, ...sent, headers, retryOnStale: options.retryOnStale ?? false };
  const answer = await (options.webSocket === true
    ? exchangeOverWebSocket(context.client, request)
    : context.client.request(request));
  if (answer.failed !== undefined)
    return { ...noAnswer(`${answer.failed}: ${answer.message}`, path.client, path.listener), ...shownPath };
  const exchange = answer.headers.find(([name]) => name.toLowerCase() === EXCHANGE_HEADER)?.[1];
  const seen = exchange === undefined ? undefined : context.exchanges.take(exchange);
  return {
    ...answerFrom(answer, path.client, path.listener),
    headers: answer.headers.filter(([name]) => name.toLowerCase() !== EXCHANGE_HEADER),
    backend: seen?.backend ?? null,
    seen: seen ?? null,
    ...shownPath,
  };
}

export interface UrlParts {
  readonly scheme: "http" | "https";
  /** As in the URL, with its port if it has one. */
  readonly authority: string;
  readonly hostname: string;
  readonly port: number;
  /** From the path on, exactly as written. */
  readonly target: string;
}

export const DEFAULT_PORT = { http: 80, https: 443 } as const;

/** Splits a URL and keeps every byte of its path and query, unlike `new URL`. An international host is in its ASCII form. */
export function splitUrl(url: string): UrlParts {
  const [, schemeText = "", authority = "", rest = ""] =
    /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(withAsciiHost(url)) ?? [];
  if (schemeText === "") throw new RangeError(`not an http or https URL: ${url}`);
  const [, hostname = authority, port = ""] = /^(.*?)(?::(\d*))?$/.exec(authority) ?? [];
  if (hostname === "") throw new RangeError(`the URL has no host: ${url}`);
  if (!canBeSent(authority)) throw new RangeError(`not an international host name: ${authority}`);
  const scheme = schemeText.toLowerCase() === "https" ? "https" : "http";
  return {
    scheme,
    authority,
    hostname,
    port: port === "" ? DEFAULT_PORT[scheme] : Number(port),
    target: rest.startsWith("/") ? rest : `/${rest}`,
  };
}

/** The request as it is sent, with every header; values as their UTF-8 bytes, one character per byte. */
export function sentRequest(
  urlParts: UrlParts,
  options: LabRequestOptions,
): Pick<LabRequest, "method" | "target" | "headers" | "body"> {
  const given = headersOf(options.headers);
  const has = (...names: readonly string[]) => given.some(([name]) => names.includes(name.toLowerCase()));
  const body =
    options.body === undefined || options.body.length === 0 ? undefined : Buffer.from(options.body);
  const headers = [
    ...(has("host") ? [] : [["Host", urlParts.authority] as const]),
    ...given,
    ...(body === undefined || has("content-length", "transfer-encoding")
      ? []
      : [["Content-Length", String(body.length)] as const]),
    ...(options.webSocket === true ? HANDSHAKE : []),
  ];
  return {
    method: options.method ?? "GET",
    // RFC 9112 section 3.2.3: CONNECT names host and port, and no path.
    target: options.method === "CONNECT" ? `${urlParts.hostname}:${urlParts.port}` : urlParts.target,
    headers: headers.map(([name, value]) => [name, Buffer.from(value).toString("latin1")] as const),
    ...(body === undefined ? {} : { body }),
  };
}

export function headersOf(
  headers: LabRequestOptions["headers"],
): readonly (readonly [name: string, value: string])[] {
  return Array.isArray(headers) ? headers : Object.entries(headers ?? {});
}

/** The names of `DNS:a.example, IP Address:127.0.0.1`, Node's format. */
function certificateNames(subjectAlternatives: string): readonly string[] {
  return subjectAlternatives
    .split(", ")
    .filter((one) => one !== "")
    .map((one) => one.replace(/^[^:]*:/, "").toLowerCase())
    .sort();
}

/** What came back, without what only a stub backend knows. */
export function answerFrom(answer: Answer, client: string, listener: string | null): LabAnswer {
  return {
    status: answer.status,
    headers: answer.headers,
    location: answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? null,
    body: answer.body.toString(),
    backend: null,
    seen: null,
    ...(answer.tls === undefined ? {} : { certificate: certificateNames(answer.tls.names) }),
    refused: null,
    client,
    listener,
  };
}

export function noAnswer(refused: string, client: string, listener: string | null): LabAnswer {
  return {
    status: null,
    headers: [],
    location: null,
    body: "",
    backend: null,
    seen: null,
    refused,
    client,
    listener,
  };
}
