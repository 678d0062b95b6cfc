// Random regular expressions as PCRE reads them, and texts to search.
import fc from "fast-check";
import type { Automaton } from "../../../src/space/text/automaton.ts";

const ATOMS: readonly string[] = [
  ..."aabbABc_1 -/.".split(""),
  ..."\\. \\d \\w \\W \\D \\s \\S \\h \\H \\v \\V \\N \\n \\t \\r \\0 \\012 \\cA \\e \\a \\f \\@ \\_ \\- \\C".split(
    " ",
  ),
  ..."\\x61 \\x{62} \\o{141} \\xe9 \\Qa.b\\E \\Q[\\E \\E \\Q\\E".split(" "),
  ..."[a-c] [^a] [^a-c] []a] [^]a] [a-] [-a] [\\d-] [\\w.-] [\\]b] [\\b] [\\x61-\\x63] [\\1] [^\\n] [A-z]".split(
    " ",
  ),
  ..."[^\\W] [^\\D\\S] [\\h\\v] [a[:digit:]] [[:alnum:]_] [[:^alpha:]] [[:space:]b]".split(" "),
  ..."alpha ascii blank cntrl graph lower print punct upper word xdigit"
    .split(" ")
    .map((name) => `[[:${name}:]]`),
  ..."^ $ \\A \\z \\Z \\G \\b \\B".split(" "),
  ..."{ } {a} {1 ] #".split(" "),
  ..."(?i) (?-i) (?s) (?m) (?x) (?-m) (?U) (?^) (?im-s) (?#c)".split(" "),
];
const QUANTIFIERS = ["?", "*", "+", "??", "*?", "+?", "{2}", "{0}", "{1,2}", "{1,}", "{0,1}?", "{2,3}?"];
const GROUPS = ["(", "(?:", "(?i:", "(?s-i:", "(?|", "(?m:", "(?^:", "(?x:"];

/** Those that JavaScript reads as PCRE does. */
const SHARED_ATOMS: readonly string[] = [
  ..."aabbABc_1 -/".split(""),
  ..."\\. \\d \\w \\W \\D \\n \\t \\r \\x61 \\xe9 \\- [^\n] [a-c] [^a] [a-] [-a] [\\w.-] [^\\W] [A-z]".split(
    " ",
  ),
  ..."^ \\b \\B".split(" "),
];

function patternOf(atoms: readonly string[], groups: readonly string[]): fc.Arbitrary<string> {
  const atom = fc.constantFrom(...atoms);
  const quantifier = fc.constantFrom("", "", ...QUANTIFIERS);
  const isAssertion = (one: string) => /^(?:[$^]|\\[AzZGbB]|\(\?.*\))$/.test(one);
  const { node } = fc.letrec<{ node: string; sequence: string }>((tie) => ({
    sequence: fc.array(tie("node"), { maxLength: 4 }).map((parts) => parts.join("")),
    node: fc.oneof(
      { maxDepth: 4, depthSize: "small" },
      {
        weight: 9,
        arbitrary: fc.tuple(atom, quantifier).map(([one, times]) => (isAssertion(one) ? one : one + times)),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(fc.constantFrom(...groups), tie("sequence"), quantifier)
          .map(([open, inside, times]) => `${open}${inside})${times}`),
      },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.constantFrom("(?=", "(?!"), tie("sequence"))
          .map(([open, inside]) => `${open}${inside})`),
      },
      { weight: 1, arbitrary: fc.tuple(tie("sequence"), tie("sequence")).map(([a, b]) => `(?:${a}|${b})`) },
      { weight: 1, arbitrary: fc.constant("|") },
    ),
  }));
  return fc.array(node, { minLength: 1, maxLength: 5 }).map((parts) => parts.join(""));
}

/** Some are no regular expressions for PCRE. */
export const patternSource = patternOf(ATOMS, GROUPS);
export const sharedPatternSource = patternOf(SHARED_ATOMS, ["(", "(?:"]);

/** The bytes that the expressions distinguish, and bytes at the edges of classes; no NUL, which ends a text in HAProxy. */
export const searchedText = fc.string({
  unit: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(..."aabbABc1_/. -\n".split("")) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(..."\r\t\v\f\x01\x08\x1b\x7f\x85\xa0\xe9\xff[]{}zZ\\#".split("")),
    },
  ),
  maxLength: 6,
});

export function accepts(automaton: Automaton, value: string): boolean {
  let state = automaton.start;
  for (const byte of Buffer.from(value, "latin1"))
    state = automaton.next(state, automaton.alphabet.symbols[byte] ?? 0);
  return automaton.accepts(state);
}
