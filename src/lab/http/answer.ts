// The outcome of a request: an answer, or the reason why there is none.
import type { Header, ResponseHead } from "./message.ts";

export interface Answer {
  readonly failed?: undefined;
  readonly status: number;
  readonly reason: string;
  /** As sent, such as `HTTP/1.1`; `HTTP/2.0` over HTTP/2. */
  readonly httpVersion: string;
  readonly headers: readonly Header[];
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
  readonly timings: Timings;
}

/** No answer. `tls`: the handshake failed. `malformed`: the answer is not HTTP. */
export interface NoAnswer {
  readonly failed: "refused" | "reset" | "closed-without-answer" | "timeout" | "tls" | "malformed";
  /** As reported by the system or the peer. */
  readonly message: string;
}

export interface TlsReport {
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  readonly cipher: string;
  /** The protocol that ALPN selected, if any. */
  readonly alpn?: string;
  /** The server name sent (SNI). */
  readonly servername?: string;
  /** Why the peer's certificate is not trusted; absent when it is. Only with `verify: false`. */
  readonly distrust?: string;
  readonly peer: PeerCertificateReport;
}

export interface PeerCertificateReport {
  /** Distinguished names, one attribute a line, as Node writes them. */
  readonly subject: string;
  readonly issuer: string;
  /** Such as `DNS:a.example, DNS:*.b.example, IP Address:127.0.0.1`. */
  readonly names: string;
  readonly fingerprint256: string;
  readonly pem: string;
}

/** Milliseconds. `connectMs` and `tlsMs` are absent when a connection was reused. */
export interface Timings {
  readonly connectMs?: number;
  readonly tlsMs?: number;
  readonly firstByteMs: number;
  readonly totalMs: number;
}
