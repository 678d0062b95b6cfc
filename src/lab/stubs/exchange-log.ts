// What the backends of a lab saw, kept until the lab asks for it: one record an exchange, found by its number.
import type { Header } from "../http/message.ts";
import type { ProxyHeader } from "../tcp/proxy-protocol.ts";

/** A request as a backend received it. Text is latin1, one character a byte. */
export interface SeenRequest {
  /** Names this exchange among all of the process; the answer carries it as `x-lab-exchange`. */
  readonly exchange: string;
  /** The backend double's name. */
  readonly backend: string;
  /** Which of its servers: `address:port` as listened on. */
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
  /** Where the connection came from: HAProxy's own end. */
  readonly peer: { readonly address: string; readonly port: number };
  readonly tls?: { readonly protocol: string; readonly sni?: string; readonly alpn?: string };
  /** What the PROXY header said, where the double expects one. */
  readonly proxy?: ProxyHeader;
}

/** The header that answers carry; the lab takes it out before anybody sees the answer. */
export const EXCHANGE_HEADER = "x-lab-exchange";

export interface ExchangeLog {
  nextId(): string;
  add(seen: SeenRequest): void;
  /** The request of that exchange, once: it is forgotten with this. */
  take(exchange: string): SeenRequest | undefined;
}

let logs = 0;

/** Keeps at most `capacity` requests that nobody asked for; beyond it the oldest goes. */
export function createExchangeLog(capacity = 10_000): ExchangeLog {
  const log = ++logs;
  const kept = new Map<string, SeenRequest>();
  let count = 0;
  return {
    nextId: () => `${log}-${++count}`,
    add(seen) {
      kept.set(seen.exchange, seen);
      if (kept.size <= capacity) return;
      const [oldest] = kept.keys();
      if (oldest !== undefined) kept.delete(oldest);
    },
    take(exchange) {
      const seen = kept.get(exchange);
      kept.delete(exchange);
      return seen;
    },
  };
}
