// Sends one request through the lab: to the right port, from the right address, and reads what the backend saw.
import { DEFAULTS } from "../description/defaults.ts";
import { canBeSent, withAsciiHost } from "../description/host.ts";
import type { Through } from "../description/through.ts";
import type { HaproxyBind } from "../wiring/haproxy/wiring.ts";
import type { TrafficPath } from "../wiring/wiring.ts";
import { bindEntrance, expectsProxy } from "./bind-entrances.ts";
import { type ServiceEndpoint, serviceEndpointFor } from "./entrances.ts";
import type { Answer } from "./http/answer.ts";
import type { LabClient, LabRequest } from "./http/client.ts";
import type { OpenEntrance } from "./load-balancer-simulators.ts";
import { covers } from "./own-binds.ts";
import { trafficPathText } from "./path-text.ts";
import type { LabPlaces } from "./places.ts";
import type { Reached } from "./reach.ts";
import { type Forwarded, forwardedHeaders } from "./simulators/forwarded-headers.ts";
import { EXCHANGE_HEADER, type ExchangeLog, type SeenRequest } from "./stubs/exchange-log.ts";
import { encodeProxyV1, proxiedAddresses } from "./tcp/proxy-protocol.ts";
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
}

export const DEFAULT_CLIENT: string = DEFAULTS.expectation.from;

export interface SendContext {
  readonly places: LabPlaces;
  readonly client: LabClient;
  readonly exchanges: ExchangeLog;
  readonly entrances: readonly OpenEntrance[];
  readonly endpoints: readonly ServiceEndpoint[];
  readonly reach: (path: TrafficPath) => Reached;
  /** Of layers without a load balancer, Service or host port: requests enter at binds. */
  readonly bindPaths: readonly TrafficPath[];
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

interface SentPath {
  /** HAProxy's frontend. */
  readonly listener: string | null;
  readonly route: Pick<LabRequest, "to" | "localAddress" | "preamble" | "tls">;
  readonly client: string;
  readonly path: string;
  /** X-Forwarded headers are added as a load balancer does: past it, as a forged copy. */
  readonly forwards?: boolean;
}

/** No request is sent. */
interface NoPath {
  readonly refused: string;
  readonly path?: string;
}

function pathFor(context: SendContext, urlParts: UrlParts, options: LabRequestOptions): SentPath | NoPath {
  const through = options.through ?? "public";
  if (context.bindPaths.length > 0) return bindPath(context, urlParts, options);
  if (through === "internal") return internalPath(context, urlParts);
  const open = context.entrances.find(({ entrance }) => entrance.port === urlParts.port);
  if (open === undefined) return { refused: noEntrance(context, urlParts.port) };
  return through === "public"
    ? publicPath(context, open, urlParts, options)
    : directPath(context, open, urlParts, { ...options, through });
}

/** A PROXY header has the client address, whether or not the bind expects one outside of the lab. */
function bindPath(
  { places, bindPaths }: SendContext,
  urlParts: UrlParts,
  options: LabRequestOptions,
): SentPath | NoPath {
  const found = bindEntrance(bindPaths, urlParts, options.frontend);
  if ("refused" in found) return found;
  const { path, bind, proxy } = found;
  const onSocket = bind.address.kind === "path";
  const port = covers(bind.address, urlParts.port) ? urlParts.port : bind.address.ports?.from;
  const header = places.isDirect(bind) || expectsProxy(bind, proxy);
  const connectsFrom = places.from(options.through === "untrusted" ? "untrusted" : "load balancer");
  const from = options.from ?? DEFAULT_CLIENT;
  return {
    listener: proxy.name,
    route: {
      to: onSocket ? places.socket(bind) : places.bindPlace(bind, port),
      ...(onSocket ? {} : { localAddress: connectsFrom }),
      ...(header ? { preamble: bindHeader(bind, port ?? urlParts.port, from) } : {}),
      ...tlsOptions(urlParts),
    },
    client: header ? from : connectsFrom,
    path: trafficPathText(path),
  };
}

/** As a client connects to the bind: to its own address, where it has one of the client's family. */
function bindHeader({ address: { kind, host } }: HaproxyBind, port: number, from: string): Buffer {
  const family = from.includes(":") ? "ipv6" : "ipv4";
  const isOwn = kind === family && !/^(?:0\.0\.0\.0|::)$/.test(host);
  const documentation = family === "ipv6" ? "2001:db8::1" : "198.51.100.1";
  return encodeProxyV1(proxiedAddresses(from, 40_000, isOwn ? host : documentation, port));
}

/** A PROXY header to the simulator sets the client address. */
function publicPath(
  { places, reach }: SendContext,
  open: OpenEntrance,
  urlParts: UrlParts,
  options: LabRequestOptions,
): SentPath | NoPath {
  const from = options.from ?? DEFAULT_CLIENT;
  const refused = open.refusedFor(from);
  const first = firstReached(open.entrance.trafficPaths, reach).path;
  const path = trafficPathText(first, open.external);
  if (refused !== undefined) return { refused, path };
  return {
    listener: frontendOf(first),
    route: {
      to: open.endpoint,
      localAddress: places.from("inside"),
      preamble: proxyHeader(urlParts, options),
      ...tlsOptions(urlParts),
    },
    client: open.proxied || open.forwards ? from : places.from("load balancer"),
    path,
  };
}

/**
 * Past the load balancer, to the same bind, with a PROXY header like the load balancer's where it writes one: `untrusted`
 * from an address outside of HAProxy's trusted sources, `pod` from the trusted one, which in the lab is the load balancer's.
 */
function directPath(
  { places, reach }: SendContext,
  { entrance, proxied, forwards }: OpenEntrance,
  urlParts: UrlParts,
  options: LabRequestOptions & { readonly through: "untrusted" | "pod" },
): SentPath | NoPath {
  const found = firstReached(entrance.trafficPaths, reach);
  if ("refused" in found) return { refused: found.refused, path: trafficPathText(found.path) };
  const { path, to } = found;
  const connectsFrom = places.from(options.through === "pod" ? "load balancer" : "untrusted");
  return {
    listener: frontendOf(path),
    route: {
      to,
      localAddress: connectsFrom,
      ...(proxied ? { preamble: proxyHeader(urlParts, options) } : {}),
      ...(path.bind?.ssl === true ? tlsOptions(urlParts) : {}),
    },
    client: proxied || forwards ? (options.from ?? DEFAULT_CLIENT) : connectsFrom,
    forwards,
    path: trafficPathText(path),
  };
}

function internalPath({ places, endpoints, reach }: SendContext, urlParts: UrlParts): SentPath | NoPath {
  const endpoint = serviceEndpointFor(endpoints, urlParts.hostname, urlParts.port);
  if ("refused" in endpoint) return endpoint;
  const found = firstReached(endpoint.trafficPaths, reach);
  if ("refused" in found) return { refused: found.refused, path: trafficPathText(found.path) };
  const inside = places.from("inside");
  return {
    listener: frontendOf(found.path),
    route: { to: found.to, localAddress: inside, ...tlsOptions(urlParts) },
    client: inside,
    path: trafficPathText(found.path),
  };
}

function firstReached(
  trafficPaths: readonly TrafficPath[],
  reach: SendContext["reach"],
): Reached & { readonly path: TrafficPath } {
  const all = trafficPaths.map((path) => ({ path, ...reach(path) }));
  const first = all.find((one) => "to" in one) ?? all[0];
  if (first === undefined) throw new RangeError("an entrance without a path");
  return first;
}

function frontendOf({ proxy }: TrafficPath): string | null {
  return proxy?.name ?? null;
}

export function tlsOptions({ scheme, hostname }: UrlParts): Pick<LabRequest, "tls"> {
  return scheme === "https" ? { tls: { servername: hostname, verify: false, alpn: ["http/1.1"] } } : {};
}

function noEntrance({ entrances }: SendContext, port: number): string {
  const ports = [...new Set(entrances.map(({ entrance }) => entrance.port))];
  if (ports.length === 0) return "there is no public entrance";
  const hosts = entrances.every(({ entrance }) => entrance.loadBalancer === undefined);
  return `${hosts ? "no host" : "the load balancer"} has ${hosts ? "a" : "no"} port ${port}`;
}

/** What a load balancer that reads requests adds to this one. */
export function forwardedFor(
  urlParts: UrlParts,
  { from = DEFAULT_CLIENT }: Pick<LabRequestOptions, "from">,
): Forwarded {
  return { client: from, scheme: urlParts.scheme, port: urlParts.port };
}

export function proxyHeader(urlParts: UrlParts, { from = DEFAULT_CLIENT }: LabRequestOptions): Buffer {
  return encodeProxyV1(
    proxiedAddresses(from, 40_000, from.includes(":") ? "2001:db8::1" : "198.51.100.1", urlParts.port),
  );
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
