// How a backend double answers a request, and the bytes of that answer.
import { createHash } from "node:crypto";
import { formatHead, type Header } from "../http/message.ts";
import { EXCHANGE_HEADER, type SeenRequest } from "./exchange-log.ts";

/** Everything left out is as a well-behaved server has it: 200 at once, with what it saw as JSON. */
export interface Behaviour {
  readonly status?: number;
  readonly reason?: string;
  /** Header lines to add, as they are. */
  readonly headers?: readonly Header[];
  /** Default: JSON of who answered and what it saw. A number is that many bytes of filler. */
  readonly body?: string | Buffer | number;
  /** How the body's end is told. Default `length`. */
  readonly framing?: "length" | "chunked" | "until-close";
  /** The body in pieces of this size, with a pause after each. */
  readonly slowBody?: { readonly pieceBytes: number; readonly pauseMs: number };
  /** Close the connection after so many bytes of the body, though more were promised. */
  readonly cutBodyAt?: number;
  /** Wait before the answer. */
  readonly delayMs?: number;
  /** Answer when this resolves: lets a test hold a request for as long as it likes. */
  readonly until?: Promise<unknown>;
  /** No answer: close (FIN), reset (RST), or silence until the peer gives up. */
  readonly fail?: "close" | "reset" | "silence";
  /** False closes the connection after the answer, and says so. Default: as the request has it. */
  readonly keepAlive?: boolean;
}

/** Chosen for each request; a function may await something first. */
export type Behave = Behaviour | ((seen: SeenRequest) => Behaviour | Promise<Behaviour>);

/** An answer, ready to be written. */
export interface PreparedAnswer {
  readonly head: string;
  /** Without the framing of chunks. */
  readonly body: Buffer;
  readonly chunked: boolean;
  readonly closes: boolean;
}

/** `keepsOpen` is what the request's own words allow. */
export function prepareAnswer(behaviour: Behaviour, seen: SeenRequest, keepsOpen: boolean): PreparedAnswer {
  const { status = 200, framing = "length", headers = [] } = behaviour;
  const reason = behaviour.reason ?? reasons[status] ?? "Unnamed";
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
    body: bodiless ? noBytes : body,
    chunked: framing === "chunked" && !bodiless,
    closes,
  };
}

/** The default body: who answered and what it saw. Text in it is latin1 in JSON's UTF-8; bodies appear as a hash. */
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

const noBytes = Buffer.alloc(0);

const reasons: Readonly<Record<number, string>> = {
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
