// HAProxy's quoting: Portico and HAProxy read the same words.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { locateInWord, quoteWord, scanWord, writeBetween } from "../../../src/wiring/haproxy/quoting.ts";
import { queryHaproxy, valuesByHaproxy } from "../haproxy-readings.ts";

const readable: readonly (readonly [word: string, value: string])[] = [
  [`a'b c'd`, "ab cd"],
  [`a"b c"d`, "ab cd"],
  [`"it's"`, "it's"],
  ["a\\ b", "a b"],
  ["a\\", "a\\"],
  ["a\\qb", "a\\qb"],
  ["a\\#b", "a#b"],
  ["'a#b'", "a#b"],
  ["'a\\nb'", "a\\nb"],
  ['"a\\tb"', "a\tb"],
  ["\\x41\\x42", "AB"],
  ["\\xc3\\xa9\\x41", "éA"],
  ["é", "é"],
  ["$SET", "$SET"],
  ["'$SET'", "$SET"],
  ['"\\$SET"', "$SET"],
  ["\\$SET", "\\$SET"],
  ["a\\x00b", "a"],
  ["{a}[b](c),d;e", "{a}[b](c),d;e"],
];

describe("words", () => {
  test.each(readable)("%s is read as %j", (word, value) => {
    expect(scanWord(word, 0)).toEqual({ end: word.length, value, symbolic: false });
  });

  test("HAProxy reads the same values", () => {
    expect(valuesByHaproxy(readable.map(([word]) => word))).toEqual(readable.map(([, value]) => value));
  });

  test.each([
    ["a#b", 1],
    ["a b", 1],
    ["a\tb", 1],
    ["a\vb", 1],
    ["a\fb", 1],
    ["a\rb", 1],
    ["\\\tb", 1],
    ["a\u00a0b", 3],
  ])("%j ends at %i", (text, end) => {
    expect(scanWord(text, 0).end).toBe(end);
  });

  test.each([
    ["'open", "unmatched-quote"],
    ['"open', "unmatched-quote"],
    ["'cut\rhere'", "unmatched-quote"],
    ["\\xzz", "bad-hexadecimal-escape"],
    ['"\\x4"', "bad-hexadecimal-escape"],
    ['"$1"', "bad-variable"],
    ['"${SET"', "bad-variable"],
    ["a\0b", "stray-nul"],
  ])("%j is refused: %s", (word, fault) => {
    expect(scanWord(word, 0).fault).toBe(fault);
    expect(queryHaproxy(`global\n  setenv W ${word}\n`).status).toBe(1);
  });

  test.each(['"$SET"', '"${SET}"', '"${NONE-a\\"b}"', '"$.FILE"', '"${SET[*]}"', '"${SET[*]-x}"'])(
    "the variable in %s is not replaced",
    (word) => {
      expect(scanWord(word, 0)).toEqual({ end: word.length, value: word.slice(1, -1), symbolic: true });
    },
  );
});

describe("random words", () => {
  const piece = fc.constantFrom(
    ..."ab'\"\\#$ {}x41ntr\t;é-".split(""),
    ...["\\x41", "\\n", "\\\\", "' '", '" "', "\\'", '\\"', '"\\$a"', "\\xc3\\xa9"],
  );
  const word = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(""));

  test("are read as HAProxy reads them", () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 60, maxLength: 60 }), (words) => {
        const whole = words.filter((text) => {
          const { end, value, symbolic, fault } = scanWord(text, 0);
          return end === text.length && value !== "" && !symbolic && !fault;
        });
        expect(valuesByHaproxy(whole)).toEqual(whole.map((text) => scanWord(text, 0).value));
      }),
      { numRuns: 40 },
    );
  });

  test("are refused where HAProxy refuses them", () => {
    fc.assert(
      fc.property(word, (text) => {
        fc.pre(scanWord(text, 0).fault !== undefined);
        expect(queryHaproxy(`global\n  setenv W ${text}\n`).status).toBe(1);
      }),
      { numRuns: 40 },
    );
  });
});

describe("writing", () => {
  const value = fc
    .string({ unit: fc.constantFrom(..."a/ '\"\\#$\t\n\r\v\f{}é%."), minLength: 1, maxLength: 12 })
    .filter((text) => text.trim() !== "");

  test("a value is read back unchanged", () => {
    fc.assert(
      fc.property(value, (text) => {
        const word = quoteWord(text);
        expect(scanWord(word, 0)).toEqual({ end: word.length, value: text, symbolic: false });
      }),
    );
  });

  test("HAProxy reads it back unchanged", () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 60, maxLength: 60 }), (texts) => {
        expect(valuesByHaproxy(texts.map(quoteWord))).toEqual(texts);
      }),
      { numRuns: 10 },
    );
  });

  test("a part of a word is replaced, and the rest has the same value", () => {
    const quoted = fc.tuple(value, fc.constantFrom("bare", "single", "double")).map(([text, quote]) => {
      const mark = { bare: "", single: "'", double: '"' }[quote];
      return { text, word: mark + writeBetween(text, quote as "bare", quote as "bare") + mark };
    });
    fc.assert(
      fc.property(
        fc.array(quoted, { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.nat(),
        value,
        (parts, a, b, text) => {
          const word = parts.map((part) => part.word).join("");
          const whole = parts.map((part) => part.text).join("");
          const start = a % whole.length;
          const end = start + 1 + (b % (whole.length - start));
          const range = locateInWord(word, start, end);
          const edited =
            word.slice(0, range.start) +
            writeBetween(text, range.opens, range.closes) +
            word.slice(range.end);
          expect(scanWord(edited, 0)).toEqual({
            end: edited.length,
            value: whole.slice(0, start) + text + whole.slice(end),
            symbolic: false,
          });
        },
      ),
    );
  });

  test("a NUL cannot be written", () => {
    expect(() => quoteWord("a\0b")).toThrow(RangeError);
  });
});
