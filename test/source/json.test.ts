// JSON with positions: the values and errors of JSON.parse, with the position of each value.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Json, readJson } from "../../src/source/json.ts";
import { placesOf } from "../../src/source/source-file.ts";

const read = (text: string) => readJson(placesOf({ file: "a.json", text }));

function plain(json: Json): unknown {
  if (json.kind === "scalar") return json.value;
  if (json.kind === "list") return json.items.map(plain);
  return Object.fromEntries([...json.entries].map(([name, { value }]) => [name, plain(value)]));
}

test("the value is that of JSON.parse, whatever the indentation", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
      const { value: json } = read(JSON.stringify(value, null, indent));
      expect(json && plain(json)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { numRuns: 300 },
  );
});

test("text that JSON.parse refuses is refused", () => {
  const piece = fc.constantFrom(
    ...'{ } [ ] , : "a" 1 -1 1.5 01 1. .5 -  true null nul \'a\' // /**/ \\ " \u00a0 +1 NaN'.split(" "),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join(" ");
      expect(read(text).value !== undefined, text).toBe(isJson(text));
    }),
    { numRuns: 2000 },
  );
});

test("each value and name has its place", () => {
  const { value } = read('\ufeff{\n  "a": [1, {"b": "x"}]\n}');
  expect(value).toMatchObject({ at: { line: 1, column: 1 } });
  const a = value?.kind === "object" ? value.entries.get("a") : undefined;
  expect(a).toMatchObject({ at: { line: 2, column: 3, length: 3 }, value: { at: { line: 2, column: 8 } } });
  expect(a?.value).toMatchObject({
    items: [{ at: { column: 9, length: 1 } }, { at: { column: 12, length: 10 } }],
  });
});

describe("the first error is named with its place", () => {
  test.each([
    ["", "unexpected end of file", 1, 1],
    ['{"a": 1', "unexpected end of file", 1, 7],
    ['{"a" 1}', "colon expected", 1, 6],
    ['{"a": 1 "b": 2}', "comma expected", 1, 9],
    ["[1,\n 2,]", "value expected", 2, 4],
    ['{"a": 1} 2', "end of file expected", 1, 10],
    ['{"a": 1} // comment', "invalid comment token", 1, 10],
    ["[".repeat(501), "it is nested too deeply", 1, 501],
  ])("%j", (text, wrong, line, column) => {
    expect(read(text)).toMatchObject({ wrong, at: { line, column } });
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
