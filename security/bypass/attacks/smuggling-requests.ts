// Complete HTTP/1 requests for request smuggling: line ends, versions, and bodies where few readers expect one.

/** Complete requests with unusual lines. */
export const REQUESTS = [
  ...[
    "\r\nGET /any?CASE HTTP/1.1\r\nHOST\r\n",
    "\n\nGET /any?CASE HTTP/1.1\r\nHOST\r\n",
    "\r\n\r\n\r\nGET /any?CASE HTTP/1.1\r\nHOST\r\n",
    "\rGET /any?CASE HTTP/1.1\r\nHOST\r\n",
    " \r\nGET /any?CASE HTTP/1.1\r\nHOST\r\n",
    "\x00GET /any?CASE HTTP/1.1\r\nHOST\r\n",
  ],
  ...[
    "GET /any?CASE HTTP/1.1\nHOST\r\n",
    "GET /any?CASE HTTP/1.1\nHost: app.example.com\n\n",
    "GET /any?CASE HTTP/1.1\rHOST\r\n",
    "GET /any?CASE HTTP/1.1\r\r\nHOST\r\n",
    "GET /any?CASE HTTP/1.1\r\n\rHOST\r\n",
    "GET /any?CASE HTTP/1.1\r\nHOST\r",
    "GET /any?CASE HTTP/1.1\r\nHOST\n",
    "GET /any?CASE HTTP/1.1\r\nHOSTX: y\r\r\n\r\n",
    "GET /any?CASE HTTP/1.1\r\nHOSTX: y\n\r\n\r\n",
  ],
  ...[
    "GET /any?CASE HTTP/1.1\r\n Host: app.example.com\r\n\r\n",
    "GET /any?CASE HTTP/1.1\r\n X: y\r\nHOST\r\n",
    "GET /any?CASE HTTP/1.1\r\n\tX: y\r\nHOST\r\n",
    "GET /any?CASE HTTP/1.1\r\n\r\nHOST\r\n",
    "GET /any?CASE HTTP/1.1\r\nHOST: y\r\n\r\n",
    "GET /any?CASE HTTP/1.1\r\nHOSTX\r\n\r\n",
    "GET /any?CASE HTTP/1.1\r\nHOSTX y\r\n\r\n",
    "GET /any?CASE HTTP/1.1\r\nHOST:\r\n\r\n",
  ],
  ...[
    "GET /admin/users?CASE\r\n",
    "GET /admin/users?CASE\n",
    "GET /admin/users?CASE\r\n\r\n",
    "GET /any?CASE\r\n\r\n",
    "GET\r\n\r\n",
    "GET \r\n\r\n",
    "GET /any?CASE \r\nHOST\r\n",
    "GET /any?CASE HTTP/0.9\r\nHOST\r\n",
    "GET /admin/users?CASE HTTP/0.9\r\n\r\n",
    "GET /any?CASE HTTP/\r\nHOST\r\n",
    "GET /any?CASE HTTP\r\nHOST\r\n",
  ],
  ...[
    "HTTP/1.0",
    "HTTP/1.2",
    "HTTP/1.9",
    "HTTP/2.0",
    "HTTP/2",
    "HTTP/3.0",
    "HTTP/0.1",
    "HTTP/1.",
    "HTTP/.1",
    "HTTP/1",
    "HTTP/1.1.1",
    "HTTP/01.1",
    "HTTP/1.01",
    "HTTP/1.10",
    "HTTP/11.1",
    "HTTP/1.1x",
    "HTTP/1.1 ",
    "HTTP/1.1\t",
    " HTTP/1.1",
    "\tHTTP/1.1",
    "http/1.1",
    "Http/1.1",
    "HTTP/-1.1",
    "HTTP/1,1",
    "HTTP /1.1",
    "HTTP/ 1.1",
    "HTTPS/1.1",
    "XTTP/1.1",
    "ICY/1.1",
    "HTTP/1.1 HTTP/1.1",
    "HTTP/1.1\x00",
    "HTTP/1.1\x0b",
    "RTSP/1.0",
  ].map((version) => `GET /any?CASE ${version}\r\nHOST\r\n`),
  ...["\t", "  ", "\x0b", "\x0c", "\xa0", "\r", "\x00", " \t "].flatMap((blank) => [
    `GET${blank}/any?CASE HTTP/1.1\r\nHOST\r\n`,
    `GET /any?CASE${blank}HTTP/1.1\r\nHOST\r\n`,
    `GET /any?CASE${blank}/admin/users HTTP/1.1\r\nHOST\r\n`,
  ]),
  ...["\x00", "\r", "\n", "\x0b", "\x7f", "\x80", "\xff", "\r\n ", "\r\n\r\n", "\x01", "\x1b"].flatMap(
    (one) => [
      `GET /any?CASE HTTP/1.1\r\nHOSTX: a${one}b\r\n\r\n`,
      `GET /any?CASE HTTP/1.1\r\nHOSTX${one}Y: b\r\n\r\n`,
      `GET /any?CASE HTTP/1.1\r\nHOST${one}X: b\r\n\r\n`,
      `GET /any${one}x?CASE HTTP/1.1\r\nHOST\r\n`,
    ],
  ),
  ...["(", ")", ",", "/", ";", "<", "=", ">", "?", "@", "[", "\\", "]", "{", "}", '"', "é"].map(
    (one) => `GET /any?CASE HTTP/1.1\r\nHOSTX${one}: y\r\n\r\n`,
  ),
];

/** Requests that carry a body where few look for one, or promise something first. */
export const CARRIERS: readonly (readonly [name: string, text: string])[] = [
  ["GET with a body", "GET /any?CASE HTTP/1.1\r\nHOSTContent-Length: {N}\r\n\r\nSMUGGLED"],
  ["HEAD with a body", "HEAD /any?CASE HTTP/1.1\r\nHOSTContent-Length: {N}\r\n\r\nSMUGGLED"],
  ["OPTIONS with a body", "OPTIONS /any?CASE HTTP/1.1\r\nHOSTContent-Length: {N}\r\n\r\nSMUGGLED"],
  ["TRACE with a body", "TRACE /any?CASE HTTP/1.1\r\nHOSTContent-Length: {N}\r\n\r\nSMUGGLED"],
  ["DELETE with a body", "DELETE /any?CASE HTTP/1.1\r\nHOSTContent-Length: {N}\r\n\r\nSMUGGLED"],
  [
    "GET in chunks",
    "GET /any?CASE HTTP/1.1\r\nHOSTTransfer-Encoding: chunked\r\n\r\n{H}\r\nSMUGGLED\r\n0\r\n\r\n",
  ],
  ["a body for a redirecting route", "POST /answer?CASE HTTP/1.1\r\nHOSTContent-Length: {N}\r\n\r\nSMUGGLED"],
  ["a body for a denied route", "POST /admin/users?CASE HTTP/1.1\r\nHOSTContent-Length: {N}\r\n\r\nSMUGGLED"],
  [
    "a body for no route",
    "POST /any?CASE HTTP/1.1\r\nHost: none.example\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  ["a static folder's body", "POST /static/x.css?CASE HTTP/1.1\r\nHOSTContent-Length: {N}\r\n\r\nSMUGGLED"],
  [
    "a body of an unknown type",
    "POST /any?CASE HTTP/1.1\r\nHOSTContent-Type: x\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "gzip that is none",
    "POST /any?CASE HTTP/1.1\r\nHOSTContent-Encoding: gzip\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Expect, body immediately",
    "POST /any?CASE HTTP/1.1\r\nHOSTExpect: 100-continue\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Expect of something else",
    "POST /any?CASE HTTP/1.1\r\nHOSTExpect: 200-ok\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Expect in capitals",
    "POST /any?CASE HTTP/1.1\r\nHOSTExpect: 100-CONTINUE\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "two Expect",
    "POST /any?CASE HTTP/1.1\r\nHOSTExpect: x\r\nExpect: 100-continue\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Expect with blank",
    "POST /any?CASE HTTP/1.1\r\nHOSTExpect:\r\n 100-continue\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Expect, GET",
    "GET /any?CASE HTTP/1.1\r\nHOSTExpect: 100-continue\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Expect, HEAD",
    "HEAD /any?CASE HTTP/1.1\r\nHOSTExpect: 100-continue\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Expect, chunks",
    "POST /any?CASE HTTP/1.1\r\nHOSTExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n{H}\r\nSMUGGLED\r\n0\r\n\r\n",
  ],
  [
    "Expect, HTTP/1.0",
    "POST /any?CASE HTTP/1.0\r\nHOSTExpect: 100-continue\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Expect and no body",
    "POST /any?CASE HTTP/1.1\r\nHOSTExpect: 100-continue\r\nContent-Length: 0\r\n\r\nSMUGGLED",
  ],
  ["pipelined", "GET /any?CASE HTTP/1.1\r\nHost: app.example.com\r\n\r\nSMUGGLED"],
  [
    "pipelined after a body",
    "POST /any?CASE HTTP/1.1\r\nHost: app.example.com\r\nContent-Length: 3\r\n\r\nabcSMUGGLED",
  ],
  ["pipelined after HEAD", "HEAD /any?CASE HTTP/1.1\r\nHost: app.example.com\r\n\r\nSMUGGLED"],
  ["pipelined after a close", "GET /any?CASE HTTP/1.1\r\nHOST\r\nSMUGGLED"],
  [
    "pipelined in HTTP/1.0",
    "GET /any?CASE HTTP/1.0\r\nHost: app.example.com\r\nConnection: keep-alive\r\n\r\nSMUGGLED",
  ],
  [
    "chunks in HTTP/1.0",
    "POST /any?CASE HTTP/1.0\r\nHost: app.example.com\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED",
  ],
  [
    "chunks and a length in HTTP/1.0",
    "POST /any?CASE HTTP/1.0\r\nHost: app.example.com\r\nConnection: keep-alive\r\nContent-Length: {N}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED",
  ],
  ["a body of no length", "POST /any?CASE HTTP/1.1\r\nHost: app.example.com\r\n\r\nSMUGGLED"],
  ["a body of no length in HTTP/1.0", "POST /any?CASE HTTP/1.0\r\nHost: app.example.com\r\n\r\nSMUGGLED"],
  [
    "Upgrade with a body",
    "POST /any?CASE HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: portico-tunnel\r\nContent-Length: {N}\r\n\r\nSMUGGLED",
  ],
  [
    "Upgrade with chunks",
    "POST /any?CASE HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nTransfer-Encoding: chunked\r\n\r\n{H}\r\nSMUGGLED\r\n0\r\n\r\n",
  ],
  [
    "Upgrade of a bad version",
    "GET /any?CASE HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 777\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nSMUGGLED",
  ],
  [
    "Upgrade: h2c and its preface",
    "GET /any?CASE HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\nPRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
  ],
  [
    "Connection: keep-alive, Transfer-Encoding",
    "POST /any?CASE HTTP/1.1\r\nHost: app.example.com\r\nConnection: keep-alive, Transfer-Encoding\r\nContent-Length: {N}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED",
  ],
];
