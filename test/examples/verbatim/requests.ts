// Requests to the original edge and to the example that reproduces it: port 8000 is plain, 9000 expects a PROXY header, 26999 serves the stats page.
import type { Header } from "../../../src/lab/http/message.ts";

export type OriginalPort = 8000 | 9000 | 26999;

export interface OriginalRequest {
  /** Unique; the key of the records. */
  readonly name: string;
  readonly port: OriginalPort;
  readonly method: string;
  readonly target: string;
  readonly version: "HTTP/1.1" | "HTTP/1.0";
  readonly headers: readonly Header[];
  readonly body: string;
  /** Sent before the request: the PROXY header. */
  readonly preamble: string | Uint8Array;
}

interface RequestOptions {
  readonly method?: string;
  /** Default app.example.com; null: no Host at all. */
  readonly host?: string | null;
  readonly headers?: readonly Header[];
  readonly body?: string;
  readonly version?: "HTTP/1.0";
  readonly preamble?: string | Uint8Array;
  /** Distinguishes it from a similar request. */
  readonly note?: string;
}

const app = "app.example.com";
const internal = "haproxy-service";
const fromClient = "PROXY TCP4 203.0.113.7 198.51.100.1 40000 443\r\n";

function ask(port: OriginalPort, target: string, options: RequestOptions = {}): OriginalRequest {
  const {
    method = "GET",
    host = app,
    headers = [],
    body = "",
    version = "HTTP/1.1",
    preamble = port === 9000 ? fromClient : "",
    note,
  } = options;
  const name = `${port} ${method} ${shortened(target)}, ${host === null ? "no Host" : `Host ${JSON.stringify(host)}`}${note === undefined ? "" : `, ${note}`}`;
  return {
    name,
    port,
    method,
    target,
    version,
    headers: host === null ? headers : [["Host", host], ...headers],
    body,
    preamble,
  };
}

function shortened(target: string): string {
  return target.length <= 60 ? target : `${target.slice(0, 20)}… (${target.length} characters)`;
}

const forged: readonly Header[] = [
  ["X-Forwarded-For", "10.0.0.1"],
  ["X-Forwarded-Proto", "gopher"],
];

/** Spellings of paths that a proxy may normalise. */
const spellings = [
  "//a",
  "/./a",
  "/a/../b",
  "/%61",
  "/a%2Fb",
  "/a;v=1",
  "/a?b=//c&d=%20",
  "/a?",
  "/?b=1",
  "/%zz",
  "/a%00b",
  `/${"long/".repeat(400)}`,
];

const plain: readonly OriginalRequest[] = [
  ask(8000, "/"),
  ask(8000, "/a/b?c=d&e=f"),
  ask(8000, "/", { host: "app.example.com:80" }),
  ask(8000, "/", { host: "app.example.com:8000" }),
  ask(8000, "/", { host: "APP.example.COM" }),
  ask(8000, "/", { host: "app.example.com." }),
  ask(8000, "/a", { host: "www.example.com" }),
  ask(8000, "/a", { host: "evil.example.net" }),
  ask(8000, "/", { host: "127.0.0.1" }),
  ask(8000, "/", { host: "" }),
  ask(8000, "/", { host: null, version: "HTTP/1.0", note: "HTTP/1.0" }),
  ask(8000, "/", { version: "HTTP/1.0", note: "HTTP/1.0" }),
  ask(8000, "/a", { method: "POST", body: "a=b" }),
  ask(8000, "/a", { method: "HEAD" }),
  ask(8000, "/a", { method: "OPTIONS" }),
  ask(8000, "/a", { headers: [["X-Forwarded-Proto", "https"]], note: "claims https" }),
  ask(8000, "http://app.example.com/a?b=1", { note: "absolute" }),
  ...["//evil.example.net/a", "/a/../b", "/%61", "/a?b=//c", "/?", "/%zz"].map((target) => ask(8000, target)),
  ask(8000, "/", { preamble: fromClient, note: "after a PROXY header" }),

  ask(8000, "/", { host: internal }),
  ask(8000, "/a/b?c=d", { host: internal }),
  ask(8000, "/", { host: "HAProxy" }),
  ask(8000, "/", { host: "HAPROXY.example.net" }),
  ask(8000, "/", { host: "haproxy-service:8000" }),
  ask(8000, "/", { host: "haproxyevil.example.net" }),
  ask(8000, "/", { host: "xhaproxy" }),
  ask(8000, "/", { host: "app.haproxy.example.net" }),
  ask(8000, "/a", { host: internal, headers: forged, note: "forged X-Forwarded-*" }),
  ask(8000, "/a", { host: internal, method: "POST", body: "a=b" }),
  ask(8000, "/a", { host: internal, method: "PUT", body: "a=b" }),
  ask(8000, "/a", { host: internal, method: "PATCH", body: "a=b" }),
  ask(8000, "/a", { host: internal, method: "DELETE" }),
  ask(8000, "/a", { host: internal, method: "HEAD" }),
  ask(8000, "/a", { host: internal, method: "PURGE" }),
  ask(8000, "*", { host: internal, method: "OPTIONS" }),
  ask(8000, "/a", { host: internal, version: "HTTP/1.0", note: "HTTP/1.0" }),
  ask(8000, "http://haproxy-service/a", { host: internal, note: "absolute" }),
  ...spellings.map((target) => ask(8000, target, { host: internal })),
];

const https: readonly OriginalRequest[] = [
  ask(9000, "/"),
  ask(9000, "/a/b?c=d&e=f"),
  ask(9000, "/", { host: "APP.example.COM" }),
  ask(9000, "/a", { host: "app.example.com:443" }),
  ask(9000, "/a", { host: "app.example.com." }),
  ask(9000, "/a", { host: "other.example.com" }),
  ask(9000, "/a", { host: "www.example.com" }),
  ask(9000, "/a", { host: "sub.app.example.com" }),
  ask(9000, "/a", { host: "app.example.com.evil.example.net" }),
  ask(9000, "/a", { host: internal }),
  ask(9000, "/a", { host: "" }),
  ask(9000, "/a", { host: null, version: "HTTP/1.0", note: "HTTP/1.0" }),
  ask(9000, "/a", { host: "other.example.com,app.example.com" }),
  ask(9000, "/a", { version: "HTTP/1.0", note: "HTTP/1.0" }),
  ask(9000, "/a", { headers: forged, note: "forged X-Forwarded-*" }),
  ask(9000, "/a", { headers: [...forged, ...forged], note: "X-Forwarded-* forged twice" }),
  ask(9000, "/a", { method: "POST", body: "a=b" }),
  ask(9000, "/a", { method: "PUT", body: "a=b" }),
  ask(9000, "/a", { method: "DELETE" }),
  ask(9000, "/a", { method: "HEAD" }),
  ask(9000, "/a", { method: "PURGE" }),
  ask(9000, "/a", { host: "other.example.com", method: "POST", body: "a=b" }),
  ask(9000, "*", { method: "OPTIONS" }),
  ask(9000, "http://app.example.com/a?b=1", { note: "absolute" }),
  ...spellings.map((target) => ask(9000, target)),
  ask(9000, "/a", { preamble: "", note: "no PROXY header" }),
  ask(9000, "/a", { preamble: "PROXY UNKNOWN\r\n", note: "PROXY UNKNOWN" }),
  ask(9000, "/a", { preamble: "PROXY TCP6 2001:db8::7 2001:db8::1 40000 443\r\n", note: "PROXY TCP6" }),
  ask(9000, "/a", {
    preamble: "PROXY TCP4 10.0.0.1 198.51.100.1 40000 443\r\n",
    note: "a private address in the PROXY header",
  }),
  ask(9000, "/a", { preamble: "PROXY TCP4 what.ever\r\n", note: "a broken PROXY header" }),
];

const stats: readonly OriginalRequest[] = [
  ask(26999, "/"),
  ask(26999, "/;csv", { host: "anything.example.net" }),
  ask(26999, "/a", { method: "POST", body: "a=b" }),
];

export const originalRequests: readonly OriginalRequest[] = [...plain, ...https, ...stats];
