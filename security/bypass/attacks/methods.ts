// Methods that a route denies, in other spellings or by a header; CONNECT and upgrades, which make tunnels.
import { APP_HOST, type Attack, bytesOf, http1, visible } from "./attack.ts";

const SPELLINGS = [
  ...[
    "POST",
    "post",
    "Post",
    "pOST",
    "POST\x00",
    "\x00POST",
    "POST\t",
    " POST",
    "\tPOST",
    "PO ST",
    "POST ",
    "\r\nPOST",
    "\nPOST",
    "POST\x0b",
  ],
  ...[
    "GET POST",
    "GETPOST",
    "GET\tPOST",
    "P\xd6ST",
    "POST\xa0",
    '"POST"',
    "POST,GET",
    "POST;",
    "POST/",
    "_POST",
    "X",
    "FOO",
    "PUT",
    "DELETE",
    "PATCH",
    "TRACE",
    "TRACK",
    "OPTIONS",
    "DEBUG",
    "PROPFIND",
    "SEARCH",
    "QUERY",
    "PRI",
    "MOVE",
    "get",
    "Get",
    "head",
    "trace",
  ],
  ...["M-SEARCH", "A".repeat(200), "GET:", "G=T", "<GET>", "GET\x80", "1", "-", "!", "~"],
];

const OVERRIDES = [
  ...[
    "X-HTTP-Method-Override",
    "X-HTTP-Method",
    "X-Method-Override",
    "X_HTTP_Method_Override",
    "X-Http-Method_Override",
    "X-HTTP-Method-Override\x00",
  ],
  ...["_method", "X-Original-Method", "X-Forwarded-Method", "HTTP-Method-Override", "x-http-method-override"],
];

const CONNECTS: readonly (readonly [target: string, host: string])[] = [
  [`${APP_HOST}:80`, `${APP_HOST}:80`],
  [`${APP_HOST}:443`, APP_HOST],
  [APP_HOST, APP_HOST],
  [`${APP_HOST}:`, APP_HOST],
  [`${APP_HOST}:x`, APP_HOST],
  ["/any", APP_HOST],
  ["/admin/users", APP_HOST],
  [`http://${APP_HOST}/any`, APP_HOST],
  ["admin.example.com:80", APP_HOST],
  ["127.0.0.1:22", APP_HOST],
  ["[::1]:80", APP_HOST],
  [":80", APP_HOST],
  ["*", APP_HOST],
];

const UPGRADES = [
  ...[
    "portico-tunnel",
    "websocket",
    "WebSocket",
    "websocket, portico-tunnel",
    "portico-tunnel, websocket",
    "h2c",
    "h2",
    "TLS/1.0",
    "HTTP/2.0",
    "foo",
  ],
  ...["websocket\t", "web socket", "websocket;x", '"websocket"', "", "h2c, websocket", "HTTP/1.0"],
];
const CONNECTIONS = [
  "Upgrade",
  "upgrade",
  "keep-alive, Upgrade",
  "Upgrade, HTTP2-Settings",
  "close, Upgrade",
  "Upgrade\r\nConnection: close",
];

export const methods: readonly Attack[] = [
  ...SPELLINGS.map((spelling) => method(`${spelling} /write`, { method: spelling, target: "/write?CASE" })),
  ...SPELLINGS.map((spelling) =>
    method(`${spelling} /admin/users`, { method: spelling, target: "/admin/users?CASE" }),
  ),
  ...SPELLINGS.map((spelling) => method(`${spelling} /any`, { method: spelling })),
  ...OVERRIDES.flatMap((name) =>
    ["GET", "POST"].map((sent) =>
      method(`${sent} /write with ${name}`, {
        method: sent,
        target: "/write?CASE",
        headers: `${name}: ${sent === "GET" ? "POST" : "GET"}\r\nContent-Length: 0\r\n`,
      }),
    ),
  ),
  ...OVERRIDES.map((name) =>
    method(`POST /any with ${name}: DELETE`, {
      method: "POST",
      headers: `${name}: DELETE\r\nContent-Length: 0\r\n`,
    }),
  ),
  ...CONNECTS.flatMap(([target, host]) =>
    ["HTTP/1.1", "HTTP/1.0"].map((version) => connect(target, host, version)),
  ),
  ...UPGRADES.flatMap((value) => CONNECTIONS.map((connection) => upgrade(value, connection))),
];

function method(name: string, parts: Parameters<typeof http1>[1]): Attack {
  return { kind: "method", name: visible(name), bytes: (id) => http1(id, parts) };
}

/** What follows a 2xx would bypass routing: it requests the restricted handler. */
function connect(target: string, host: string, version: string): Attack {
  return {
    kind: "method",
    neverForwarded: true,
    name: `CONNECT ${target} ${version}`,
    bytes: (id) =>
      bytesOf(`CONNECT ${target} ${version}\r\nHost: ${host}\r\nX-Case: ${id}\r\n\r\nSMUGGLED`, id),
  };
}

function upgrade(value: string, connection: string): Attack {
  const lines = [
    `Host: ${APP_HOST}`,
    "X-Case: ID",
    `Connection: ${connection}`,
    `Upgrade: ${value}`,
    "HTTP2-Settings: AAMAAABkAAQAAP__",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
  ];
  return {
    kind: "method",
    name: visible(`Upgrade: ${value} with Connection: ${connection}`),
    bytes: (id) =>
      bytesOf(`GET /any?CASE HTTP/1.1\r\n${lines.join("\r\n").replace("ID", id)}\r\n\r\nSMUGGLED`, id),
  };
}
