// Character classes of PCRE (pcre2pattern, "Square brackets and character classes", "POSIX character classes").
import { allBut, type ByteSet, bytesIn, oneByte, unionOf, WORD, withoutCase } from "./byte-set.ts";
import { NotFollowed } from "./expression.ts";
import type { Options, PatternSource } from "./pattern-source.ts";
import { readByteEscape, readSetEscape } from "./read-escape.ts";

const POSIX: Readonly<Record<string, ByteSet>> = {
  alnum: bytesIn("azAZ09"),
  alpha: bytesIn("azAZ"),
  ascii: bytesIn("\0\x7f"),
  blank: bytesIn("\t\t  "),
  cntrl: bytesIn("\0\x1f\x7f\x7f"),
  digit: bytesIn("09"),
  graph: bytesIn("!~"),
  lower: bytesIn("az"),
  print: bytesIn(" ~"),
  punct: bytesIn("!/:@[`{~"),
  space: bytesIn("\t\r  "),
  upper: bytesIn("AZ"),
  word: WORD,
  xdigit: bytesIn("09afAF"),
};

/** `:name:]`, `.name.]`, `=name=]` after an opening bracket, as PCRE recognises them. */
export const NAMED_SET = /(?=([:.=])(?:\\[\]\\]|(?!\\[\]\\]|\[\1|\]|\1\])[\s\S])*\1\])/y;

/** After the opening bracket, the closing one included. */
export function readClass(source: PatternSource, { ignoreCase }: Options): ByteSet {
  const negated = source.skip("^");
  const sets: ByteSet[] = [];
  do {
    sets.push(readItem(source));
  } while (!source.skip("]"));
  const listed = unionOf(sets);
  const set = ignoreCase ? withoutCase(listed) : listed;
  return negated ? allBut(set) : set;
}

/** One character, range, escape or POSIX class. */
function readItem(source: PatternSource): ByteSet {
  const from = readOne(source);
  if (source.next() !== "-" || source.next(2) === "-]")
    return typeof from === "number" ? oneByte(from, false) : from;
  source.take();
  const to = readOne(source);
  if (typeof from !== "number" || typeof to !== "number")
    throw new NotFollowed("a range of a character class that begins or ends with a class");
  if (to < from) throw new NotFollowed("a range of a character class in the wrong order");
  return new Uint8Array(256).fill(1, from, to + 1);
}

function readOne(source: PatternSource): number | ByteSet {
  const posix = source.match(/\[:(\^?)([a-z]+):\]/y);
  if (posix !== undefined) return readPosix(posix[2] ?? "", posix[1] === "^");
  const character = source.take();
  if (character === "[" && source.match(NAMED_SET) !== undefined)
    throw new NotFollowed(`[${source.next()} in a character class`);
  if (character !== "\\") return character.charCodeAt(0);
  if (source.skip("b")) return 8;
  if (/[QEN]/.test(source.next())) throw new NotFollowed(`\\${source.next()} in a character class`);
  return readSetEscape(source) ?? readByteEscape(source, true);
}

function readPosix(name: string, negated: boolean): ByteSet {
  const set = POSIX[name];
  if (set === undefined) throw new NotFollowed(`[:${name}:]`);
  return negated ? allBut(set) : set;
}
