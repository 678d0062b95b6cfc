// One request's way through the lab: to the right port, from the right address, and back with what the backend saw.
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import { type ExchangeLog, exchangeHeader, type SeenRequest } from "./doubles/exchange-log.ts";
import type { LoadBalancer } from "./doubles/load-balancer-spec.ts";
import { encodeProxyV1, proxiedAddresses } from "./doubles/proxy-protocol.ts";
import type { LabClient, LabRequest } from "./http/client.ts";
import type { LabPlaces } from "./places.ts";
import { exchangeOverWebSocket, HANDSHAKE } from "./web-socket.ts";

export type Through = "public" | "internal" | "stranger";

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
  /** The client's address. Default 203.0.113.7. */
  readonly from?: string;
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
  /** The client's address as HAProxy was told it. */
  readonly client: string;
  /** The listener it came to; null when the load balancer has no such port. */
  readonly listener: string | null;
}

export const DEFAULT_CLIENT = "203.0.113.7";

export interface SendContext {
  readonly plan: Plan;
  readonly places: LabPlaces;
  readonly client: LabClient;
  readonly exchanges: ExchangeLog;
  readonly loadBalancer: LoadBalancer;
}

export async function sendThrough(
  context: SendContext,
  url: string,
  options: LabRequestOptions,
): Promise<LabAnswer> {
  const asked = splitUrl(url);
  const way = wayTo(context, asked, options);
  if ("refused" in way) return noAnswer(way.refused, options.from ?? DEFAULT_CLIENT, null);
  const request = { ...way.route, ...sentRequest(asked, options) };
  const answer = await (options.webSocket === true
    ? exchangeOverWebSocket(context.client, request)
    : context.client.request(request));
  if (answer.failed !== undefined)
    return noAnswer(`${answer.failed}: ${answer.message}`, way.client, way.listener);
  const exchange = answer.headers.find(([name]) => name.toLowerCase() === exchangeHeader)?.[1];
  const seen = exchange === undefined ? undefined : context.exchanges.take(exchange);
  return {
    status: answer.status,
    headers: answer.headers.filter(([name]) => name.toLowerCase() !== exchangeHeader),
    location: answer.headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? null,
    body: answer.body.toString(),
    backend: seen?.backend ?? null,
    seen: seen ?? null,
    ...(answer.tls === undefined ? {} : { certificate: certificateNames(answer.tls.peer.names) }),
    refused: null,
    client: way.client,
    listener: way.listener,
  };
}

export interface AskedUrl {
  readonly scheme: "http" | "https";
  /** As in the URL, with its port if it has one. */
  readonly authority: string;
  readonly hostname: string;
  readonly port: number;
  /** From the path on, exactly as written. */
  readonly target: string;
}

/** Splits a URL without changing a byte of its path and query, as `new URL` would. */
export function splitUrl(url: string): AskedUrl {
  const [, schemeText = "", authority = "", rest = ""] = /^(https?):\/\/([^/?#]*)([^#]*)/i.exec(url) ?? [];
  if (schemeText === "") throw new RangeError(`not an http or https URL: ${url}`);
  const scheme = schemeText.toLowerCase() === "https" ? "https" : "http";
  const [, hostname = authority, port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  return {
    scheme,
    authority,
    hostname,
    port: port === undefined ? (scheme === "https" ? 443 : 80) : Number(port),
    target: rest.startsWith("/") ? rest : `/${rest}`,
  };
}

/** The request as it is sent, every header of it; values as their UTF-8 bytes, one character a byte. */
export function sentRequest(
  asked: AskedUrl,
  options: LabRequestOptions,
): Pick<LabRequest, "method" | "target" | "headers" | "body"> {
  const given = Array.isArray(options.headers)
    ? (options.headers as readonly (readonly [string, string])[])
    : Object.entries(options.headers ?? {});
  const has = (...names: readonly string[]) => given.some(([name]) => names.includes(name.toLowerCase()));
  const body =
    options.body === undefined || options.body.length === 0 ? undefined : Buffer.from(options.body);
  const headers = [
    ...(has("host") ? [] : [["Host", asked.authority] as const]),
    ...given,
    ...(body === undefined || has("content-length", "transfer-encoding")
      ? []
      : [["Content-Length", String(body.length)] as const]),
    ...(options.webSocket === true ? HANDSHAKE : []),
  ];
  return {
    method: options.method ?? "GET",
    target: asked.target,
    headers: headers.map(([name, value]) => [name, Buffer.from(value).toString("latin1")] as const),
    ...(body === undefined ? {} : { body }),
  };
}

/** The listener that a request comes to, and the address HAProxy takes for the client's. */
export function listenerFor(plan: Plan, asked: AskedUrl, through: Through): ListenerPlan | undefined {
  if (through === "internal") {
    return (
      plan.listeners.find(({ entrance }) => entrance === "internal") ??
      plan.listeners.find(({ internalHostPrefix }) => internalHostPrefix !== null)
    );
  }
  const port = plan.loadBalancer.ports.find(
    ({ listener, port: own }) => own.value === asked.port && listener !== "stats",
  );
  return plan.listeners.find(({ name, scheme }) => name === port?.listener && scheme === asked.scheme);
}

interface Way {
  /** The listener's name, or `stats`. */
  readonly listener: string;
  readonly route: Pick<LabRequest, "to" | "localAddress" | "preamble" | "tls">;
  readonly client: string;
}

function wayTo(
  context: SendContext,
  asked: AskedUrl,
  options: LabRequestOptions,
): Way | { readonly refused: string } {
  const { plan, places } = context;
  const through = options.through ?? "public";
  const inside = places.from("inside");
  const toStats = wayToStats(context, asked, options);
  if (toStats !== undefined) return toStats;
  const listener = listenerFor(plan, asked, through);
  if (listener === undefined)
    return {
      refused:
        through === "internal"
          ? "there is no internal entrance"
          : `the load balancer has no port ${asked.port} for ${asked.scheme}`,
    };
  const { name } = listener;
  const bind = places.bind(listener.port.value);
  if (through === "internal")
    return { listener: name, route: { to: bind, localAddress: inside }, client: inside };
  const proxied = listener.proxyProtocol.value !== "none";
  const client = proxied
    ? (options.from ?? DEFAULT_CLIENT)
    : places.from(through === "stranger" ? "stranger" : "load balancer");
  const tls =
    asked.scheme === "https"
      ? { tls: { servername: asked.hostname, verify: false, alpn: ["http/1.1"] } }
      : {};
  if (through === "public")
    return { listener: name, route: { ...viaLoadBalancer(context, name, asked, options), ...tls }, client };
  const preamble = proxied ? { preamble: proxyHeader(asked, options) } : {};
  return {
    listener: name,
    route: {
      to: bind,
      localAddress: places.from("stranger"),
      ...preamble,
      ...(listener.tls === null ? {} : tls),
    },
    client,
  };
}

/** The figures are on a port of their own, for the cluster, and for the load balancer where the description says so. */
function wayToStats(context: SendContext, asked: AskedUrl, options: LabRequestOptions): Way | undefined {
  const { plan, places } = context;
  const through = options.through ?? "public";
  if (plan.stats === null || asked.scheme !== "http" || asked.port !== plan.stats.port.value)
    return undefined;
  const inside = places.from("inside");
  if (through === "internal")
    return {
      listener: "stats",
      route: { to: places.bind(asked.port), localAddress: inside },
      client: inside,
    };
  if (through === "stranger" || !plan.stats.public) return undefined;
  return {
    listener: "stats",
    route: viaLoadBalancer(context, "stats", asked, options),
    client: places.from("load balancer"),
  };
}

/** The double is told by a PROXY header of its own who its client is. */
function viaLoadBalancer(
  { loadBalancer, places }: SendContext,
  listener: string,
  asked: AskedUrl,
  options: LabRequestOptions,
): Way["route"] {
  return {
    to: loadBalancer.endpointOf(listener),
    localAddress: places.from("inside"),
    preamble: proxyHeader(asked, options),
  };
}

export function proxyHeader(asked: AskedUrl, { from = DEFAULT_CLIENT }: LabRequestOptions): Buffer {
  return encodeProxyV1(
    proxiedAddresses(from, 40_000, from.includes(":") ? "2001:db8::1" : "198.51.100.1", asked.port),
  );
}

/** `DNS:a.example, IP Address:127.0.0.1`, as Node has it, as a list. */
export function certificateNames(subjectAlternatives: string): readonly string[] {
  return subjectAlternatives
    .split(", ")
    .filter((one) => one !== "")
    .map((one) => one.replace(/^[^:]*:/, "").toLowerCase())
    .sort();
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
