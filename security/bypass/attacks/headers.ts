// Headers by which a client pretends to be another one, or has the edge's own headers dropped.
import { type Attack, FORGED_ADDRESS, http1, TRAILER_ADDRESS, visible } from "./attack.ts";

/** Headers that proxies set and applications believe. */
export const IDENTITY_HEADERS = [
  ...[
    "forwarded",
    "x-forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-prefix",
  ],
  ...[
    "x-forwarded-server",
    "x-forwarded-ssl",
    "x-forwarded-scheme",
    "x-forwarded-by",
    "x-forwarded-user",
    "x-forwarded-client-cert",
  ],
  ...[
    "x-real-ip",
    "client-ip",
    "true-client-ip",
    "cf-connecting-ip",
    "x-cluster-client-ip",
    "x-client-ip",
    "x-original-forwarded-for",
  ],
  ...[
    "x-scheme",
    "front-end-https",
    "x-ssl-client-verify",
    "x-ssl-client-cert",
    "x-ssl-client-s-dn",
    "proxy",
  ],
  ...["x-original-url", "x-rewrite-url", "x-http-method-override", "x-original-host"],
] as const;

const VALUE = `${FORGED_ADDRESS}`;

/** Other spellings of a name that some server accepts. */
const SPELLINGS: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toUpperCase(),
  (name) => name.replaceAll("-", "_"),
  (name) => name.replace("-", "_"),
  (name) => name.replaceAll("-", "."),
  (name) => `${name} `,
  (name) => `${name}\t`,
  (name) => ` ${name}`,
  (name) => `${name}\x00`,
  (name) => `\x00${name}`,
  (name) => `${name}\x0b`,
  (name) => `${name}\r`,
  (name) => `X: y\n${name}`,
  (name) => `X: y\r${name}`,
  (name) => `X: y\r\n ${name}`,
  (name) => `${name}:`,
];

/** Headers of the edge, or of the message, that a client names as its own hop's. */
const NAMED = [
  ...[
    "X-Forwarded-For",
    "x-forwarded-for",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "Forwarded",
    "Host",
    "Content-Length",
    "Transfer-Encoding",
  ],
  ...[
    "Cookie",
    "Authorization",
    "X-Case",
    "X-Real-IP",
    "Via",
    "Expect",
    "Connection",
    "TE",
    "Trailer",
    "*",
    "X-Forwarded-*",
  ],
];

export const headers: readonly Attack[] = [
  ...IDENTITY_HEADERS.flatMap((name) =>
    SPELLINGS.map((spell) => attack(`${spell(name)}: ${VALUE}`, `${spell(name)}: ${VALUE}\r\n`)),
  ),
  ...[
    "Forwarded: for=",
    'Forwarded: for="[',
    "X-Forwarded-For: 1.1.1.1, ",
    "X-Forwarded-For:\r\n ",
    "X-Forwarded-For:\t",
    "x-forwarded-for:",
  ].map((start) => attack(`${start}${VALUE}`, `${start}${VALUE}\r\n`)),
  attack("two X-Forwarded-For", `X-Forwarded-For: ${VALUE}\r\nX-Forwarded-For: ${VALUE}\r\n`),
  attack(
    "X-Forwarded-For in a trailer",
    "Transfer-Encoding: chunked\r\nTrailer: X-Forwarded-For\r\n",
    `0\r\nX-Forwarded-For: ${TRAILER_ADDRESS}\r\n\r\n`,
  ),
  attack(
    "X_Forwarded_For in a trailer",
    "Transfer-Encoding: chunked\r\n",
    `0\r\nX_Forwarded_For: ${TRAILER_ADDRESS}\r\n\r\n`,
  ),
  ...NAMED.flatMap((name) =>
    [
      `Connection: ${name}`,
      `Connection: close, ${name}`,
      `Connection: ${name},${name}`,
      `Connection:\t${name}\r\nConnection: close`,
      `Proxy-Connection: ${name}`,
      `connection: keep-alive , ${name} ,`,
    ].map((line) => attack(line, `${line}\r\n`)),
  ),
  ...[
    "X-Beta : open",
    "X_Beta: open",
    " X-Beta: open",
    "X: y\r\n X-Beta: open",
    "X: y\rX-Beta: open",
    "X-Beta\x00: open",
    "X-Beta: open\x00",
    "X-Beta:: open",
    "X-Beta: Open",
    "X-Beta: open, x",
    "X-Beta: open\r\nX-Beta: x",
    "X-Beta",
    "Connection: X-Beta",
  ].map((line) => attack(`/beta with ${line}`, `${line}\r\n`, undefined, "/beta?CASE")),
];

function attack(name: string, lines: string, body?: string, target?: string): Attack {
  return {
    kind: "header",
    name: visible(name),
    bytes: (id) =>
      http1(id, {
        headers: lines,
        ...(body === undefined ? {} : { body, method: "POST" }),
        ...(target === undefined ? {} : { target }),
      }),
  };
}
