// Random mutants of a few requests: bytes and headers deleted, replaced, inserted, requests cut and joined. The same ones in every run.
import type { Attack } from "./attack.ts";

const COUNT = 300;

const HOST = "Host: app.example.com\r\nX-Case: ID\r\n";
const SEEDS = [
  `POST /any?CASE HTTP/1.1\r\n${HOST}Content-Length: {N}\r\n\r\nSMUGGLED`,
  `POST /any?CASE HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n{H}\r\nSMUGGLED\r\n0\r\n\r\n`,
  `POST /any?CASE HTTP/1.1\r\n${HOST}Content-Length: {N}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nSMUGGLED`,
  `GET /any?CASE HTTP/1.1\r\n${HOST}\r\nGET /any?CASE HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
];
const HEADERS = [
  "Content-Length: 0",
  "Content-Length: {N}",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: identity",
  ": ",
  "Test: ",
  "Connection: close",
  "Connection: keep-alive",
  "Expect: 100-continue",
];
const METHODS = ["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "CONNECT", "PRI", "X"];
const MEANINGFUL = ["\r\n", "\r", "\n", "\x00", ":", "\t", " ", ";", ",", "0"];

type Draw = (below: number) => number;
type Mutation = (text: string, draw: Draw) => string;

const MUTATIONS: readonly Mutation[] = [
  (text, draw) => spliced(text, draw(text.length), 1, ""),
  (text, draw) => spliced(text, draw(text.length), 1, String.fromCharCode(draw(256))),
  (text, draw) => spliced(text, draw(text.length), 0, String.fromCharCode(draw(256))),
  (text, draw) => spliced(text, draw(text.length), 0, pick(MEANINGFUL, draw)),
  (text, draw) => spliced(text, draw(text.length), 1, pick(MEANINGFUL, draw)),
  (text, draw) => onLine(text, draw, (line) => `${line}\r\n${pick(HEADERS, draw)}`),
  (text, draw) => onLine(text, draw, () => pick(HEADERS, draw)),
  (text, draw) => onLine(text, draw, (line) => `${line}\r\n${line}`),
  (text, draw) => text.replace(/^[A-Z]+/, pick(METHODS, draw)),
  (text, draw) => text.slice(0, draw(text.length)) + pick(SEEDS, draw),
  (text, draw) => text.slice(draw(12)),
];

export function mutants(attack: (name: string, text: string) => Attack): readonly Attack[] {
  const draw = generator(0x9e3779b9);
  return Array.from({ length: COUNT }, (_, index) => {
    let text = pick(SEEDS, draw);
    for (let times = 1 + draw(3); times > 0; times -= 1) text = pick(MUTATIONS, draw)(text, draw);
    return attack(`mutant ${index}`, text);
  });
}

function spliced(text: string, at: number, removed: number, inserted: string): string {
  return text.slice(0, at) + inserted + text.slice(at + removed);
}

/** Not the first line: without it little is left of a request. */
function onLine(text: string, draw: Draw, change: (line: string) => string): string {
  const lines = text.split("\r\n");
  const at = 1 + draw(Math.max(1, lines.indexOf("") - 1));
  return lines.map((line, index) => (index === at ? change(line) : line)).join("\r\n");
}

function pick<T>(from: readonly [T, ...T[]] | readonly T[], draw: Draw): T {
  const picked = from[draw(from.length)];
  if (picked === undefined) throw new RangeError("nothing to pick from");
  return picked;
}

/** mulberry32: small, and the same on every machine. */
function generator(seed: number): Draw {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
