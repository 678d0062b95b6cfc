// Requests in HTTP/2 that mean something else once they are HTTP/1: pseudo-headers, names and values that HTTP/1 would split, framing
// headers, and what RFC 9113 (8.1 to 8.3) calls malformed.

import type { Field } from "../http2-frames.ts";
import { APP_HOST, DENIED_HOST, FORGED_ADDRESS, TRAILER_ADDRESS } from "./attack.ts";
import { IDENTITY_HEADERS } from "./headers.ts";

/** `CASE`, `SMUGGLED` as in HTTP/1; fields in the order in which they are sent. */
export interface Stream {
  readonly fields: readonly Field[];
  readonly body?: string;
  readonly trailers?: readonly Field[];
  /** The header block is cut after so many bytes and continued in another frame. */
  readonly cutAt?: number;
  readonly neverForwarded?: true;
}

const METHOD: Field = [":method", "GET"];
const SCHEME: Field = [":scheme", "http"];
const PATH: Field = [":path", "/any?CASE"];
const AUTHORITY: Field = [":authority", APP_HOST];
const NUMBER: Field = ["x-case", "ID"];
const PLAIN: readonly Field[] = [METHOD, SCHEME, PATH, AUTHORITY, NUMBER];
const POST: readonly Field[] = [[":method", "POST"], SCHEME, PATH, AUTHORITY, NUMBER];

const UPLOAD: readonly Field[] = [[":method", "POST"], SCHEME, [":path", "/upload?CASE"], AUTHORITY, NUMBER];

const CONTROL = ["\r\n", "\r", "\n", "\x00", "\t", " ", "\x0b", "\x7f", "\x80", "\r\n\r\n", "\r\n ", "\n\n"];

export const STREAMS: readonly (readonly [name: string, stream: Stream])[] = [
  // Paths.
  ...[
    "/admin%2fusers",
    "/%2fadmin/users",
    "/x/..%2fadmin/users",
    "/\\admin\\users",
    "/admin%5cusers",
    "/admin;x/users",
    "/x/..;/admin/users",
    "//admin/users",
    "/./admin/users",
    "/x/../admin/users",
    "/%61dmin/users",
    "/admin/users#x",
    "/admin/users\x00",
    "/admin/users%00",
  ].map((path) => [`:path ${path}`, { fields: replaced(":path", `${path}?CASE`) }] as const),
  ...[
    "",
    "*",
    "any",
    "admin/users",
    "?CASE",
    "#",
    " /any",
    "/any ",
    "/any HTTP/1.1",
    "http://admin.example.com/any",
    "http://app.example.com/admin/users",
    "//admin.example.com/any",
    "any/admin/users",
    "\\admin\\users",
    ";/admin/users",
    "\t/admin/users",
  ].map((path) => [`:path ${path}`, { fields: replaced(":path", path) }] as const),
  ...CONTROL.flatMap((one) => [
    [
      `:path with ${one}`,
      { fields: replaced(":path", `/any?CASE HTTP/1.1${one}Host: ${APP_HOST}${one}X: y`) },
    ] as const,
    [
      `:path splits by ${one}`,
      { fields: replaced(":path", `/any HTTP/1.1${one}Host: ${APP_HOST}${one}${one}SMUGGLED`) },
    ] as const,
    [`:method with ${one}`, { fields: replaced(":method", `GET${one}`) }] as const,
    [
      `:method splits by ${one}`,
      { fields: replaced(":method", `GET /admin/users?CASE HTTP/1.1${one}X: y${one}GET`) },
    ] as const,
    [`:scheme with ${one}`, { fields: replaced(":scheme", `http${one}`) }] as const,
    [`:authority with ${one}`, { fields: replaced(":authority", `${APP_HOST}${one}X: y`) }] as const,
    [`:authority ends in ${one}`, { fields: replaced(":authority", `${APP_HOST}${one}`) }] as const,
    [`value with ${one}`, { fields: [...PLAIN, ["x-odd", `a${one}b: c`]] }] as const,
    [`value splits by ${one}`, { fields: [...PLAIN, ["x-odd", `a${one}${one}SMUGGLED`]] }] as const,
    [`value begins with ${one}`, { fields: [...PLAIN, ["x-odd", `${one}a`]] }] as const,
    [`value ends in ${one}`, { fields: [...PLAIN, ["x-odd", `a${one}`]] }] as const,
    [`name with ${one}`, { fields: [...PLAIN, [`x${one}odd`, "a"]] }] as const,
    [
      `name splits by ${one}`,
      { fields: [...PLAIN, [`x: y${one}transfer-encoding`, "chunked"]], body: "0\r\n\r\nSMUGGLED" },
    ] as const,
    [`name ends in ${one}`, { fields: [...PLAIN, [`content-length${one}`, "0"]], body: "SMUGGLED" }] as const,
    [
      `name begins with ${one}`,
      { fields: [...PLAIN, [`${one}content-length`, "0"]], body: "SMUGGLED" },
    ] as const,
    [`cookie with ${one}`, { fields: [...PLAIN, ["cookie", `a=b${one}x: y`]] }] as const,
  ]),
  // Pseudo-headers.
  ["no :method", { fields: without(":method") }],
  ["no :scheme", { fields: without(":scheme") }],
  ["no :path", { fields: without(":path") }],
  ["no :authority", { fields: without(":authority") }],
  ["no :authority, host denied", { fields: [...without(":authority"), ["host", DENIED_HOST]] }],
  [
    "two :method",
    { fields: [METHOD, [":method", "POST"], SCHEME, [":path", "/write?CASE"], AUTHORITY, NUMBER] },
  ],
  [
    "two :path, denied last",
    { fields: [METHOD, SCHEME, PATH, [":path", "/admin/users?CASE"], AUTHORITY, NUMBER] },
  ],
  [
    "two :path, denied first",
    { fields: [METHOD, SCHEME, [":path", "/admin/users?CASE"], PATH, AUTHORITY, NUMBER] },
  ],
  ["two :scheme", { fields: [METHOD, SCHEME, [":scheme", "https"], PATH, AUTHORITY, NUMBER] }],
  [
    "two :authority, denied last",
    { fields: [METHOD, SCHEME, PATH, AUTHORITY, [":authority", DENIED_HOST], NUMBER] },
  ],
  [
    "two :authority, denied first",
    { fields: [METHOD, SCHEME, PATH, [":authority", DENIED_HOST], AUTHORITY, NUMBER] },
  ],
  ["pseudo-headers last", { fields: [NUMBER, METHOD, SCHEME, PATH, AUTHORITY] }],
  ["pseudo-header between others", { fields: [METHOD, SCHEME, PATH, NUMBER, AUTHORITY] }],
  ["a late :path", { fields: [METHOD, SCHEME, PATH, AUTHORITY, NUMBER, [":path", "/admin/users?CASE"]] }],
  ["a late :authority", { fields: [METHOD, SCHEME, PATH, AUTHORITY, NUMBER, [":authority", DENIED_HOST]] }],
  ["an unknown pseudo-header", { fields: [METHOD, SCHEME, PATH, AUTHORITY, [":x", "y"], NUMBER] }],
  ["a response's pseudo-header", { fields: [METHOD, SCHEME, PATH, AUTHORITY, [":status", "200"], NUMBER] }],
  ["an empty pseudo-header name", { fields: [METHOD, SCHEME, PATH, AUTHORITY, [":", "y"], NUMBER] }],
  ["an empty header name", { fields: [...PLAIN, ["", "y"]] }],
  [
    ":protocol without CONNECT",
    { fields: [METHOD, [":protocol", "websocket"], SCHEME, PATH, AUTHORITY, NUMBER] },
  ],
  ["pseudo-headers in trailers", { fields: POST, body: "x", trailers: [[":path", "/admin/users?CASE"]] }],
  // Hosts.
  ["host denied, :authority served", { fields: [...PLAIN, ["host", DENIED_HOST]] }],
  [
    "host served, :authority denied",
    { fields: [...replaced(":authority", DENIED_HOST), ["host", APP_HOST]] },
  ],
  ["two host headers", { fields: [...without(":authority"), ["host", APP_HOST], ["host", DENIED_HOST]] }],
  ["two host headers and :authority", { fields: [...PLAIN, ["host", APP_HOST], ["host", DENIED_HOST]] }],
  ...[
    "A:@D",
    "A@D",
    "D@A",
    "A:80@D",
    "A/D",
    "A:80/x",
    "A:?x",
    "A:<x>",
    'A:"x',
    "A#D",
    "A, D",
    "D.",
    "D:80",
    "D:443",
    "",
    "A:99999",
    "A:x",
    "ADMIN.EXAMPLE.COM",
  ].map((one) => {
    const value = one.replace(/\bA(?![A-Z])/, APP_HOST).replace(/\bD(?![A-Z])/, DENIED_HOST);
    return [`:authority ${one}`, { fields: replaced(":authority", value) }] as const;
  }),
  // Schemes and methods.
  ...[
    "ftp",
    "HTTP",
    "https",
    "ws",
    "",
    "http://x",
    "javascript",
    "h2c",
    "://",
    "http:",
    "file",
    "/admin/users?",
  ].map((scheme) => [`:scheme ${scheme}`, { fields: replaced(":scheme", scheme) }] as const),
  ...[
    "post",
    "Post",
    "POST ",
    " POST",
    "",
    "PO ST",
    "TRACE",
    "OPTIONS",
    "PRI",
    "X",
    "POST\x00",
    "GET /write",
  ].map(
    (method) =>
      [
        `:method ${method} for /write`,
        { fields: [[":method", method], SCHEME, [":path", "/write?CASE"], AUTHORITY, NUMBER] },
      ] as const,
  ),
  [
    "CONNECT",
    {
      fields: [[":method", "CONNECT"], [":authority", `${APP_HOST}:80`], NUMBER],
      body: "SMUGGLED",
      neverForwarded: true,
    },
  ],
  [
    "CONNECT of a name",
    { fields: [[":method", "CONNECT"], AUTHORITY, NUMBER], body: "SMUGGLED", neverForwarded: true },
  ],
  [
    "CONNECT with :path and :scheme",
    {
      fields: [[":method", "CONNECT"], SCHEME, PATH, AUTHORITY, NUMBER],
      body: "SMUGGLED",
      neverForwarded: true,
    },
  ],
  [
    "CONNECT with :path only",
    { fields: [[":method", "CONNECT"], PATH, AUTHORITY, NUMBER], body: "SMUGGLED", neverForwarded: true },
  ],
  [
    "CONNECT for a WebSocket (RFC 8441)",
    {
      fields: [
        [":method", "CONNECT"],
        [":protocol", "websocket"],
        SCHEME,
        PATH,
        AUTHORITY,
        ["sec-websocket-version", "13"],
        NUMBER,
      ],
      body: "SMUGGLED",
    },
  ],
  [
    "CONNECT for another protocol",
    {
      fields: [[":method", "CONNECT"], [":protocol", "portico-tunnel"], SCHEME, PATH, AUTHORITY, NUMBER],
      body: "SMUGGLED",
    },
  ],
  [
    "CONNECT in lower case",
    { fields: [[":method", "connect"], [":authority", `${APP_HOST}:80`], NUMBER], body: "SMUGGLED" },
  ],
  ...["x-http-method-override", "x-http-method", "x-method-override", "x_http_method_override"].map(
    (name) =>
      [
        `${name} for /write`,
        { fields: [METHOD, SCHEME, [":path", "/write?CASE"], AUTHORITY, NUMBER, [name, "POST"]] },
      ] as const,
  ),
  // Connection headers (RFC 9113, 8.2.2).
  ...["close", "keep-alive", "upgrade", "x-forwarded-for", "transfer-encoding", "host", "content-length"].map(
    (value) => [`connection: ${value}`, { fields: [...PLAIN, ["connection", value]] }] as const,
  ),
  [
    "upgrade: portico-tunnel",
    { fields: [...PLAIN, ["connection", "upgrade"], ["upgrade", "portico-tunnel"]] },
  ],
  [
    "upgrade: websocket",
    {
      fields: [
        ...PLAIN,
        ["connection", "upgrade"],
        ["upgrade", "websocket"],
        ["sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="],
      ],
    },
  ],
  [
    "upgrade: h2c",
    {
      fields: [
        ...PLAIN,
        ["connection", "upgrade, http2-settings"],
        ["upgrade", "h2c"],
        ["http2-settings", "AAMAAABkAAQAAP__"],
      ],
    },
  ],
  ["keep-alive", { fields: [...PLAIN, ["keep-alive", "timeout=5"]] }],
  ["proxy-connection", { fields: [...PLAIN, ["proxy-connection", "x-forwarded-for"]] }],
  ["te: trailers", { fields: [...PLAIN, ["te", "trailers"]] }],
  ["te: chunked", { fields: [...PLAIN, ["te", "chunked"]] }],
  // Framing.
  ...["chunked", "Chunked", "chunked, identity", "identity", "xchunked", " chunked", "chunked ", ""].map(
    (value) =>
      [
        `transfer-encoding: ${value}`,
        { fields: [...POST, ["transfer-encoding", value]], body: "0\r\n\r\nSMUGGLED" },
      ] as const,
  ),
  ...[
    "Transfer-Encoding",
    "transfer_encoding",
    "transfer-encoding ",
    "transfer-encoding\t",
    " transfer-encoding",
    "transfer-encoding:",
  ].map(
    (name) =>
      [`${name}: chunked`, { fields: [...POST, [name, "chunked"]], body: "0\r\n\r\nSMUGGLED" }] as const,
  ),
  ...[
    "0",
    "1",
    "10",
    "99999",
    "+10",
    "-1",
    "0x10",
    "",
    "x",
    "0, 10",
    "10,10",
    "18446744073709551616",
    " 0",
    "0 ",
    "00",
  ].map(
    (value) =>
      [
        `content-length: ${value}`,
        { fields: [...POST, ["content-length", value]], body: "SMUGGLED" },
      ] as const,
  ),
  [
    "two content-length",
    { fields: [...POST, ["content-length", "0"], ["content-length", "10"]], body: "SMUGGLED" },
  ],
  ["content-length without a body", { fields: [...POST, ["content-length", "10"]] }],
  ["Content-Length in capitals", { fields: [...POST, ["Content-Length", "0"]], body: "SMUGGLED" }],
  ["content_length", { fields: [...POST, ["content_length", "0"]], body: "SMUGGLED" }],
  ["expect", { fields: [...POST, ["expect", "100-continue"]], body: "SMUGGLED" }],
  ["content-length in trailers", { fields: POST, body: "SMUGGLED", trailers: [["content-length", "0"]] }],
  [
    "transfer-encoding in trailers",
    { fields: POST, body: "SMUGGLED", trailers: [["transfer-encoding", "chunked"]] },
  ],
  ["a CRLF in trailers", { fields: POST, body: "SMUGGLED", trailers: [["x", "y\r\n\r\nSMUGGLED"]] }],
  [
    "a CRLF in a trailer's name",
    { fields: POST, body: "SMUGGLED", trailers: [["x: y\r\n\r\nSMUGGLED", "z"]] },
  ],
  ["upper-case trailers", { fields: POST, body: "x", trailers: [["X-Forwarded-For", TRAILER_ADDRESS]] }],
  [
    "identity headers in trailers",
    {
      fields: POST,
      body: "x",
      trailers: [
        ["x-forwarded-for", TRAILER_ADDRESS],
        ["x_forwarded_for", TRAILER_ADDRESS],
      ],
    },
  ],
  // Bodies above maxBody.
  [
    "a large body without content-length",
    {
      fields: UPLOAD,
      body: "x".repeat(2_000),
    },
  ],
  [
    "a large body",
    {
      fields: [...UPLOAD, ["content-length", "2000"]],
      body: "x".repeat(2_000),
      neverForwarded: true,
    },
  ],
  [
    "2 GiB announced",
    {
      fields: [...UPLOAD, ["content-length", "2147483648"]],
      body: "x".repeat(2_000),
      neverForwarded: true,
    },
  ],
  [
    "4 GiB announced",
    {
      fields: [...UPLOAD, ["content-length", "4294967300"]],
      body: "x".repeat(2_000),
      neverForwarded: true,
    },
  ],
  // Names.
  ...IDENTITY_HEADERS.flatMap((name) =>
    [
      name,
      name.replaceAll("-", "_"),
      name.replaceAll("-", "."),
      name.toUpperCase(),
      `${name} `,
      `${name}:`,
    ].map((spelled) => [`${spelled}: forged`, { fields: [...PLAIN, [spelled, FORGED_ADDRESS]] }] as const),
  ),
  ...["X-Beta", "x_beta", "x-beta ", "x-beta:", "x-beta\x00"].map(
    (name) =>
      [
        `/beta with ${name}`,
        { fields: [METHOD, SCHEME, [":path", "/beta?CASE"], AUTHORITY, NUMBER, [name, "open"]] },
      ] as const,
  ),
  ...["X-Upper", "x upper", "x:upper", "x(upper", "\xe9", "x\x80"].map(
    (name) => [`name ${name}`, { fields: [...PLAIN, [name, "y"]] }] as const,
  ),
  // Frames.
  ["a block cut in the path", { fields: replaced(":path", "/admin%2fusers?CASE"), cutAt: 20 }],
  ["a block cut at once", { fields: PLAIN, cutAt: 1 }],
];

function replaced(name: string, value: string): readonly Field[] {
  return PLAIN.map((field) => (field[0] === name ? [name, value] : field));
}

function without(name: string): readonly Field[] {
  return PLAIN.filter(([other]) => other !== name);
}
