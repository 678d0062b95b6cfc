// Where a request enters the lab: the port and address it is sent to, from which address, and what precedes it.
import { DEFAULTS } from "../description/defaults.ts";
import type { HaproxyBind } from "../wiring/haproxy/wiring.ts";
import type { TrafficPath } from "../wiring/wiring.ts";
import { bindEntrance, expectsProxy } from "./bind-entrances.ts";
import { type ServiceEndpoint, serviceEndpointFor } from "./entrances.ts";
import type { LabClient, LabRequest } from "./http/client.ts";
import type { OpenEntrance } from "./load-balancer-simulators.ts";
import { covers } from "./own-binds.ts";
import { trafficPathText } from "./path-text.ts";
import type { LabPlaces } from "./places.ts";
import type { Reached } from "./reach.ts";
import type { LabRequestOptions, UrlParts } from "./send.ts";
import type { Forwarded } from "./simulators/forwarded-headers.ts";
import type { ExchangeLog } from "./stubs/exchange-log.ts";
import { encodeProxyV1, proxiedAddresses } from "./tcp/proxy-protocol.ts";

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
  /** Why HAProxy does not start; undefined: it starts. */
  readonly notStarted?: string | undefined;
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

export function pathFor(
  context: SendContext,
  urlParts: UrlParts,
  options: LabRequestOptions,
): SentPath | NoPath {
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
  { places, bindPaths, notStarted }: SendContext,
  urlParts: UrlParts,
  options: LabRequestOptions,
): SentPath | NoPath {
  const found = bindEntrance(bindPaths, urlParts, options.frontend);
  if ("refused" in found) return found;
  const { path, bind, proxy } = found;
  if (notStarted !== undefined) return { refused: notStarted, path: trafficPathText(path) };
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

function noEntrance({ entrances }: SendContext, port: number): string {
  const ports = [...new Set(entrances.map(({ entrance }) => entrance.port))];
  if (ports.length === 0) return "there is no public entrance";
  const hosts = entrances.every(({ entrance }) => entrance.loadBalancer === undefined);
  return `${hosts ? "no host" : "the load balancer"} has ${hosts ? "a" : "no"} port ${port}`;
}

export function tlsOptions({ scheme, hostname }: UrlParts): Pick<LabRequest, "tls"> {
  return scheme === "https" ? { tls: { servername: hostname, verify: false, alpn: ["http/1.1"] } } : {};
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
