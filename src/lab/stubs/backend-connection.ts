// One connection to a stub backend: reads requests one after another, and answers each as configured.
import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import {
  formatHead,
  type Header,
  headerHasToken,
  headerValue,
  type RequestHead,
  staysOpen,
} from "../http/message.ts";
import { type MessageReader, readRequests } from "../http/reader.ts";
import { resetSocket } from "../tcp/reset.ts";
import type { BackendSpec } from "./backend.ts";
import { type Behave, type Behaviour, type PreparedAnswer, prepareAnswer } from "./behaviour.ts";
import { EXCHANGE_HEADER, type ExchangeLog, type SeenRequest } from "./exchange-log.ts";

/** State of the connection, and its owner. */
export interface ConnectionContext {
  readonly spec: BackendSpec;
  readonly server: string;
  readonly connection: number;
  readonly peer: SeenRequest["peer"];
  readonly proxy?: NonNullable<SeenRequest["proxy"]>;
  readonly tls?: NonNullable<SeenRequest["tls"]>;
  readonly exchanges: ExchangeLog;
  healthy(): boolean;
  behave(): Behave;
  sawRequest(seen: SeenRequest): void;
  sawHealthCheck(): void;
  sawMalformed(): void;
}

export class BackendConnection {
  readonly #socket: Socket;
  readonly #context: ConnectionContext;
  readonly #reader: MessageReader;
  #requests = 0;
  #head: RequestHead | undefined;
  #body: Buffer[] = [];
  /** Requests that arrived while an earlier one was answered (pipelining, RFC 9112 section 9.3.2). */
  readonly #waiting: SeenRequest[] = [];
  #answering = false;
  #peerEnded = false;

  constructor(socket: Socket, context: ConnectionContext) {
    this.#socket = socket;
    this.#context = context;
    this.#reader = readRequests({
      head: (head) => this.#takeHead(head),
      data: (chunk) => this.#body.push(chunk),
      complete: (trailers) => this.#complete(trailers),
      malformed: () => {
        context.sawMalformed();
        socket.end(formatHead("HTTP/1.1 400 Bad Request", [["connection", "close"]]), "latin1");
      },
    });
    socket.on("error", () => socket.destroy());
    socket.on("data", this.#onData);
    socket.on("end", this.#onEnd);
    socket.resume();
  }

  readonly #onData = (chunk: Buffer): void => this.#reader.push(chunk);

  readonly #onEnd = (): void => {
    this.#peerEnded = true;
    if (!this.#answering && this.#socket.writable) this.#socket.end();
  };

  #takeHead(head: RequestHead): void {
    this.#head = head;
    if (headerHasToken(head.headers, "expect", "100-continue")) {
      this.#socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    }
    if (this.#wantsWebSocket(head)) this.#openEcho(head, this.#record(head, []));
  }

  #complete(trailers: readonly Header[]): void {
    const head = this.#head;
    if (head === undefined) return;
    const seen = this.#record(head, trailers);
    if (this.#answering) this.#waiting.push(seen);
    else this.#answer(seen);
  }

  #record(head: RequestHead, trailers: readonly Header[]): SeenRequest {
    const { spec, server, connection, peer, proxy, tls, exchanges } = this.#context;
    const [only] = this.#body;
    const body = this.#body.length === 1 && only !== undefined ? only : Buffer.concat(this.#body);
    this.#body = [];
    this.#requests += 1;
    const seen: SeenRequest = {
      exchange: exchanges.nextId(),
      backend: spec.name,
      server,
      connection,
      requestOnConnection: this.#requests,
      method: head.method,
      target: head.target,
      httpVersion: head.httpVersion,
      headers: head.headers,
      trailers,
      body,
      peer,
      ...(tls === undefined ? {} : { tls }),
      ...(proxy === undefined ? {} : { proxy }),
    };
    exchanges.add(seen);
    if (this.#isHealthCheck(seen)) this.#context.sawHealthCheck();
    else this.#context.sawRequest(seen);
    return seen;
  }

  #isHealthCheck(seen: SeenRequest): boolean {
    const { healthPath } = this.#context.spec;
    return healthPath !== undefined && seen.target === healthPath;
  }

  #answer(seen: SeenRequest): void {
    this.#answering = true;
    const behaviour = this.#behaviourFor(seen);
    if (behaviour instanceof Promise) {
      behaviour.then(
        (chosen) => this.#perform(chosen, seen),
        (error: Error) => this.#socket.destroy(error),
      );
    } else if (isPlain(behaviour)) {
      this.#write(prepareAnswer(behaviour, seen, staysOpen(seen)));
    } else {
      this.#perform(behaviour, seen);
    }
  }

  #behaviourFor(seen: SeenRequest): Behaviour | Promise<Behaviour> {
    if (this.#isHealthCheck(seen)) return { status: this.#context.healthy() ? 200 : 503, body: "" };
    const behave = this.#context.behave();
    return typeof behave === "function" ? behave(seen) : behave;
  }

  async #perform(behaviour: Behaviour, seen: SeenRequest): Promise<void> {
    if (behaviour.until !== undefined) await behaviour.until;
    if (behaviour.delayMs !== undefined) await this.#pause(behaviour.delayMs);
    if (this.#socket.destroyed || behaviour.fail === "timeout") return;
    if (behaviour.fail === "close") this.#socket.end();
    else if (behaviour.fail === "reset") resetSocket(this.#socket);
    else await this.#writeInPieces(prepareAnswer(behaviour, seen, staysOpen(seen)), behaviour);
  }

  #write(answer: PreparedAnswer): void {
    const { head, body, chunked } = answer;
    if (body.length === 0) this.#socket.write(chunked ? `${head}0\r\n\r\n` : head, "latin1");
    else
      this.#socket.write(Buffer.concat([Buffer.from(head, "latin1"), chunked ? asChunks(body, true) : body]));
    this.#finish(answer);
  }

  async #writeInPieces(answer: PreparedAnswer, behaviour: Behaviour): Promise<void> {
    const { body, chunked } = answer;
    const end = Math.min(behaviour.cutBodyAt ?? body.length, body.length);
    const { pieceBytes, pauseMs } = behaviour.slowBody ?? { pieceBytes: end, pauseMs: 0 };
    this.#socket.write(answer.head, "latin1");
    for (let at = 0; at < end && !this.#socket.destroyed; at += Math.max(1, pieceBytes)) {
      const piece = body.subarray(at, Math.min(at + Math.max(1, pieceBytes), end));
      this.#socket.write(chunked ? asChunks(piece, false) : piece);
      if (pauseMs > 0) await this.#pause(pauseMs);
    }
    if (this.#socket.destroyed) return;
    if (end < body.length) {
      this.#socket.end();
      return;
    }
    if (chunked) this.#socket.write("0\r\n\r\n");
    this.#finish(answer);
  }

  #finish(answer: PreparedAnswer): void {
    this.#answering = false;
    const next = this.#waiting.shift();
    if (answer.closes || (this.#peerEnded && next === undefined)) this.#socket.end();
    else if (next !== undefined) this.#answer(next);
  }

  #wantsWebSocket(head: RequestHead): boolean {
    return (
      this.#context.spec.webSocket !== false &&
      headerHasToken(head.headers, "upgrade", "websocket") &&
      headerHasToken(head.headers, "connection", "upgrade") &&
      headerValue(head.headers, "sec-websocket-key") !== undefined
    );
  }

  /** Accepts the handshake (RFC 6455 section 4.2.2), then echoes everything until the peer closes. */
  #openEcho(head: RequestHead, seen: SeenRequest): void {
    const socket = this.#socket;
    const rest = this.#reader.detach();
    socket.off("data", this.#onData);
    socket.off("end", this.#onEnd);
    const key = headerValue(head.headers, "sec-websocket-key") ?? "";
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const answer = formatHead("HTTP/1.1 101 Switching Protocols", [
      ["upgrade", "websocket"],
      ["connection", "Upgrade"],
      ["sec-websocket-accept", accept],
      [EXCHANGE_HEADER, seen.exchange],
    ]);
    socket.write(answer, "latin1");
    if (rest.length > 0) socket.write(rest);
    socket.pipe(socket);
  }

  /** Also resolves when the connection closes, so that nothing outlives it. */
  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#socket.off("close", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#socket.once("close", done);
    });
  }
}

function isPlain({ until, delayMs, fail, slowBody, cutBodyAt }: Behaviour): boolean {
  return (
    until === undefined &&
    delayMs === undefined &&
    fail === undefined &&
    slowBody === undefined &&
    cutBodyAt === undefined
  );
}

function asChunks(body: Buffer, last: boolean): Buffer {
  const start = Buffer.from(`${body.length.toString(16)}\r\n`);
  return Buffer.concat([start, body, Buffer.from(last ? "\r\n0\r\n\r\n" : "\r\n")]);
}
