// One request that the simulated load balancer forwards to a target, and its response.
//
// A target that closes the connection gives 502, a timeout 504, no target 503 (AWS, "Troubleshoot your
// Application Load Balancers").
import type { Socket } from "node:net";
import type { ListenerAnswer } from "../../wiring/cloud.ts";
import {
  type Framing,
  formatHead,
  type Header,
  type RequestHead,
  type ResponseHead,
  staysOpen,
} from "../http/message.ts";
import { type MessageReader, readResponses } from "../http/reader.ts";
import { closeGently } from "../tcp/reset.ts";
import { type Forwarded, forwardedHeaders } from "./forwarded-headers.ts";
import { answerText } from "./listener-answer.ts";
import { relay } from "./relay.ts";
import type { Leased, TargetPool } from "./target-pool.ts";

export interface HttpRelayOptions {
  /** Idle timeout of either side; 0 for none. */
  readonly idleTimeoutMs: number;
  /** Values of the X-Forwarded headers of this connection's requests. */
  readonly forwarded: Forwarded;
  /** Every request gets this answer. */
  readonly answer?: { readonly is: ListenerAnswer; readonly port: number };
  readonly onBytes: (from: "client" | "target", bytes: number) => void;
  /** The load balancer itself answered a request. */
  readonly onUnserved: () => void;
}

/** The client's side of it. */
export interface ClientSide {
  readonly client: Socket;
  readonly pool: TargetPool;
  readonly options: HttpRelayOptions;
  /** The exchange is over. */
  readonly next: () => void;
  /** The connection changes to another protocol; passes the bytes that were read already. */
  readonly letGo: () => Buffer;
}

export class HttpExchange {
  readonly #side: ClientSide;
  readonly #head: RequestHead;
  readonly #chunked: boolean;
  /** Bytes of the request, until there is a target. */
  readonly #early: (Buffer | string)[] = [];
  #leased: Leased | undefined;
  #responses: MessageReader | undefined;
  #requested = false;
  #answered: "no" | "begun" | "whole" = "no";
  #answerChunked = false;
  /** Whether the client's connection may carry another request afterwards. */
  #goesOn: boolean;
  /** Whether the target's connection may. */
  #reusable = true;

  constructor(side: ClientSide, head: RequestHead, framing: Framing) {
    this.#side = side;
    this.#head = head;
    this.#chunked = framing === "chunked";
    this.#goesOn = head.httpVersion === "HTTP/1.1" && staysOpen(head);
    const headers = forwardedHeaders(ofNoConnection(head.headers), side.options.forwarded);
    this.#send(formatHead(`${head.method} ${head.target} ${head.httpVersion}`, headers));
  }

  get keepsOpen(): boolean {
    return this.#goesOn;
  }

  /** Finds a target, and sends it what has been received so far. */
  async begin(): Promise<void> {
    const { pool, client, options } = this.#side;
    if (options.answer !== undefined) {
      this.#close(answerText(this.#head, options.answer, options.forwarded.scheme));
      return;
    }
    const leased = await pool.take();
    if (typeof leased === "string") this.#answerItself(leased === "no target" ? 503 : 502);
    else if (client.destroyed) pool.put(leased);
    else this.#lead(leased);
  }

  #lead(leased: Leased): void {
    this.#leased = leased;
    this.#responses = readResponses(
      {
        head: (head, framing) => this.#takeHead(head, framing),
        data: (chunk) => this.#answer(this.#answerChunked ? chunkOf(chunk) : chunk),
        complete: (trailers) => this.#takeEnd(trailers),
        malformed: () => this.#fail(502),
      },
      () => this.#head.method,
    );
    const { socket } = leased;
    socket.on("data", this.#takeData);
    socket.on("end", this.#takeTargetEnd);
    socket.on("close", this.#takeTargetEnd);
    socket.on("timeout", this.#takeSilence);
    for (const bytes of this.#early.splice(0)) this.#send(bytes);
    socket.resume();
  }

  takeBody(chunk: Buffer): void {
    this.#send(this.#chunked ? chunkOf(chunk) : chunk);
  }

  endBody(trailers: readonly Header[]): void {
    if (this.#chunked) this.#send(lastChunk(trailers));
    this.#requested = true;
    this.#settle();
  }

  /** The client has disconnected. */
  abandon(): void {
    this.#release()?.socket.destroy();
  }

  #send(bytes: Buffer | string): void {
    if (this.#leased === undefined) {
      if (this.#answered === "no") this.#early.push(bytes);
      return;
    }
    const { client } = this.#side;
    const { socket } = this.#leased;
    // Bytes received together are sent together: a target that answers and closes after the headers would reset the rest.
    socket.cork();
    queueMicrotask(() => socket.uncork());
    if (!write(socket, bytes)) {
      client.pause();
      socket.once("drain", () => client.resume());
    }
  }

  #answer(bytes: Buffer | string): void {
    const { client } = this.#side;
    const from = this.#leased?.socket;
    if (!write(client, bytes) && from !== undefined) {
      from.pause();
      client.once("drain", () => from.resume());
    }
  }

  readonly #takeData = (chunk: Buffer) => {
    this.#side.options.onBytes("target", chunk.length);
    this.#responses?.push(chunk);
  };

  /** The end of the connection may be the end of the response. */
  readonly #takeTargetEnd = () => {
    this.#reusable = false;
    if (this.#answered === "begun") this.#responses?.end();
    else if (this.#answered === "no") this.#fail(502);
  };

  readonly #takeSilence = () => this.#fail(504);

  #takeHead(head: ResponseHead, framing: Framing): void {
    const line = `${head.httpVersion} ${head.status} ${head.reason}`;
    if (head.status === 101) this.#takeUpgrade(formatHead(line, head.headers));
    else if (head.status < 200) this.#answer(formatHead(line, head.headers));
    else this.#begin(line, head, framing);
  }

  #begin(line: string, head: ResponseHead, framing: Framing): void {
    this.#answered = "begun";
    this.#answerChunked = framing === "chunked";
    if (framing === "until-close") this.#goesOn = false;
    if (!staysOpen(head)) this.#reusable = false;
    const headers = ofNoConnection(head.headers);
    this.#answer(formatHead(line, this.#goesOn ? headers : [...headers, ["Connection", "close"]]));
  }

  #takeEnd(trailers: readonly Header[]): void {
    // A 1xx response ends too.
    if (this.#answered !== "begun") return;
    if (this.#answerChunked) this.#answer(lastChunk(trailers));
    this.#answered = "whole";
    this.#settle();
  }

  /** From here on, bytes belong to the other protocol (RFC 9110 section 7.8). */
  #takeUpgrade(head: string): void {
    const { client, letGo, options } = this.#side;
    const rest = this.#responses?.detach();
    const socket = this.#release()?.socket;
    if (socket === undefined) return;
    write(client, head);
    socket.setTimeout(0);
    const ahead = letGo();
    if (ahead.length > 0) write(socket, ahead);
    if (rest !== undefined && rest.length > 0) write(client, rest);
    relay(client, socket, {
      idleTimeoutMs: options.idleTimeoutMs,
      onIdle: "close",
      onBytes: options.onBytes,
      onEnd: () => {},
    });
  }

  /** Both sides are complete: the target's connection returns to the pool. */
  #settle(): void {
    if (this.#answered !== "whole" || !this.#requested) return;
    const leased = this.#release();
    if (leased !== undefined && this.#reusable) this.#side.pool.put(leased);
    else leased?.socket.destroy();
    this.#side.next();
  }

  #fail(status: 502 | 504): void {
    const leased = this.#release();
    if (leased === undefined) return;
    leased.socket.destroy();
    // A partial response cannot be undone.
    if (this.#answered === "begun") this.#side.client.destroy();
    else this.#answerItself(status);
  }

  #answerItself(status: 502 | 503 | 504): void {
    this.#side.options.onUnserved();
    this.#close(ownAnswer(status));
  }

  #close(answer: string): void {
    this.#early.length = 0;
    this.#answered = "whole";
    this.#goesOn = false;
    write(this.#side.client, answer);
    closeGently(this.#side.client);
  }

  #release(): Leased | undefined {
    const leased = this.#leased;
    this.#leased = undefined;
    leased?.socket.off("data", this.#takeData);
    leased?.socket.off("end", this.#takeTargetEnd);
    leased?.socket.off("close", this.#takeTargetEnd);
    leased?.socket.off("timeout", this.#takeSilence);
    return leased;
  }
}

const REASONS = {
  400: "Bad Request",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
} as const;

/** A response by the load balancer itself, after which it closes. */
export function ownAnswer(status: keyof typeof REASONS): string {
  return formatHead(`HTTP/1.1 ${status} ${REASONS[status]}`, [
    ["Server", "awselb/2.0"],
    ["Content-Length", "0"],
    ["Connection", "close"],
  ]);
}

/** Whether the buffer has room. What is sent to a closed end is lost. */
function write(socket: Socket, bytes: Buffer | string): boolean {
  if (!socket.writable) return true;
  return typeof bytes === "string" ? socket.write(bytes, "latin1") : socket.write(bytes);
}

/** Without hop-by-hop headers. */
function ofNoConnection(headers: readonly Header[]): readonly Header[] {
  return headers.flatMap(([name, value]): readonly Header[] => {
    if (name.toLowerCase() !== "connection") return [[name, value]];
    const others = value
      .split(",")
      .map((token) => token.trim())
      .filter((token) => !/^(|close|keep-alive)$/i.test(token));
    return others.length === 0 ? [] : [[name, others.join(", ")]];
  });
}

function chunkOf(chunk: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]);
}

function lastChunk(trailers: readonly Header[]): string {
  return `0\r\n${trailers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}
