// Random regular expressions, each with a text that it matches.
import fc from "fast-check";
import { regexProblem } from "../../src/description/regex.ts";

interface Pattern {
  readonly source: string;
  /** Contains a match. */
  readonly witness: string;
}

const witnesses = new Map<string, string>();

/** A text that a generated pattern matches; `otherwise` for one that was not made here. */
export function witnessOf(source: string, otherwise: string): string {
  return witnesses.get(source) ?? otherwise;
}

function memoized(pattern: Pattern): Pattern {
  witnesses.set(pattern.source, pattern.witness);
  return pattern;
}

const literal = (text: string, source = text): Pattern => ({ source, witness: text });

const atom: fc.Arbitrary<Pattern> = fc.constantFrom(
  literal("a"),
  literal("b"),
  literal("ab"),
  literal("/"),
  literal("/a"),
  literal("1", "\\d"),
  literal("a", "\\w"),
  literal("/", "\\W"),
  literal("-", "[^a]"),
  literal("a", "[a-c]"),
  literal("B", "[A-Z]"),
  literal("a", "."),
  literal(".", "\\."),
  literal("%"),
  literal("%2F"),
  literal("'"),
  literal('"'),
  literal("#"),
  literal("~"),
  literal("]", "\\]"),
  literal("b", "[^/]"),
  literal("\\", "\\\\"),
  literal("$", "\\$"),
  literal("a", "\\S"),
  literal("x", "[\\w.-]"),
  literal("{", "\\{"),
  literal("a", "\\x61"),
  literal("", "\\b"),
  literal("é", "\\xc3\\xa9"),
  literal("0", "[[0-9]"),
  literal(" ", "\\s"),
  literal(" ", " "),
  literal("\t", "[\\s]"),
  literal("a", "[^\\s]"),
  literal("ab", "[\\S]b"),
  literal("\v", "\\v"),
  literal("a", "[^]"),
  literal("[", "[[]"),
  literal("\n", "\\n"),
);

const { node } = fc.letrec<{ node: Pattern; repeated: Pattern; sequence: Pattern }>((tie) => ({
  repeated: fc
    .tuple(
      atom,
      fc.constantFrom(
        ["?", 0],
        ["*", 2],
        ["+", 1],
        ["{2}", 2],
        ["{1,3}", 3],
        ["*?", 0],
        ["??", 1],
        ["{0,2}", 1],
      ),
    )
    .map(([{ source, witness }, [quantifier, count]]) => ({
      source: `${/^(\\x..|\\.|\[.*\]|.)$/.test(source) ? source : `(?:${source})`}${quantifier}`,
      witness: witness.repeat(Number(count)),
    })),
  sequence: fc.array(fc.oneof(atom, tie("repeated")), { minLength: 1, maxLength: 3 }).map((parts) => ({
    source: parts.map(({ source }) => source).join(""),
    witness: parts.map(({ witness }) => witness).join(""),
  })),
  node: fc.oneof(
    { weight: 4, arbitrary: tie("sequence") },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie("sequence"), tie("sequence"), fc.constantFrom("(", "(?:"))
        .map(([a, b, open]) => ({
          source: `${open}${a.source}|${b.source})`,
          witness: a.source.length % 2 === 0 ? a.witness : b.witness,
        })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(tie("sequence"), tie("sequence"))
        .map(([a, b]) => ({ source: `${a.source}|${b.source}`, witness: b.witness })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(atom, tie("sequence"))
        .map(([a, b]) => ({ source: `(?!${a.source})${b.source}`, witness: b.witness })),
    },
  ),
}));

/** Found anywhere in a text, or anchored at one end or both. */
export const valuePattern: fc.Arbitrary<Pattern> = fc
  .tuple(node, fc.boolean(), fc.boolean())
  .map(([{ source, witness }, start, end]) => ({
    source: `${start ? "^" : ""}${start || end ? `(?:${source})` : source}${end ? "$" : ""}`,
    witness,
  }))
  .filter(({ source }) => regexProblem(source) === undefined)
  .map(memoized);

/** Anchored at the front of a path more often than not. */
export const pathPattern: fc.Arbitrary<Pattern> = fc
  .tuple(node, fc.constantFrom("^/", "^/(a|b)/", "", "/"), fc.boolean())
  .map(([{ source, witness }, front, end]) => ({
    source: `${front}${front === "" ? source : `(?:${source})`}${end ? "$" : ""}`,
    witness: front === "^/(a|b)/" ? `/a/${witness}` : `/${witness}`,
  }))
  .filter(({ source }) => regexProblem(source) === undefined)
  .map(memoized);
