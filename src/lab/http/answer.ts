// The outcome of a request: an answer, or the reason why there is none.
import type { Header, ResponseHead } from "./message.ts";

export interface Answer extends ResponseHead {
  readonly failed?: undefined;
  readonly body: Buffer;
  readonly trailers: readonly Header[];
  /** Interim responses (1xx) that came before. */
  readonly informational: readonly ResponseHead[];
  /** False when the connection ended before the body did. */
  readonly complete: boolean;
  /**
   * `kept`: may carry another request. `closed`: this answer ended it, by `Connection: close` or because the body ends
   * with the connection. `reset`: a TCP reset interrupted the body.
   */
  readonly connection: "kept" | "closed" | "reset";
  /** Whether the connection was reused. */
  readonly reused: boolean;
  readonly tls?: TlsReport;
}

/** No answer. `tls`: the handshake failed. `malformed`: the answer is not HTTP. */
export interface NoAnswer {
  readonly failed: "refused" | "reset" | "closed-without-answer" | "timeout" | "tls" | "malformed";
  /** As reported by the system or the peer. */
  readonly message: string;
}

export interface TlsReport {
  /** The protocol that ALPN selected, if any. */
  readonly alpn?: string;
  /** Why the peer's certificate is not trusted; absent when it is. Only with `verify: false`. */
  readonly distrust?: string;
  /** Of the peer's certificate, such as `DNS:a.example, DNS:*.b.example, IP Address:127.0.0.1`. */
  readonly names: string;
}
