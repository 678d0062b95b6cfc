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
  return new MessageParser(events, parseRequestHead, requestFraming);
}

/**
 * `methodOf` returns the method of the request that the next final response answers. A 1xx response is reported as a
 * `head` with framing `none` and a `complete`; after 101 the owner must call `detach()` in `head`.
 */
export function readResponses(events: MessageEvents<ResponseHead>, methodOf: () => string): MessageReader {
  return new MessageParser(events, parseResponseHead, (head) => responseFraming(head, methodOf()));
}

/** Far above HAProxy's limit (tune.bufsize, 16 kB), so that HAProxy's limit applies first. */
const MAX_HEAD_BYTES = 1_048_576;
const NO_BYTES: Buffer = Buffer.alloc(0);

type State =
  | "head"
  | "length"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailers"
  | "until-close"
  | "dead";

class MessageParser<Head> implements MessageReader {
  readonly #events: MessageEvents<Head>;
  readonly #parseHead: (text: string) => Head | string;
  readonly #frame: (head: Head) => { framing: Framing; length: number } | string;
  #state: State = "head";
  /** Remaining bytes of the body or chunk. */
  #left = 0;
  /** Received, but not enough to continue. */
  #pending = NO_BYTES;
  /** How much of `#pending` is parsed. */
  #at = 0;

  constructor(
    events: MessageEvents<Head>,
    parseHead: (text: string) => Head | string,
    frame: (head: Head) => { framing: Framing; length: number } | string,
  ) {
    this.#events = events;
    this.#parseHead = parseHead;
    this.#frame = frame;
  }

  push(chunk: Buffer): void {
    if (this.#state === "dead") return;
    this.#pending =
      this.#at < this.#pending.length ? Buffer.concat([this.#pending.subarray(this.#at), chunk]) : chunk;
    this.#at = 0;
    while (this.#at < this.#pending.length && this.#step());
    if (this.#at >= this.#pending.length) this.#pending = NO_BYTES;
  }

  end(): void {
    if (this.#state === "dead") return;
    if (this.#state === "until-close") this.#finish([]);
    else if (this.busy) this.#fail("the peer closed in the middle of a message");
  }

  get busy(): boolean {
    return this.#state !== "dead" && (this.#state !== "head" || this.#at < this.#pending.length);
  }

  detach(): Buffer {
    const rest = this.#pending.subarray(this.#at);
    this.#state = "dead";
    this.#pending = NO_BYTES;
    return rest;
  }

  /** Whether there may be more to parse. */
  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#readHead();
      case "length":
        if (!this.#takeData("head")) return false;
        this.#events.complete([]);
        return true;
      case "chunk-size":
        return this.#readChunkSize();
      case "chunk-data":
        return this.#takeData("chunk-end");
      case "chunk-end":
        return this.#readChunkEnd();
      case "trailers":
        return this.#readTrailers();
      case "until-close":
        this.#left = this.#pending.length - this.#at;
        this.#takeData("until-close");
        return false;
      case "dead":
        return false;
    }
  }

  #fail(why: string): false {
    this.#state = "dead";
    this.#pending = NO_BYTES;
    this.#events.malformed(why);
    return false;
  }

  /** The text up to `mark`, which is skipped; undefined until it has arrived. */
  #takeUntil(mark: string): string | undefined {
    const end = this.#pending.indexOf(mark, this.#at, "latin1");
    if (end === -1) {
      if (this.#pending.length - this.#at > MAX_HEAD_BYTES)
        this.#fail(`no end of line or headers within ${MAX_HEAD_BYTES} bytes`);
      return undefined;
    }
    const text = this.#pending.toString("latin1", this.#at, end);
    this.#at = end + mark.length;
    return text;
  }

  #takeData(after: State): boolean {
    const size = Math.min(this.#left, this.#pending.length - this.#at);
    if (size > 0) this.#events.data(this.#pending.subarray(this.#at, this.#at + size));
    this.#at += size;
    this.#left -= size;
    if (this.#left > 0) return false;
    this.#state = after;
    return true;
  }

  #finish(trailers: readonly Header[]): void {
    this.#state = "head";
    this.#events.complete(trailers);
  }

  #readHead(): boolean {
    // Empty lines before a message are skipped (RFC 9112 section 2.2).
    while (this.#startsWithLineEnd()) this.#at += 2;
    const text = this.#takeUntil("\r\n\r\n");
    if (text === undefined) return false;
    const head = this.#parseHead(text);
    if (typeof head === "string") return this.#fail(head);
    const framed = this.#frame(head);
    if (typeof framed === "string") return this.#fail(framed);
    this.#left = framed.length;
    const state = STATE_AFTER_HEAD[framed.framing];
    this.#state = state;
    this.#events.head(head, framed.framing);
    // The owner may have detached in `head`.
    if (framed.framing === "none" && this.#state === state) this.#events.complete([]);
    return true;
  }

  #readChunkSize(): boolean {
    const line = this.#takeUntil("\r\n");
    if (line === undefined) return false;
    const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/s.exec(line)?.[1];
    if (size === undefined) return this.#fail(`not a chunk size: ${JSON.stringify(line.slice(0, 120))}`);
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? "trailers" : "chunk-data";
    return true;
  }

  #readChunkEnd(): boolean {
    if (this.#pending.length - this.#at < 2) return false;
    if (!this.#startsWithLineEnd()) return this.#fail("a chunk that is longer than its size");
    this.#at += 2;
    this.#state = "chunk-size";
    return true;
  }

  #readTrailers(): boolean {
    if (this.#startsWithLineEnd()) {
      this.#at += 2;
      this.#finish([]);
      return true;
    }
    const text = this.#takeUntil("\r\n\r\n");
    if (text === undefined) return false;
    const trailers = parseHeaders(text, 0);
    if (typeof trailers === "string") return this.#fail(trailers);
    this.#finish(trailers);
    return true;
  }

  #startsWithLineEnd(): boolean {
    return this.#pending[this.#at] === 0x0d && this.#pending[this.#at + 1] === 0x0a;
  }
}

const STATE_AFTER_HEAD: Record<Framing, State> = {
  none: "head",
  length: "length",
  chunked: "chunk-size",
  "until-close": "until-close",
};
