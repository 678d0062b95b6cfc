// How a stub backend answers a request, and the bytes of the answer.
import { createHash } from "node:crypto";
import { formatHead, type Header } from "../http/message.ts";
import { EXCHANGE_HEADER, type SeenRequest } from "./exchange-log.ts";

/** Default of every field: a well-behaved server, which answers 200 immediately with what it received as JSON. */
export interface Behaviour {
  readonly status?: number;
  readonly reason?: string;
  /** Header lines to add, unchanged. */
  readonly headers?: readonly Header[];
  /** Default: JSON of the server's name and the request. A number is that many bytes of filler. */
  readonly body?: string | Buffer | number;
  /** How the end of the body is marked. Default `length`. */
  readonly framing?: "length" | "chunked" | "until-close";
  /** The body in pieces of this size, with a pause after each. */
  readonly slowBody?: { readonly pieceBytes: number; readonly pauseMs: number };
  /** Close the connection after this many bytes of the body, although more were announced. */
  readonly cutBodyAt?: number;
  /** Wait before the answer. */
  readonly delayMs?: number;
  /** Answer when this resolves: lets a test hold a request. */
  readonly until?: Promise<unknown>;
  /** No answer: close (FIN), reset (RST), or nothing until the peer's timeout. */
  readonly fail?: "close" | "reset" | "timeout";
  /** False closes the connection after the answer, with `Connection: close`. Default: as the request has it. */
  readonly keepAlive?: boolean;
}

/** Chosen for each request; a function may await something first. */
export type Behave = Behaviour | ((seen: SeenRequest) => Behaviour | Promise<Behaviour>);

/** An answer, ready to be written. */
export interface PreparedAnswer {
  readonly head: string;
  /** Without chunk framing. */
  readonly body: Buffer;
  readonly chunked: boolean;
  readonly closes: boolean;
}

/** `keepsOpen` is what the request allows. */
export function prepareAnswer(behaviour: Behaviour, seen: SeenRequest, keepsOpen: boolean): PreparedAnswer {
  const { status = 200, framing = "length", headers = [] } = behaviour;
  const reason = behaviour.reason ?? REASONS[status] ?? "Unnamed";
  const bodiless = status === 204 || status === 304 || seen.method === "HEAD";
  const closes = behaviour.keepAlive === false || !keepsOpen || framing === "until-close";
  const body = bytesOf(behaviour.body, seen);
  const lines: Header[] = [
    ["server", "portico-lab"],
    [EXCHANGE_HEADER, seen.exchange],
  ];
  if (behaviour.body === undefined) lines.push(["content-type", "application/json"]);
  lines.push(...headers);
  if (status !== 204 && framing === "length") lines.push(["content-length", String(body.length)]);
  if (status !== 204 && framing === "chunked") lines.push(["transfer-encoding", "chunked"]);
  if (closes) lines.push(["connection", "close"]);
  return {
    head: formatHead(`HTTP/1.1 ${status} ${reason}`, lines),
    body: bodiless ? NO_BYTES : body,
    chunked: framing === "chunked" && !bodiless,
    closes,
  };
}

/** The default body: the server's name and the request. latin1 text becomes UTF-8 JSON; bodies appear as a hash. */
function describeSeen(seen: SeenRequest): string {
  const { backend, server, method, target, httpVersion, headers, tls, proxy, body } = seen;
  return JSON.stringify({
    backend,
    server,
    seen: {
      method,
      target,
      httpVersion,
      headers,
      bodyLength: body.length,
      ...(body.length === 0 ? {} : { bodySha256: createHash("sha256").update(body).digest("hex") }),
      ...(tls === undefined ? {} : { tls }),
      ...(proxy === undefined ? {} : { proxy }),
    },
  });
}

const NO_BYTES = Buffer.alloc(0);

const REASONS: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  204: "No Content",
  301: "Moved Permanently",
  302: "Found",
  304: "Not Modified",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

function bytesOf(body: Behaviour["body"], seen: SeenRequest): Buffer {
  if (body === undefined) return Buffer.from(describeSeen(seen));
  if (typeof body === "number") return Buffer.alloc(body, "x");
  return typeof body === "string" ? Buffer.from(body) : body;
}
