// One HTTP/1.1 client connection, which carries one request after another.
import type { Socket } from "node:net";
import type { Answer, NoAnswer, TlsReport } from "./answer.ts";
import { noAnswerFrom } from "./dial.ts";
import { formatHead, type Header, headerHasToken, type ResponseHead, staysOpen } from "./message.ts";
import { type MessageReader, readResponses } from "./reader.ts";

/** A request as it is sent. Text is latin1; nothing is checked, escaped or added. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  /** Default `HTTP/1.1`. */
  readonly httpVersion?: string;
  readonly headers: readonly Header[];
  readonly body?: Buffer;
  /** Sent instead of all the above, for malformed requests. `method` still determines how the answer ends. */
  readonly raw?: Buffer;
}

/** The part of an `Answer` that the connection knows. */
export interface Exchange extends Omit<Answer, keyof ResponseHead | "reused" | "tls"> {
  readonly head: ResponseHead;
}

export class ClientConnection {
  readonly socket: Socket;
  readonly tls: TlsReport | undefined;
  /** Requests sent so far. */
  requests = 0;
  #reader: MessageReader;
  #current: Pending | undefined;
  #unused = false;
  readonly #onIdleEnd: () => void;

  /** `onIdleEnd` is called once, when the connection ends with no request in flight. */
  constructor(socket: Socket, tls: TlsReport | undefined, onIdleEnd: () => void) {
    this.socket = socket;
    this.tls = tls;
    this.#onIdleEnd = onIdleEnd;
    this.#reader = readResponses(
      {
        head: (head) => this.#takeHead(head),
        data: (chunk) => this.#current?.body.push(chunk),
        complete: (trailers) => this.#complete(trailers),
        malformed: (why) => this.#malformed(why),
      },
      () => this.#current?.method ?? "GET",
    );
    socket.on("data", this.#takeData);
    for (const event of ENDINGS) socket.on(event, this.#ended);
  }

  /** Whether the connection can take another request, as far as is known. */
  get usable(): boolean {
    return this.#current === undefined && !this.#unused && this.socket.writable && !this.socket.readableEnded;
  }

  /** Sends a request and awaits its final answer. One at a time. */
  exchange(request: WireRequest, timeoutMs: number): Promise<Exchange | NoAnswer> {
    if (this.#current !== undefined) throw new Error("the connection carries a request already");
    this.requests += 1;
    return new Promise((resolve) => {
      const timer = setTimeout(
        () =>
          this.#settle({ failed: "timeout", message: `no complete answer in ${Math.round(timeoutMs)} ms` }),
        timeoutMs,
      );
      this.#current = {
        method: request.method,
        resolve,
        timer,
        body: [],
        informational: [],
        head: undefined,
        heldBody: undefined,
      };
      this.#send(request, this.#current);
    });
  }

  /** After a 101: the socket, with the bytes received after the answer put back. All listeners are removed. */
  takeSocket(): Socket {
    const rest = this.#reader.detach();
    this.socket.off("data", this.#takeData);
    for (const event of ENDINGS) this.socket.off(event, this.#ended);
    this.socket.pause();
    if (rest.length > 0) this.socket.unshift(rest);
    // Neither paused nor flowing, like a new stream, so that the first `data` listener receives everything. Node's own
    // client does the same; its types declare it readonly.
    return Object.assign(this.socket, { readableFlowing: null });
  }

  destroy(): void {
    this.#unused = true;
    this.socket.destroy();
  }

  #send(request: WireRequest, current: Pending): void {
    if (request.raw !== undefined) {
      this.socket.write(request.raw);
      return;
    }
    const { method, target, httpVersion = "HTTP/1.1", headers, body } = request;
    const head = formatHead(`${method} ${target} ${httpVersion}`, headers);
    if (body === undefined || body.length === 0) {
      this.socket.write(head, "latin1");
    } else if (headerHasToken(headers, "expect", "100-continue")) {
      current.heldBody = body;
      this.socket.write(head, "latin1");
    } else {
      this.socket.write(Buffer.concat([Buffer.from(head, "latin1"), body]));
    }
  }

  readonly #takeData = (chunk: Buffer): void => {
    const current = this.#current;
    if (current === undefined) {
      // Bytes outside of an exchange, such as a 408 after the server's timeout: the connection cannot be reused.
      this.#unused = true;
      return;
    }
    this.#reader.push(chunk);
  };

  #takeHead(head: ResponseHead): void {
    const current = this.#current;
    if (current === undefined) return;
    if (head.status >= 200 || head.status === 101) {
      current.head = head;
      if (head.status === 101) this.#settle(this.#result(current, head, [], true, "closed"));
      return;
    }
    current.informational.push(head);
    if (head.status === 100 && current.heldBody !== undefined) {
      this.socket.write(current.heldBody);
      current.heldBody = undefined;
    }
  }

  #complete(trailers: readonly Header[]): void {
    const current = this.#current;
    if (current?.head === undefined) return; // the end of a 1xx response
    const { head } = current;
    const keeps =
      staysOpen(head) &&
      this.socket.writable &&
      !this.socket.readableEnded &&
      this.socket.writableLength === 0 &&
      current.heldBody === undefined;
    this.#settle(this.#result(current, head, trailers, true, keeps ? "kept" : "closed"));
  }

  #malformed(why: string): void {
    const current = this.#current;
    if (current === undefined) return;
    if (current.head === undefined) this.#settle({ failed: "malformed", message: why });
    else this.#settle(this.#result(current, current.head, [], false, "closed"));
  }

  readonly #ended = (cause?: unknown): void => {
    const error: NodeJS.ErrnoException | undefined = cause instanceof Error ? cause : undefined; // `close` passes a boolean
    const current = this.#current;
    if (current === undefined) {
      if (!this.#unused) this.#onIdleEnd();
      this.#unused = true;
      return;
    }
    if (error !== undefined) {
      const failure = noAnswerFrom(error) ?? { failed: "reset" as const, message: error.message };
      if (current.head === undefined) this.#settle(failure);
      else this.#settle(this.#result(current, current.head, [], false, "reset"));
      return;
    }
    if (this.#reader.busy) this.#reader.end();
    if (this.#current !== current) return;
    this.#settle({
      failed: "closed-without-answer",
      message: "the peer closed the connection without an answer",
    });
  };

  #result(
    current: Pending,
    head: ResponseHead,
    trailers: readonly Header[],
    complete: boolean,
    connection: Exchange["connection"],
  ): Exchange {
    const [only] = current.body;
    const body = current.body.length === 1 && only !== undefined ? only : Buffer.concat(current.body);
    return { head, body, trailers, informational: current.informational, complete, connection };
  }

  #settle(outcome: Exchange | NoAnswer): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#current = undefined;
    clearTimeout(current.timer);
    const upgraded = outcome.failed === undefined && outcome.head.status === 101;
    if (!upgraded && (outcome.failed !== undefined || outcome.connection !== "kept")) this.destroy();
    current.resolve(outcome);
  }
}

const ENDINGS = ["end", "error", "close"] as const;

interface Pending {
  readonly method: string;
  readonly resolve: (outcome: Exchange | NoAnswer) => void;
  readonly timer: NodeJS.Timeout;
  readonly body: Buffer[];
  readonly informational: ResponseHead[];
  head: ResponseHead | undefined;
  /** The body is sent after a 100 (RFC 9110 section 10.1.1). */
  heldBody: Buffer | undefined;
}
