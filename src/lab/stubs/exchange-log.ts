// Requests that the stub backends received, kept until the lab reads them: one record per exchange, by number.
import type { Header } from "../http/message.ts";
import type { ProxyHeader } from "../tcp/proxy-protocol.ts";

/** A request as a backend received it. Text is latin1, one character per byte. */
export interface SeenRequest {
  /** Unique in the process; the answer carries it as `x-lab-exchange`. */
  readonly exchange: string;
  /** The stub backend's name. */
  readonly backend: string;
  /** Which of its servers: the `address:port` that it listens on. */
  readonly server: string;
  /** Counts the connections to this server from 1, and the requests on each from 1. */
  readonly connection: number;
  readonly requestOnConnection: number;
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly headers: readonly Header[];
  readonly trailers: readonly Header[];
  /** The whole body; empty when there was none. */
  readonly body: Buffer;
  /** Source of the connection: HAProxy's end. */
  readonly peer: { readonly address: string; readonly port: number };
  readonly tls?: { readonly protocol: string; readonly sni?: string; readonly alpn?: string };
  /** Content of the PROXY header, where the stub expects one. */
  readonly proxy?: ProxyHeader;
}

/** The header of answers; the lab removes it before it returns them. */
export const EXCHANGE_HEADER = "x-lab-exchange";

export interface ExchangeLog {
  nextId(): string;
  add(seen: SeenRequest): void;
  /** Returns the request of that exchange, and forgets it. */
  take(exchange: string): SeenRequest | undefined;
}

let logs = 0;

/** Keeps at most `capacity` unread requests; beyond that, drops the oldest. */
export function createExchangeLog(capacity = 10_000): ExchangeLog {
  const log = ++logs;
  const unread = new Map<string, SeenRequest>();
  let count = 0;
  return {
    nextId: () => `${log}-${++count}`,
    add(seen) {
      unread.set(seen.exchange, seen);
      if (unread.size <= capacity) return;
      const [oldest] = unread.keys();
      if (oldest !== undefined) unread.delete(oldest);
    },
    take(exchange) {
      const seen = unread.get(exchange);
      unread.delete(exchange);
      return seen;
    },
  };
}
