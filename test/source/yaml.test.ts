// YAML with positions: the data of the package, the position of each value, and limits.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseYaml } from "../../src/source/yaml.ts";

function valuesOf(text: string, maxAliased = 1000) {
  const [document] = parseYaml(text, {}).documents;
  if (document === undefined) throw new Error("no document");
  expect(document.problem).toBeUndefined();
  return document.values(maxAliased);
}

test("the data is that of the package", () => {
  const name = fc.stringMatching(/^[a-z]{1,4}$/);
  const scalar = fc.constantFrom(
    "1",
    "true",
    "~",
    "x y",
    "'q'",
    '"\\n"',
    "a:b",
    "-1.5",
    "0x1f",
    "",
    "|\n      x\n",
    "{a: b}",
    "[1, 'x']",
  );
  const value = fc.oneof(
    scalar,
    fc
      .array(scalar, { minLength: 1, maxLength: 3 })
      .map((items) => items.map((item) => `\n  - ${item}`).join("")),
    fc
      .uniqueArray(name, { minLength: 1 })
      .map((names) => names.map((one) => `\n  ${one}: ${one} # note`).join("")),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, value), { selector: ([one]) => one, minLength: 1 }),
      (entries) => {
        const text = entries.map(([one, it]) => `${one}: ${it}\n`).join("");
        const { data, rangeOf, faults } = valuesOf(text);
        expect(data).toEqual(parse(text));
        expect(faults).toEqual([]);
        for (const [one, it] of entries) {
          expect(text.slice(...(rangeOf([one], { key: true }) ?? [0, 0]))).toBe(one);
          // An empty value has the position of its key; no range includes the lines and comments after it.
          expect(text.slice(...(rangeOf([one]) ?? [0, 0])).trim()).toBe(
            it.trim().replace(/ # note$/, "") || one,
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

describe("aliases and merge keys", () => {
  const text = "base: &base { port: 80, tls: no }\nnext: { <<: *base, port: 81 }\nsame: *base\n";
  const { data, rangeOf } = valuesOf(text);
  const at = (...path: readonly string[]) => text.slice(...(rangeOf(path) ?? [0, 0]));

  test("are followed; the map's own entries count", () => {
    expect(data).toMatchObject({ next: { port: 81, tls: "no" }, same: { port: 80, tls: "no" } });
  });

  test("have the place of the value that they refer to", () => {
    expect(at("next", "port")).toBe("81");
    expect(rangeOf(["next", "tls"])).toEqual(rangeOf(["base", "tls"]));
    expect(rangeOf(["same"])).toEqual(rangeOf(["base"]));
  });

  test("a redefined anchor applies from there on", () => {
    const again = valuesOf("a: &x 1\nb: *x\nc: &x 2\nd: *x\n");
    expect(again.data).toEqual({ a: 1, b: 1, c: 2, d: 2 });
    expect(again.rangeOf(["b"])).toEqual(again.rangeOf(["a"]));
  });
});

test.each([
  ["a: 1\na: 2\n", { kind: "duplicate-key", key: "a", at: [5, 6], first: [0, 1] }],
  ["a: *x\n", { kind: "alias-without-anchor", name: "x", at: [3, 5] }],
  ["a: &x [*x]\n", { kind: "alias-within-its-anchor", name: "x", at: [7, 9] }],
  ["? [a]\n: b\n", { kind: "key-not-text" }],
  ["a: { <<: 1 }\n", { kind: "merged-not-map", at: [5, 7] }],
])("%j is a fault", (text, fault) => {
  expect(valuesOf(text).faults).toMatchObject([fault]);
});

test("`__proto__` is a key like any other", () => {
  const { data } = valuesOf("__proto__: { a: 1 }\n");
  expect(Object.keys(data as object)).toEqual(["__proto__"]);
  expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
});

test("aliases that expand beyond the limit are one fault, and nothing is copied", () => {
  const levels = [..."bcdefghi"].map(
    (one, index) => `${one}: &${one} [${`*${"abcdefgh"[index]}, `.repeat(9)}]`,
  );
  const { faults } = valuesOf(`a: &a [${"x, ".repeat(9)}]\n${levels.join("\n")}\n`);
  expect(faults.map(({ kind }) => kind)).toEqual(["too-many-aliased"]);
});

test("a text that nests too deeply is read up to the limit", () => {
  expect(parseYaml(`a: ${"[".repeat(200_000)}`, {})).toEqual({ documents: [], tooDeepAt: 101 });
});

test("aliases of aliases have the same limit of nesting as text", () => {
  const nested = (inner: string) => `${"[".repeat(60)}${inner}${"]".repeat(60)}`;
  expect(valuesOf(`a: &a ${nested("x")}\nb: *a\n`).faults).toEqual([]);
  const { faults } = valuesOf(`a: &a ${nested("x")}\nb: ${nested("*a")}\n`);
  expect(faults.map(({ kind }) => kind)).toEqual(["aliased-too-deep"]);
});
