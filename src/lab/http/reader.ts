// Parses a stream of HTTP/1.1 messages from the pieces that a socket delivers: headers, bodies, trailers.
import {
  type Framing,
  type Header,
  parseHeaders,
  parseRequestHead,
  parseResponseHead,
  type RequestHead,
  type ResponseHead,
  requestFraming,
  responseFraming,
} from "./message.ts";

/** After `head`, any number of `data`, then `complete`; `malformed` is the last event. */
export interface MessageEvents<Head> {
  head(head: Head, framing: Framing): void;
  data(chunk: Buffer): void;
  complete(trailers: readonly Header[]): void;
  malformed(why: string): void;
}

export interface MessageReader {
  push(chunk: Buffer): void;
  /** The peer sends no more. Completes a body that ends with the connection; any other partial message is malformed. */
  end(): void;
  /** True from the first byte of a message until its end. */
  readonly busy: boolean;
  /** Stops parsing, and returns the bytes received but not parsed: they belong to another protocol. */
  detach(): Buffer;
}

export function readRequests(events: MessageEvents<RequestHead>): MessageReader {
  return createReader(events, parseRequestHead, requestFraming);
}

/**
 * `methodOf` returns the method of the request that the next final response answers. A 1xx response is reported as a
 * `head` with framing `none` and a `complete`; after 101 the owner must call `detach()` in `head`.
 */
export function readResponses(events: MessageEvents<ResponseHead>, methodOf: () => string): MessageReader {
  return createReader(events, parseResponseHead, (head) => responseFraming(head, methodOf()));
}

/** Far above HAProxy's limit (tune.bufsize, 16 kB), so that HAProxy's limit applies first. */
const maxHeadBytes = 1_048_576;
const noBytes: Buffer = Buffer.alloc(0);

type State =
  | "head"
  | "length"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailers"
  | "until-close"
  | "dead";

function createReader<Head>(
  events: MessageEvents<Head>,
  parseHead: (text: string) => Head | string,
  frame: (head: Head) => { framing: Framing; length: number } | string,
): MessageReader {
  let state: State = "head";
  let left = 0; // remaining bytes of the body or chunk
  let pending = noBytes; // received, but not enough to continue
  let at = 0; // how much of `pending` is parsed

  const fail = (why: string) => {
    state = "dead";
    pending = noBytes;
    events.malformed(why);
  };

  /** The text up to `mark`, which is skipped; undefined until it has arrived. */
  const takeUntil = (mark: string): string | undefined => {
    const end = pending.indexOf(mark, at, "latin1");
    if (end === -1) {
      if (pending.length - at > maxHeadBytes) fail(`no end of line or headers within ${maxHeadBytes} bytes`);
      return undefined;
    }
    const text = pending.toString("latin1", at, end);
    at = end + mark.length;
    return text;
  };

  const takeData = (after: State): boolean => {
    const size = Math.min(left, pending.length - at);
    if (size > 0) events.data(pending.subarray(at, at + size));
    at += size;
    left -= size;
    if (left > 0) return false;
    state = after;
    return true;
  };

  const finish = (trailers: readonly Header[]) => {
    state = "head";
    events.complete(trailers);
  };

  const readHead = (): boolean => {
    // Empty lines before a message are skipped (RFC 9112 section 2.2).
    while (pending[at] === 0x0d && pending[at + 1] === 0x0a) at += 2;
    const text = takeUntil("\r\n\r\n");
    if (text === undefined) return false;
    const head = parseHead(text);
    if (typeof head === "string") {
      fail(head);
      return false;
    }
    const framed = frame(head);
    if (typeof framed === "string") {
      fail(framed);
      return false;
    }
    left = framed.length;
    state = stateAfterHead[framed.framing];
    events.head(head, framed.framing);
    if (framed.framing === "none" && state === "head") events.complete([]);
    return true;
  };

  const readChunkSize = (): boolean => {
    const line = takeUntil("\r\n");
    if (line === undefined) return false;
    const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/s.exec(line)?.[1];
    if (size === undefined) {
      fail(`not a chunk size: ${JSON.stringify(line.slice(0, 120))}`);
      return false;
    }
    left = Number.parseInt(size, 16);
    state = left === 0 ? "trailers" : "chunk-data";
    return true;
  };

  const readChunkEnd = (): boolean => {
    if (pending.length - at < 2) return false;
    if (pending[at] !== 0x0d || pending[at + 1] !== 0x0a) {
      fail("a chunk that is longer than its size");
      return false;
    }
    at += 2;
    state = "chunk-size";
    return true;
  };

  const readTrailers = (): boolean => {
    if (pending[at] === 0x0d && pending[at + 1] === 0x0a) {
      at += 2;
      finish([]);
      return true;
    }
    const text = takeUntil("\r\n\r\n");
    if (text === undefined) return false;
    const trailers = parseHeaders(text, 0);
    if (typeof trailers === "string") {
      fail(trailers);
      return false;
    }
    finish(trailers);
    return true;
  };

  const readLength = (): boolean => {
    if (!takeData("head")) return false;
    events.complete([]);
    return true;
  };

  const readUntilClose = (): boolean => {
    left = pending.length - at;
    takeData("until-close");
    return false;
  };

  const steps: Record<Exclude<State, "dead">, () => boolean> = {
    head: readHead,
    length: readLength,
    "chunk-size": readChunkSize,
    "chunk-data": () => takeData("chunk-end"),
    "chunk-end": readChunkEnd,
    trailers: readTrailers,
    "until-close": readUntilClose,
  };

  const step = (): boolean => state !== "dead" && steps[state]();

  return {
    push(chunk) {
      if (state === "dead") return;
      pending = at < pending.length ? Buffer.concat([pending.subarray(at), chunk]) : chunk;
      at = 0;
      while (at < pending.length && step());
      if (at >= pending.length) pending = noBytes;
    },
    end() {
      if (state === "dead") return;
      if (state === "until-close") finish([]);
      else if (state !== "head" || at < pending.length) fail("the peer closed in the middle of a message");
    },
    get busy() {
      return state !== "dead" && (state !== "head" || at < pending.length);
    },
    detach() {
      const rest = pending.subarray(at);
      state = "dead";
      pending = noBytes;
      return rest;
    },
  };
}

const stateAfterHead: Record<Framing, State> = {
  none: "head",
  length: "length",
  chunked: "chunk-size",
  "until-close": "until-close",
};
