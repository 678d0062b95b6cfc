// A request of the request space as the lab sends it, or why the lab cannot send it.
import type { Condition } from "../space/predicate.ts";
import type { Answer } from "../space/program.ts";
import type { QueryListener } from "../space/query.ts";
import { headerLines, listenersOf, urlOfWitness, type Witness } from "../space/witness.ts";
import type { LabRequestOptions } from "./send.ts";
import { DEFAULT_CLIENT } from "./sent-path.ts";

export interface WitnessRequest {
  readonly url: string;
  readonly options: LabRequestOptions & {
    readonly method: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: string;
    readonly webSocket: boolean;
    readonly through: QueryListener["entrance"];
  };
}

/** `why`: a clause that follows a colon. */
export interface NotSent {
  readonly why: string;
}

/** Larger bodies take too long. If no backend gets the request, only its headers are sent, with the Content-Length of the body. */
const LARGEST_BODY_BYTES = 64 * 1024;
/** A body without Content-Length. */
const CHUNKED_BODY = "1\r\nx\r\n0\r\n\r\n";

export interface WitnessPart {
  readonly witness: Witness;
  /** Of the region that the witness is from. */
  readonly conditions: readonly Condition[];
  /** The predicted answers to the request. */
  readonly answers: readonly (Answer | undefined)[];
}

/** `listeners`: the public ones first. */
export function requestOfWitness(
  part: WitnessPart,
  listeners: readonly QueryListener[],
): WitnessRequest | NotSent {
  const { witness, conditions } = part;
  const listener = listenersOf(witness, listeners).find((one) => isReached(one));
  if (listener === undefined)
    return {
      why: `no port leads to ${witness.listener === undefined ? "a listener" : `the listener ${witness.listener}`}`,
    };
  const why = problemOf(part, listener);
  if (why !== undefined) return { why };
  const { method, host, webSocket } = witness;
  const url = urlOfWitness({ ...witness, host: serverNameOf(witness, conditions) }, listener);
  const decidesHost = conditions.some(({ on }) => on.id === "host" || on.id === "host-port");
  const isUrlHost = !decidesHost || url.slice(url.indexOf("//") + 2).startsWith(`${host}/`);
  if (method === "CONNECT" && !isUrlHost)
    return { why: "HAProxy refuses CONNECT with this Host at this port" };
  const from = listener.entrance === "public" ? clientOf(witness) : undefined;
  const { entrance, frontend } = listener;
  return {
    url,
    options: {
      method,
      headers: [...(host === undefined || isUrlHost ? [] : [["Host", host] as const]), ...headersOf(witness)],
      body: bodyOf(witness),
      webSocket,
      through: entrance,
      retryOnStale: true,
      ...(frontend !== undefined && { frontend }),
      ...(from !== undefined && from !== DEFAULT_CLIENT && { from }),
    },
  };
}

/** The load balancer has no port for some public listeners. */
function isReached({ entrance, port, frontend }: QueryListener): boolean {
  return entrance === "internal" || port !== undefined || frontend !== undefined;
}

/** Why the lab cannot send a request unchanged. */
function problemOf(
  { witness, conditions, answers }: WitnessPart,
  listener: QueryListener,
): string | undefined {
  const { target, host, headers, assumed, others, bodyLength = 1, response } = witness;
  const decides = (id: string) => conditions.some(({ on }) => on.id === id);
  if (!target.startsWith("/")) return `the lab sends no ${target}`;
  if (host === undefined) return "the lab sends no request without Host";
  if (assumed.some(({ holds }) => holds)) return "it depends on what is not known";
  if (conditions.some(({ on }) => on.id.startsWith("response-header:")) || (response?.status ?? 200) !== 200)
    return "it depends on the answer of the server";
  const isForwarded = answers.some((answer) => answer === undefined || answer.kind === "forward");
  if (bodyLength > LARGEST_BODY_BYTES && isForwarded) return `the lab sends no body of ${bodyLength} bytes`;
  if ([host, ...headers.flat()].some((text) => /[^\t -~]/.test(text)))
    return "the lab sends headers in ASCII";
  if (headers.some(([name]) => FRAMING.has(name.toLowerCase()))) return "a header announces a body";
  if (decides("http-version") && others.get("http-version") !== "1.1") return "the lab sends HTTP/1.1";
  // The lab connects from an address that the configuration trusts.
  const connected = conditions.find(({ on }) => on.id === "client-of-connection");
  if (connected !== undefined && connected.is.kind !== "test")
    return "the lab connects from an address of its own";
  if (decides("client") && (listener.client.id !== "client" || listener.entrance === "internal"))
    return "the lab has an address of its own for this client";
  const port = others.get("destination-port");
  return decides("destination-port") && port !== listener.port
    ? `no client connects to the port ${port}`
    : undefined;
}

const FRAMING: ReadonlySet<string> = new Set(["content-length", "transfer-encoding", "connection"]);

/** The host of the URL, which is the server name of TLS too. */
function serverNameOf({ host, others }: Witness, conditions: readonly Condition[]): string | undefined {
  const name = others.get("tls:sni");
  if (typeof name === "string" && conditions.some(({ on }) => on.id === "tls:sni")) return name;
  return host !== undefined && /^[\w.-]+$/.test(host) ? host : undefined;
}

function headersOf(witness: Witness): WitnessRequest["options"]["headers"] {
  const { bodyLength } = witness;
  const isAnnounced = bodyLength !== undefined && bodyLength > LARGEST_BODY_BYTES;
  // The body that is sent gets its Content-Length with it.
  return headerLines({
    ...witness,
    host: undefined,
    webSocket: false,
    bodyLength: bodyLength === undefined || isAnnounced ? bodyLength : 0,
  });
}

function bodyOf({ bodyLength }: Witness): string {
  if (bodyLength === undefined) return CHUNKED_BODY;
  return "x".repeat(bodyLength > LARGEST_BODY_BYTES ? 0 : bodyLength);
}

function clientOf({ client, others }: Witness): string {
  const before = others.get("client-of-load-balancer");
  return typeof before === "string" ? before : client;
}
