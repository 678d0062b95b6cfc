// Expressions that are nothing but literals.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { choiceOf } from "../../../src/space/text/expression.ts";
import { expressionOf, literalsOf } from "../../../src/space/text/literal.ts";
import { readPattern } from "../../../src/space/text/read-pattern.ts";
import { SearchAutomaton } from "../../../src/space/text/search-automaton.ts";
import { accepts } from "./patterns.ts";

const source = fc
  .tuple(
    fc.constantFrom("", "^", "\\A"),
    fc.array(fc.constantFrom("a", "B", "[aA]", "[bB]", "/", "(?:a|b/)", "(?:B|)", "[ab]", "a?"), {
      maxLength: 4,
    }),
    fc.constantFrom(
      "",
      "$",
      "\\z",
      "$a",
      "(?!b$)",
      "(?!\\z)",
      "(?=a\\z)",
      "(?=a)",
      "(?=a)a",
      "(?=[ab])a",
      "(?=a$)$",
    ),
  )
  .map(([start, parts, end]) => start + parts.join("") + end);
const text = fc.string({ unit: fc.constantFrom(..."aAbB/\n".split("")), maxLength: 5 });

describe("one of the literals is found exactly if the expression is", () => {
  test("for random expressions", () => {
    let literal = 0;
    const texts = fc.array(text, { minLength: 20, maxLength: 20 });
    const property = fc.property(source, fc.boolean(), texts, (source, ignoreCase, texts) => {
      const expression = readPattern(source, ignoreCase);
      const literals = literalsOf(expression);
      if (literals === undefined) return;
      literal += 1;
      const [one, other] = [expression, choiceOf(literals.map(expressionOf))].map(
        (of) => new SearchAutomaton(of),
      );
      if (one === undefined || other === undefined) return;
      for (const text of texts)
        expect([source, text, accepts(other, text)]).toEqual([source, text, accepts(one, text)]);
    });
    fc.assert(property, { numRuns: 1000 });
    expect(literal).toBeGreaterThan(200);
  });

  test.each([
    ["^/api/", [["prefix", "/api/", false]]],
    ["\\.example\\.com\\z", [["suffix", ".example.com", false]]],
    [
      "^/(?:a|b)\\z",
      [
        ["exact", "/a", false],
        ["exact", "/b", false],
      ],
    ],
    [
      "^/a$",
      [
        ["exact", "/a", false],
        ["exact", "/a\n", false],
      ],
    ],
    ["(?i)bot", [["contains", "bot", true]]],
    ["(?i)b(?-i)ot", undefined],
    ["^/[0-9]", undefined],
    ["a+", undefined],
  ])("%s", (source, literals) => {
    const found = literalsOf(readPattern(source, false));
    const plain = found?.map(({ kind, value, ignoreCase }) => [
      kind,
      ignoreCase ? value.toLowerCase() : value,
      ignoreCase,
    ]);
    expect(plain?.toSorted()).toEqual(literals?.toSorted());
  });
});
