// The lab's HTTP client: sends exact bytes from a chosen address, reuses connections, and reports exactly what came back.
import type { Duplex } from "node:stream";
import type { Answer, NoAnswer } from "./answer.ts";
import { ClientConnection, type Exchange, type WireRequest } from "./connection.ts";
import { type Dialled, dial, type Route } from "./dial.ts";
import { headerValue } from "./message.ts";

export interface LabClientOptions {
  /** Keep connections for later requests over the same route. Default true. */
  readonly keepAlive?: boolean;
  /** Maximum number of idle connections; the least recently used are closed first. Default 256. */
  readonly maxIdle?: number;
  /** Default timeout of a request, until the answer is complete. Default 10,000. */
  readonly timeoutMs?: number;
}

export interface LabRequest extends WireRequest, Route {
  readonly timeoutMs?: number;
  /**
   * A server may close an idle connection while a request is sent on it. True sends such a request, when no byte of its
   * answer arrived, again on a new connection, as browsers do for GET (RFC 9110, 9.2.2). Default false.
   */
  readonly retryOnStale?: boolean;
  /** False opens a connection for this request only. Default: the client's `keepAlive`. */
  readonly keepAlive?: boolean;
}

/** The answer to an upgrade request and, after a 101, the connection, which the requester must close. */
export interface Upgraded {
  readonly failed?: undefined;
  readonly answer: Answer;
  readonly stream?: Duplex;
}

/** Close it when done: it holds sockets. */
export class LabClient {
  readonly #keepAlive: boolean;
  readonly #maxIdle: number;
  readonly #timeoutMs: number;
  readonly #idle = new Map<string, ClientConnection[]>();
  readonly #open = new Set<ClientConnection>();
  /** Idle connections, least recently used first. */
  readonly #byAge = new Map<ClientConnection, string>();

  constructor(options: LabClientOptions = {}) {
    this.#keepAlive = options.keepAlive ?? true;
    this.#maxIdle = options.maxIdle ?? 256;
    this.#timeoutMs = options.timeoutMs ?? 10_000;
  }

  /**
   * Sends one request. A body without `content-length` or `transfer-encoding` gets a `content-length`; all other
   * bytes are sent as given.
   */
  async request(request: LabRequest): Promise<Answer | NoAnswer> {
    const startedAt = performance.now();
    const key = routeKey(request);
    const reused = this.#keeps(request) ? this.#takeIdle(key) : undefined;
    if (reused !== undefined) {
      const outcome = await this.#exchange(reused, request, key, startedAt);
      const stale = outcome.failed === "closed-without-answer" || outcome.failed === "reset";
      if (!stale || request.retryOnStale !== true) return outcome;
    }
    const dialled = await dial(request, this.#left(request, startedAt));
    if (dialled.failed !== undefined) return dialled;
    return this.#exchange(this.#adopt(dialled), request, key, startedAt);
  }

  /** Sends a request with Upgrade, on a connection of its own. */
  async upgrade(request: LabRequest): Promise<Upgraded | NoAnswer> {
    const startedAt = performance.now();
    const dialled = await dial(request, this.#left(request, startedAt));
    if (dialled.failed !== undefined) return dialled;
    const connection = this.#adopt(dialled);
    const outcome = await connection.exchange(request, this.#left(request, startedAt));
    if (outcome.failed !== undefined) return outcome;
    const answer = toAnswer(outcome, connection);
    if (outcome.head.status === 101) return { answer, stream: connection.takeSocket() };
    connection.destroy();
    return { answer };
  }

  /** Closes every connection, including those with a request in flight; not the streams that `upgrade` returned. */
  close(): void {
    for (const connection of this.#open) connection.destroy();
    this.#open.clear();
    this.#idle.clear();
    this.#byAge.clear();
  }

  async #exchange(
    connection: ClientConnection,
    request: LabRequest,
    key: string,
    startedAt: number,
  ): Promise<Answer | NoAnswer> {
    const outcome = await connection.exchange(withLength(request), this.#left(request, startedAt));
    if (outcome.failed !== undefined) return outcome;
    if (outcome.connection === "kept") this.#giveBack(connection, request, key);
    else if (outcome.head.status === 101) connection.destroy();
    return toAnswer(outcome, connection);
  }

  #keeps(request: LabRequest): boolean {
    return (request.keepAlive ?? this.#keepAlive) && hasWholeBody(request);
  }

  #adopt(dialled: Dialled): ClientConnection {
    const connection = new ClientConnection(dialled.socket, dialled.tls, () => this.#forget(connection));
    this.#open.add(connection);
    dialled.socket.once("close", () => this.#open.delete(connection));
    return connection;
  }

  #takeIdle(key: string): ClientConnection | undefined {
    const idle = this.#idle.get(key);
    for (;;) {
      const connection = idle?.pop();
      if (connection === undefined) return undefined;
      this.#byAge.delete(connection);
      if (connection.usable) return connection;
      connection.destroy();
    }
  }

  #giveBack(connection: ClientConnection, request: LabRequest, key: string): void {
    if (!this.#keeps(request)) {
      connection.destroy();
      return;
    }
    const idle = this.#idle.get(key);
    if (idle === undefined) this.#idle.set(key, [connection]);
    else idle.push(connection);
    this.#byAge.set(connection, key);
    if (this.#byAge.size <= this.#maxIdle) return;
    const [oldest] = this.#byAge.keys();
    if (oldest === undefined) return;
    this.#forget(oldest);
    oldest.destroy();
  }

  #forget(connection: ClientConnection): void {
    const key = this.#byAge.get(connection);
    if (key === undefined) return;
    this.#byAge.delete(connection);
    const idle = this.#idle.get(key)?.filter((each) => each !== connection) ?? [];
    if (idle.length === 0) this.#idle.delete(key);
    else this.#idle.set(key, idle);
  }

  #left(request: LabRequest, startedAt: number): number {
    return Math.max(1, (request.timeoutMs ?? this.#timeoutMs) - (performance.now() - startedAt));
  }
}

/** Two requests may share a connection when their routes have the same key. */
function routeKey({ to, localAddress, preamble, tls }: Route): string {
  const route = `${JSON.stringify(to)} ${localAddress ?? ""} ${preamble?.toString("latin1") ?? ""}`;
  if (tls === undefined) return route;
  return `${route} ${tls.servername ?? ""} ${tls.alpn?.join() ?? ""} ${tls.verify ?? true} ${tls.ca ?? ""}`;
}

function withLength(request: LabRequest): LabRequest {
  const { body, headers } = request;
  if (body === undefined || request.raw !== undefined) return request;
  if (headerValue(headers, "content-length") ?? headerValue(headers, "transfer-encoding")) return request;
  return { ...request, headers: [...headers, ["content-length", String(body.length)]] };
}

/** False where the server waits for more body, and would read the next request as part of it (RFC 9112 section 6). */
function hasWholeBody({ headers, body = Buffer.of() }: LabRequest): boolean {
  const length = headerValue(headers, "content-length");
  if (headerValue(headers, "transfer-encoding") !== undefined)
    return body.toString("latin1").endsWith("0\r\n\r\n");
  return length === undefined || length === String(body.length);
}

function toAnswer({ head, ...exchange }: Exchange, connection: ClientConnection): Answer {
  return {
    ...head,
    ...exchange,
    reused: connection.requests > 1,
    ...(connection.tls === undefined ? {} : { tls: connection.tls }),
  };
}
