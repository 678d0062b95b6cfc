// The lossless parser: every byte is preserved, every word has its position.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  editHaproxyConfig,
  type HaproxyConfig,
  parseHaproxyConfig,
  printHaproxyConfig,
} from "../../../src/wiring/haproxy/config.ts";

const parse = (text: string): HaproxyConfig => parseHaproxyConfig(text, "haproxy.cfg");

/** Every word is at its position, with only blanks between words. */
function expectTiled(config: HaproxyConfig): void {
  for (const line of config.lines) {
    let at = line.fault?.code === "byte-order-mark" ? 1 : 0;
    for (const token of line.tokens) {
      expect(line.text.slice(at, token.column - 1)).toMatch(/^[ \t\v\f]*$/);
      expect(line.text.slice(token.column - 1, token.column - 1 + token.length)).toBe(token.text);
      at = token.column - 1 + token.length;
    }
    const rest = line.text.slice(at);
    expect(rest.replace(/^[ \t\v\f]+/, "").charAt(0)).toMatch(/^[#\r]?$/);
    if (line.comment) expect(rest.endsWith(line.comment.text)).toBe(true);
  }
}

const handWritten = [
  "hand-written.cfg",
  "../../../examples/hand-written/haproxy.cfg",
  "../../../examples/hand-written/depots/printers.cfg",
].map((name) => fileURLToPath(new URL(name, import.meta.url)));

describe("round trip", () => {
  test.each([
    ["nothing", ""],
    ["one newline", "\n"],
    ["no final newline", "global\n  maxconn 10"],
    ["carriage returns", "global\r\n  maxconn 10 # ten\r\n"],
    ["a lone carriage return", "global\n  maxconn 10\r ignored 'open\n"],
    ["tabs", "global\n\tmaxconn\t10\t\n"],
    ["a NUL", "global\n  maxconn 1\u00000\n"],
    ["an open quote", "global\n  log-tag 'open\n  maxconn 10\n"],
    ["a byte order mark", "\uFEFFglobal\n  maxconn 10\n"],
    ["only a comment", "# hello"],
    ["vertical tabs and form feeds", "global\v\f maxconn\f10\n"],
  ])("%s", (_, text) => {
    const config = parse(text);
    expect(printHaproxyConfig(config)).toBe(text);
    expectTiled(config);
  });

  test("any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        const config = parse(text);
        expect(printHaproxyConfig(config)).toBe(text);
        expectTiled(config);
      }),
    );
  });

  test("any bytes, as latin1", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = Buffer.from(bytes).toString("latin1");
        expect(Buffer.from(printHaproxyConfig(parse(text)), "latin1")).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test("random sequences of a configuration's tokens", () => {
    const word = fc.constantFrom(
      "global",
      "frontend",
      "bind",
      "*:80,:81",
      "'a b'",
      '"$X"',
      "\\",
      "'",
      '"',
      "#",
      " ",
      "\t",
      "\r",
      "\n",
      "\r\n",
      "if",
      "{",
      "}",
      ".if",
      ".endif",
      "\\\n",
      "%[src]",
      "\0",
      "\uFEFF",
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const text = words.join("");
        const config = parse(text);
        expect(printHaproxyConfig(config)).toBe(text);
        expectTiled(config);
      }),
      { numRuns: 1000 },
    );
  });

  test("10,000 backends", () => {
    const backend = (n: number): string =>
      `backend b${n} # number ${n}\n  mode http\n  http-request set-header X-Name "b ${n}" if { path_beg /b${n} }\n` +
      `  option httpchk\n  http-check send meth GET uri /health hdr Host 'b${n}.example.com'\n` +
      `${Array.from({ length: 20 }, (_, s) => `  server s${s} 10.0.${n % 256}.${s}:8080 check inter 2s\n`).join("")}\n`;
    const text = Array.from({ length: 10_000 }, (_, n) => backend(n)).join("");
    expect(text.length).toBeGreaterThan(7_000_000);
    const config = parse(text);
    expect(config.sections).toHaveLength(10_000);
    expect(printHaproxyConfig(config) === text).toBe(true);
  });

  test.each(handWritten)("%s", (file) => {
    const text = readFileSync(file, "utf8");
    const config = parse(text);
    expect(printHaproxyConfig(config)).toBe(text);
    expectTiled(config);
    expect(config.lines.filter((line) => line.fault)).toEqual([]);
  });
});

describe("model", () => {
  test("words have text, value and position", () => {
    const [, line] = parse(`frontend a\n  log-tag "x y"'z' # tag\n`).lines;
    expect(line).toEqual({
      number: 2,
      text: `  log-tag "x y"'z' # tag`,
      end: "\n",
      conditional: false,
      comment: { text: "# tag", column: 20 },
      tokens: [
        { text: "log-tag", value: "log-tag", line: 2, column: 3, length: 7, symbolic: false },
        { text: `"x y"'z'`, value: "x yz", line: 2, column: 11, length: 8, symbolic: false },
      ],
    });
  });

  test("sections begin only at their keyword, whatever its indentation or quoting", () => {
    const config = parse(
      '# top\nglobal\nmaxconn 1\n "frontend" f\nunheard of\ndefaults from base\ndefaults d from base\n',
    );
    expect(config.sections.map((s) => [s.kind, s.name?.value, s.lines.length])).toEqual([
      ["", undefined, 1],
      ["global", undefined, 1],
      ["frontend", "f", 1],
      ["defaults", undefined, 0],
      ["defaults", "d", 0],
    ]);
  });

  test("lines within a condition refer to it", () => {
    const config = parse(".if defined(A)\nglobal\n.if true\n.endif\n maxconn 1\n.else\n.endif\nfrontend a\n");
    expect(config.lines.map((line) => line.conditional)).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
  });

  test("a line that HAProxy refuses has a fault", () => {
    const config = parse("\uFEFFglobal\n log-tag 'a\n log-tag \\x\n maxconn 1");
    expect(config.lines.map((line) => line.fault)).toEqual([
      { code: "byte-order-mark", column: 1 },
      { code: "unmatched-quote", column: 10 },
      { code: "bad-hexadecimal-escape", column: 10 },
      { code: "missing-newline", column: 11 },
    ]);
  });

  test("there are no line continuations", () => {
    expect(
      parse("global\n log-tag a\\\n maxconn 1\n").lines.map((l) => l.tokens.map((t) => t.value)),
    ).toEqual([["global"], ["log-tag", "a\\"], ["maxconn", "1"]]);
  });
});

describe("edits", () => {
  test("change only their words, quoted as needed", () => {
    const config = parse('frontend a\r\n\tbind  *:80,*:81   # both\r\n\tlog-tag "x $Y"\t\r\n');
    const [, bind, tag] = config.lines;
    const edited = editHaproxyConfig(config, [
      { token: at(bind?.tokens, 1), value: "127.0.0.1:8081", start: 5, end: 9 },
      { token: at(bind?.tokens, 1), value: "127.0.0.1:8080", start: 0, end: 4 },
      { token: at(tag?.tokens, 1), value: 'a "b"', start: 0, end: 1 },
    ]);
    expect(printHaproxyConfig(edited)).toBe(
      'frontend a\r\n\tbind  127.0.0.1:8080,127.0.0.1:8081   # both\r\n\tlog-tag "a \\"b\\" $Y"\t\r\n',
    );
  });

  test("must not overlap", () => {
    const config = parse("frontend a\n");
    const token = at(config.lines[0]?.tokens, 1);
    expect(() =>
      editHaproxyConfig(config, [
        { token, value: "b" },
        { token, value: "c" },
      ]),
    ).toThrow(RangeError);
  });
});

function at<T>(list: readonly T[] | undefined, index: number): T {
  const found = list?.[index];
  if (found === undefined) throw new Error(`nothing at ${index}`);
  return found;
}
