// Bodies larger than `maxBody`, with every form of announced length, or none.
import { type Attack, http1, visible } from "./attack.ts";

const LARGE = 2_000;

const LENGTHS = [
  ...[
    `${LARGE}`,
    `0${LARGE}`,
    `000000000000000000000${LARGE}`,
    `+${LARGE}`,
    ` ${LARGE}`,
    `${LARGE} `,
    `\t${LARGE}`,
    `${LARGE}, ${LARGE}`,
    `${LARGE},${LARGE}`,
    `10, ${LARGE}`,
    `${LARGE}, 10`,
  ],
  ...[
    "0x7d0",
    "2e3",
    "2_000",
    "2000.0",
    "\xef\xbc\x922000",
    "-1",
    "-2000",
    "",
    "x",
    "2000;x",
    '"2000"',
    "2000\x00",
  ],
  ...[
    "2147483647",
    "2147483648",
    "2147484648",
    "4294967295",
    "4294967296",
    "4294967396",
    "4294969296",
    "6442450944",
    "1099511627776",
  ],
  ...[
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "18446744073709551716",
    "99999999999999999999999",
  ],
];

export const bodies: readonly Attack[] = [
  ...LENGTHS.map((value) =>
    body(`Content-Length: ${value}`, `Content-Length: ${value}\r\n`, "x".repeat(LARGE)),
  ).map((attack): Attack => ({ ...attack, neverForwarded: true })),
  body("two lengths, small first", `Content-Length: 10\r\nContent-Length: ${LARGE}\r\n`, "x".repeat(LARGE)),
  body("two lengths, large first", `Content-Length: ${LARGE}\r\nContent-Length: 10\r\n`, "x".repeat(LARGE)),
  body("one chunk", "Transfer-Encoding: chunked\r\n", chunked(LARGE, LARGE)),
  body("many chunks", "Transfer-Encoding: chunked\r\n", chunked(LARGE, 100)),
  body("a chunk a byte", "Transfer-Encoding: chunked\r\n", chunked(LARGE, 1)),
  body("chunks with extensions", "Transfer-Encoding: chunked\r\n", chunked(LARGE, 100, ";x=y")),
  body(
    "chunks and a small length",
    "Content-Length: 10\r\nTransfer-Encoding: chunked\r\n",
    chunked(LARGE, LARGE),
  ),
  body("no length, HTTP/1.0", "", "x".repeat(LARGE), "HTTP/1.0"),
  body("chunks, HTTP/1.0", "Transfer-Encoding: chunked\r\n", chunked(LARGE, LARGE), "HTTP/1.0"),
  body("Expect", `Expect: 100-continue\r\nContent-Length: ${LARGE}\r\n`, "x".repeat(LARGE)),
  body("Expect with chunks", "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n", chunked(LARGE, 500)),
  body("GET", `Content-Length: ${LARGE}\r\n`, "x".repeat(LARGE), "HTTP/1.1", "GET"),
  body("GET in chunks", "Transfer-Encoding: chunked\r\n", chunked(LARGE, 500), "HTTP/1.1", "GET"),
  body("PUT in chunks", "Transfer-Encoding: chunked\r\n", chunked(LARGE, 500), "HTTP/1.1", "PUT"),
  body("DELETE", `Content-Length: ${LARGE}\r\n`, "x".repeat(LARGE), "HTTP/1.1", "DELETE"),
];

function body(name: string, headers: string, sent: string, version = "HTTP/1.1", method = "POST"): Attack {
  return {
    kind: "body",
    name: visible(name),
    bytes: (id) => http1(id, { method, target: "/upload?CASE", version, headers, body: sent }),
  };
}

function chunked(total: number, size: number, extension = ""): string {
  const chunk = `${size.toString(16)}${extension}\r\n${"x".repeat(size)}\r\n`;
  return `${chunk.repeat(total / size)}0\r\n\r\n`;
}
