// The quick YAML reader against the full one: where it gives a tree, it is the same tree; where a text is not plain, it gives none.
import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFullYaml } from "../../src/description/source/full-yaml.ts";
import { readPlainYaml } from "../../src/description/source/plain-yaml.ts";
import { locator } from "../../src/findings/positions.ts";

const full = (text: string) => readFullYaml(text, locator("portico.yaml", text));

const examples = new URL("../../examples/", import.meta.url);
const descriptions = readdirSync(examples, { recursive: true, encoding: "utf8" }).filter(
  (file) => file.endsWith("portico.yaml") && !file.includes("out/"),
);

test("there are examples to read", () => {
  expect(descriptions.length).toBeGreaterThan(3);
});

test.each(descriptions)("reads examples/%s as the full reader does", (file) => {
  const text = readFileSync(new URL(file, examples), "utf8");
  const plain = readPlainYaml(text);
  expect(plain).toBeDefined();
  expect(full(text)).toEqual({ value: plain, findings: [] });
});

test.each([
  [
    "maps, lists and comments",
    "# c\na: 1\nb:\n  - x # c\n  - c: d\n    e: 'f'\n\n  -   - 1\n      - 2\nlast: true\n",
  ],
  ["a list at its key's column", "a:\n- 1\n- b: 2\n  c: 3\nd: e\n"],
  ["flow collections", 'a: { b: [1, "x, y", { c: d }], "e f": g, }\nh: []\ni: {}\n'],
  ["quotes", `a: "x\\ty \\"z\\" \\\\"\nb: 'it''s: #1'\n"c: d": 'e'\n`],
  [
    "text that looks like more",
    "a: x:y\nb: http://e.example/?q#f\nc: -x\nd: 10.0.0.0/8\ne: 1.2.3\nf: a#b\ng: 180d\n",
  ],
  ["keys that look like numbers", "404: x\ntrue: y\nnull: z\n-1: w\n"],
  ["values left empty", "a:\nb: # nothing\nc: {d: ~, e: null}\nf:"],
  ["international text", "é: ☃ 😀\nb: { ü: '漢字' }\n"],
])("reads %s as the full reader does", (_, text) => {
  const plain = readPlainYaml(text);
  expect(plain).toBeDefined();
  expect(full(text)).toEqual({ value: plain, findings: [] });
});

test.each([
  ["anchors", "a: &b 1\nc: *b\n"],
  ["tags", "a: !!str 1\n"],
  ["tabs", "a:\tb\n"],
  ["block scalars", "a: |\n  b\n"],
  ["scalars over several lines", "a: b\n  c\n"],
  ["flow collections over several lines", "a: [\n  b ]\n"],
  ["several documents", "a: 1\n---\nb: 2\n"],
  ["directives", "%YAML 1.1\n---\na: on\n"],
  ["a key twice", "a: 1\na: 2\n"],
  ["a key twice in flow", "a: { b: 1, b: 2 }\n"],
  ["merge keys", "a: { <<: 1 }\n"],
  ["wrong indentation", "a:\n    b: 1\n  c: 2\n"],
  ["a second colon", "a: b: c\n"],
  ["an unclosed bracket", "a: [b\n"],
  ["explicit keys", "? a\n: b\n"],
  ["octal numbers", "a: 0o17\n"],
  ["numbers with an exponent", "a: 1e3\n"],
  ["a byte order mark", "\ufeffa: 1\n"],
])("leaves %s to the full reader", (_, text) => {
  expect(readPlainYaml(text)).toBeUndefined();
});

/** Pieces that meet in ways a description never has, but a person's mistake may. */
const piece = fc.constantFrom(
  ..."a|b1|c d|: |:|- |-|, |,|{|}|[|]|\n|\n  |\n    |\n|  | |#| # c|\"|'|x|1|0|-1|1e3|0x1f|true|null|~|on|&a |*a|!t |!|%|@|?|? |<<|.|...|---|\n---\n|\t|\\|\\n|é|😀|=|/p|https://e.x/|.5|5.|+1|NO|''|\"\"|\r\n".split(
    "|",
  ),
);
const anyText = fc.array(piece, { maxLength: 25 }).map((pieces) => pieces.join(""));

const scalarText = fc.oneof(
  fc.constantFrom(
    "1",
    "true",
    "~",
    "x",
    "x y",
    "'q'",
    '"q"',
    "''",
    "a:b",
    "-1",
    "1.5",
    "{a: b}",
    "[1, 2]",
    "[]",
    "{ 'k': v, }",
    "",
  ),
  fc.string({ maxLength: 6 }).map((text) => JSON.stringify(text)),
);
const keyText = fc.constantFrom("a", "b", "c c", "'d'", '"e"', "404", "é");

/** Texts that are nearly always YAML, of every shape of nesting. */
const block: fc.Memo<string> = fc.memo((depth) =>
  depth <= 1
    ? scalarText.map((text) => ` ${text}\n`)
    : fc.oneof(
        scalarText.map((text) => ` ${text}\n`),
        fc
          .tuple(
            fc.uniqueArray(keyText, { minLength: 1, maxLength: 3 }),
            fc.array(block(depth - 1), { minLength: 3, maxLength: 3 }),
            fc.constantFrom("", "  # note", "\n"),
          )
          .map(
            ([keys, values, extra]) =>
              `${extra}\n${keys.map((key, index) => indent(`${key}:${values[index] ?? ""}`)).join("")}`,
          ),
        fc
          .array(block(depth - 1), { minLength: 1, maxLength: 3 })
          .map((items) => `\n${items.map((item) => indent(`-${item}`)).join("")}`),
        fc
          .array(block(depth - 1), { minLength: 1, maxLength: 3 })
          .map((items) => `\n${items.map((item) => `-${item}`).join("")}`),
      ),
);

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

describe("on random texts", () => {
  const same = (text: string): boolean => {
    const plain = readPlainYaml(text);
    if (plain === undefined) return false;
    expect(full(text)).toEqual({ value: plain, findings: [] });
    return true;
  };

  test("of pieces: a tree it gives is the full reader's tree", () => {
    fc.assert(
      fc.property(anyText, (text) => void same(`k: ${text}`)),
      { numRuns: 10_000 },
    );
    fc.assert(
      fc.property(anyText, (text) => void same(text)),
      { numRuns: 5_000 },
    );
  });

  test("of nested blocks: the same, and it gives one often", () => {
    let given = 0;
    fc.assert(
      fc.property(block(3), block(4), (first, second) => {
        if (same(`a:${first}b:${second}`)) given++;
      }),
      { numRuns: 2_000 },
    );
    expect(given).toBeGreaterThan(200);
  });
});
