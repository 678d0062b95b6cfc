// A request of the request space as the lab sends it, or why the lab cannot send it.
import type { Condition } from "../space/predicate.ts";
import type { QueryListener } from "../space/query.ts";
import { headerLines, urlOfWitness, type Witness } from "../space/witness.ts";
import type { LabRequestOptions } from "./send.ts";
import { DEFAULT_CLIENT } from "./sent-path.ts";

export interface WitnessRequest {
  readonly url: string;
  readonly options: LabRequestOptions & {
    readonly method: string;
    readonly headers: readonly (readonly [name: string, value: string])[];
    readonly body: string;
  };
}

/** `why`: a phrase that follows "not sent: ". */
export interface NotSent {
  readonly why: string;
}

/** Larger bodies take too long. */
const LARGEST_BODY_BYTES = 64 * 1024;
const UNKNOWN_LENGTH = {
  headers: [["Transfer-Encoding", "chunked"] as const],
  body: "1\r\nx\r\n0\r\n\r\n",
} as const;

/** `conditions`: of the part of the space that the witness is from. `listeners`: the public ones first. */
export function requestOfWitness(
  witness: Witness,
  conditions: readonly Condition[],
  listeners: readonly QueryListener[],
): WitnessRequest | NotSent {
  const named = listeners.filter(({ name }) => name === witness.listener);
  const listener = named.find((one) => isReached(one)) ?? named[0];
  if (listener === undefined || !isReached(listener))
    return { why: `no port leads to the listener ${witness.listener}` };
  const why = problemOf(witness, conditions, listener);
  if (why !== undefined) return { why };
  const { method, host, bodyLength = 1, webSocket } = witness;
  const url = urlOfWitness({ ...witness, host: serverNameOf(witness, conditions) }, listener);
  const decidesHost = conditions.some(({ on }) => on.id === "host" || on.id === "host-port");
  const isUrlHost = !decidesHost || url.slice(url.indexOf("//") + 2).startsWith(`${host}/`);
  const from = listener.entrance === "public" ? clientOf(witness) : undefined;
  const { entrance, frontend } = listener;
  return {
    url,
    options: {
      method,
      headers: [...(host === undefined || isUrlHost ? [] : [["Host", host] as const]), ...headersOf(witness)],
      body: witness.bodyLength === undefined ? UNKNOWN_LENGTH.body : "x".repeat(bodyLength),
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
  { target, host, headers, assumed, others, bodyLength = 1, response }: Witness,
  conditions: readonly Condition[],
  listener: QueryListener,
): string | undefined {
  const decides = (id: string) => conditions.some(({ on }) => on.id === id);
  if (!target.startsWith("/")) return `the lab sends no ${target}`;
  if (host === undefined) return "the lab sends no request without Host";
  if (assumed.some(({ holds }) => holds)) return "it depends on what is not known";
  if (conditions.some(({ on }) => on.id.startsWith("response-header:")) || (response?.status ?? 200) !== 200)
    return "it depends on the answer of the server";
  if (bodyLength > LARGEST_BODY_BYTES) return `the lab sends no body of ${bodyLength} bytes`;
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
  const own = headerLines({ ...witness, host: undefined, webSocket: false, bodyLength: 0 });
  return witness.bodyLength === undefined ? [...own, ...UNKNOWN_LENGTH.headers] : own;
}

function clientOf({ client, others }: Witness): string {
  const before = others.get("client-of-load-balancer");
  return typeof before === "string" ? before : client;
}
