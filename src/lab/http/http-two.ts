// Requests over HTTP/2, by Node's own implementation: names and values only, no control over exact bytes.
import { type ClientHttp2Session, connect, constants } from "node:http2";
import type { Answer, NoAnswer } from "./answer.ts";
import type { WireRequest } from "./connection.ts";
import { type Dialled, noAnswerFrom } from "./dial.ts";
import { type Header, headerValue, type ResponseHead } from "./message.ts";

export interface HttpTwoSession {
  readonly usable: boolean;
  /** `startedAt` is on the clock of `performance.now()`. */
  request(request: WireRequest, timeoutMs: number, startedAt: number): Promise<Answer | NoAnswer>;
  close(): void;
}

/** Speaks HTTP/2 over a connection for which ALPN selected it. */
export function openHttpTwo(dialled: Dialled): HttpTwoSession {
  const session = connect("https://lab.invalid", { createConnection: () => dialled.socket });
  let requests = 0;
  session.on("error", () => {}); // each stream reports errors itself
  return {
    get usable() {
      return !session.closed && !session.destroyed;
    },
    request(request, timeoutMs, startedAt) {
      requests += 1;
      return exchange(session, dialled, request, timeoutMs, startedAt, requests > 1);
    },
    close: () => session.destroy(),
  };
}

function exchange(
  session: ClientHttp2Session,
  dialled: Dialled,
  request: WireRequest,
  timeoutMs: number,
  startedAt: number,
  reused: boolean,
): Promise<Answer | NoAnswer> {
  return new Promise((resolve) => {
    const stream = session.request(requestFields(request), { endStream: request.body === undefined });
    const chunks: Buffer[] = [];
    const informational: ResponseHead[] = [];
    let head: ResponseHead | undefined;
    let trailers: readonly Header[] = [];
    let firstByteAt = 0;
    let failure: NoAnswer | undefined;
    const timer = setTimeout(() => {
      failure = { failed: "timeout", message: `no complete answer in ${Math.round(timeoutMs)} ms` };
      stream.close(constants.NGHTTP2_CANCEL);
    }, timeoutMs);
    stream.on("headers", (fields, _flags, raw) => informational.push(toHead(fields, raw)));
    stream.on("response", (fields, _flags, raw) => {
      firstByteAt = performance.now();
      head = toHead(fields, raw);
    });
    stream.on("trailers", (_fields, _flags, raw) => {
      trailers = toHeaders(raw);
    });
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", (error) => {
      failure ??= noAnswerFrom(error) ?? { failed: "reset", message: error.message };
    });
    stream.on("close", () => {
      clearTimeout(timer);
      const complete = stream.rstCode === constants.NGHTTP2_NO_ERROR && failure === undefined;
      if (head === undefined || failure?.failed === "timeout") {
        resolve(
          failure ?? { failed: "closed-without-answer", message: "the stream closed without an answer" },
        );
        return;
      }
      resolve({
        ...head,
        body: Buffer.concat(chunks),
        trailers,
        informational,
        complete,
        connection: complete ? stateOf(session) : "reset",
        reused,
        ...(dialled.tls === undefined ? {} : { tls: dialled.tls }),
        timings: {
          ...(reused ? {} : { connectMs: dialled.connectMs }),
          ...(reused || dialled.tlsMs === undefined ? {} : { tlsMs: dialled.tlsMs }),
          firstByteMs: firstByteAt - startedAt,
          totalMs: performance.now() - startedAt,
        },
      });
    });
    if (request.body !== undefined) stream.end(request.body);
  });
}

function requestFields(request: WireRequest): Record<string, string | string[]> {
  const host = headerValue(request.headers, "host");
  const fields: Record<string, string | string[]> = {
    ":method": request.method,
    ":scheme": "https",
    ":path": request.target,
    ...(host === undefined ? {} : { ":authority": host }),
  };
  for (const [name, value] of request.headers) {
    const lower = name.toLowerCase();
    if (lower === "host") continue;
    const before = fields[lower];
    fields[lower] = before === undefined ? value : [before, value].flat();
  }
  return fields;
}

function toHead(fields: { ":status"?: number | undefined }, raw: readonly string[]): ResponseHead {
  return { httpVersion: "HTTP/2.0", status: fields[":status"] ?? 0, reason: "", headers: toHeaders(raw) };
}

/** From alternating names and values. */
function toHeaders(raw: readonly string[]): Header[] {
  const headers: Header[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    if (!name.startsWith(":")) headers.push([name, raw[at + 1] ?? ""]);
  }
  return headers;
}

function stateOf({ closed, destroyed }: ClientHttp2Session): "closed" | "kept" {
  return closed || destroyed ? "closed" : "kept";
}
