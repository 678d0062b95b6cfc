// Reads a PCRE (pcre2pattern) into a tree. What is not a regular language, or differs between versions, is refused.
import { ANY_BYTE, allBut, type ByteSet, oneByte } from "./byte-set.ts";
import { choiceOf, type Expression, NOTHING, NotFollowed, sequenceOf } from "./expression.ts";
import { type Options, PatternSource } from "./pattern-source.ts";
import { NAMED_SET, readClass } from "./read-class.ts";
import { readByteEscape, readSetEscape } from "./read-escape.ts";

/**
 * As HAProxy compiles it: bytes, no UTF mode, LF ends a line, in the C locale. Characters of `source` are bytes (latin1).
 * A search that PCRE gives up (match limit, stack of the JIT) counts as no match in HAProxy; this is not modelled.
 *
 * @throws NotFollowed
 */
export function readPattern(source: string, ignoreCase: boolean): Expression {
  if (/[^\x01-\xff]/.test(source)) throw new NotFollowed("a character that is not a byte");
  const text = new PatternSource(source);
  const newline = readVerbs(text);
  const options = { ignoreCase, dotAll: false, multiLine: false, extended: false };
  const tree = new Reader(text, newline).alternatives(options);
  if (!text.ended) throw new NotFollowed("an unmatched closing parenthesis");
  return tree;
}

/** Verbs that change no result, and the byte that ends a line. */
function readVerbs(source: PatternSource): ByteSet {
  let newline = oneByte(0x0a, false);
  for (;;) {
    if (source.skip("(*NUL)")) newline = oneByte(0, false);
    else if (source.skip("(*LF)")) newline = oneByte(0x0a, false);
    else if (
      source.match(/\(\*(?:LIMIT_\w+=\d+|NO_(?:JIT|START_OPT|AUTO_POSSESS|DOTSTAR_ANCHOR))\)/y) === undefined
    )
      return newline;
  }
}

class Reader {
  readonly #source: PatternSource;
  readonly #newline: ByteSet;

  constructor(source: PatternSource, newline: ByteSet) {
    this.#source = source;
    this.#newline = newline;
  }

  /** Up to the end of the group. An option set inside holds in the alternatives that follow, too. */
  alternatives(options: Options): Expression {
    const parts: Expression[] = [];
    let current = options;
    let sequence: Expression[] = [];
    while (!this.#source.ended && this.#source.next() !== ")") {
      if (this.#source.skip("|")) {
        parts.push(sequenceOf(sequence));
        sequence = [];
        continue;
      }
      const changed = this.#options(current);
      if (changed !== undefined) current = changed;
      else if (!this.#ignored(current)) sequence.push(...this.#item(current));
    }
    parts.push(sequenceOf(sequence));
    return choiceOf(parts);
  }

  /** `(?i)`, `(?^)`, `(?s-m)`: for the rest of the group. */
  #options(before: Options): Options | undefined {
    const found = this.#source.match(/\(\?(?!R)(\^?)([a-zA-Z]*)(?:-([a-zA-Z]*))?\)/y);
    if (found === undefined) return undefined;
    return withOptions(before, found);
  }

  /** Comments, `\E` alone, and white space under `(?x)`. */
  #ignored(options: Options): boolean {
    if (this.#source.match(/\(\?#[^)]*\)/y) !== undefined || this.#source.skip("\\E")) return true;
    return options.extended && this.#source.match(/[\t-\r ]+|#[^\n]*\n?/y) !== undefined;
  }

  /** Quoted text is several items, of which the last is repeated. */
  #item(options: Options): Expression[] {
    const quoted = this.#source.match(/\\Q([\s\S]*?)(?:\\E|$)/y)?.[1];
    if (quoted === undefined) return [this.#repeated(this.#atom(options), options)];
    const characters = [...quoted].map((one) => bytes(one.charCodeAt(0), options));
    const last = characters.pop();
    return last === undefined ? [] : [...characters, this.#repeated(last, options)];
  }

  #repeated(of: Expression, options: Options): Expression {
    while (this.#ignored(options));
    const counts = this.#counts();
    if (counts === undefined) return of;
    if (of.kind === "assertion" || of.kind === "lookahead") throw new NotFollowed("a repeated assertion");
    if (!this.#source.skip("?") && this.#source.next() === "+")
      throw new NotFollowed("a possessive quantifier");
    if (this.#counts() !== undefined) throw new NotFollowed("a repeated quantifier");
    return { kind: "repeat", of, ...counts };
  }

  #counts(): { readonly least: number; readonly most: number } | undefined {
    if (this.#source.skip("*")) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.#source.skip("+")) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.#source.skip("?")) return { least: 0, most: 1 };
    const [, low, comma, high] = this.#source.match(/\{(\d+)(,?)(\d*)\}/y) ?? [];
    if (low === undefined) return undefined;
    const least = Number(low);
    if (comma === "") return { least, most: least };
    const most = high === "" ? Number.POSITIVE_INFINITY : Number(high);
    if (most < least) throw new NotFollowed("a quantifier in the wrong order");
    return { least, most };
  }

  #atom(options: Options): Expression {
    if (this.#source.next() === "(") return this.#group(options);
    const character = this.#source.take();
    switch (character) {
      case "\\":
        return this.#escape(options);
      case "[":
        if (this.#source.match(WORD_EDGE) !== undefined) throw new NotFollowed("[[:<:]] or [[:>:]]");
        if (this.#source.match(NAMED_SET) !== undefined) throw new NotFollowed("[:name:] outside a class");
        return { kind: "bytes", set: readClass(this.#source, options) };
      case ".":
        return { kind: "bytes", set: options.dotAll ? ANY_BYTE : allBut(this.#newline) };
      case "^":
        return { kind: "assertion", holds: options.multiLine ? "line-start" : "start" };
      case "$":
        return options.multiLine ? { kind: "assertion", holds: "line-end" } : this.#endOrLastLineEnd();
      case "*":
      case "+":
      case "?":
        throw new NotFollowed("a quantifier without an item");
      case "{":
        if (this.#source.match(NEW_QUANTIFIER) !== undefined)
          throw new NotFollowed("{,n} or { n }, which versions of PCRE read differently");
        return bytes(0x7b, options);
      default:
        return bytes(character.charCodeAt(0), options);
    }
  }

  #escape(options: Options): Expression {
    const set = readSetEscape(this.#source);
    if (set !== undefined) return { kind: "bytes", set };
    const source = this.#source;
    if (source.skip("N")) {
      if (source.next() === "{") throw new NotFollowed("\\N{…}");
      return { kind: "bytes", set: allBut(this.#newline) };
    }
    if (source.skip("C")) return { kind: "bytes", set: ANY_BYTE };
    if (source.skip("A") || source.skip("G")) return { kind: "assertion", holds: "start" };
    if (source.skip("z")) return { kind: "assertion", holds: "end" };
    if (source.skip("Z")) return this.#endOrLastLineEnd();
    if (source.skip("b")) return { kind: "assertion", holds: "word-boundary" };
    if (source.skip("B")) return { kind: "assertion", holds: "no-word-boundary" };
    return bytes(readByteEscape(source, false), options);
  }

  /** `$` and `\Z`: at the end, or before a line end that is the last character. */
  #endOrLastLineEnd(): Expression {
    const lineEnd: Expression = { kind: "bytes", set: this.#newline };
    const parts: readonly Expression[] = [
      { kind: "repeat", of: lineEnd, least: 0, most: 1 },
      { kind: "assertion", holds: "end" },
    ];
    return { kind: "lookahead", of: sequenceOf(parts), negative: false };
  }

  #group(options: Options): Expression {
    const opening = this.#source.match(GROUP);
    if (opening === undefined) throw new NotFollowed(reasonFor(this.#source.next(4)));
    const [text] = opening;
    const inside = /^\(\?[\^a-zA-Z-]*:$/.test(text)
      ? withOptions(options, /^\(\?(\^?)([a-zA-Z]*)(?:-([a-zA-Z]*))?/.exec(text) ?? ["", "", "", ""])
      : options;
    const of = this.alternatives(inside);
    if (!this.#source.skip(")")) throw new NotFollowed("a missing closing parenthesis");
    if (text === "(?=" || text === "(?!") return { kind: "lookahead", of, negative: text === "(?!" };
    return of === NOTHING ? NOTHING : { kind: "sequence", parts: [of] };
  }
}

const WORD_EDGE = /\[:[<>]:\]\]/y;
/** Quantifiers since PCRE2 10.43, literals before. */
const NEW_QUANTIFIER = / *(?:\d+ *(?:, *\d* *)?|, *\d+ *)\}/y;

/** Capturing, named, `(?:`, `(?i:`, `(?|`, lookahead. */
const GROUP =
  /\((?!\?|\*)|\(\?(?:P?<[A-Za-z_]\w*>|'[A-Za-z_]\w*')|\(\?\^?[a-zA-Z]*(?:-[a-zA-Z]*)?:|\(\?\||\(\?=|\(\?!/y;

function reasonFor(opening: string): string {
  if (opening.startsWith("(?<")) return "a lookbehind";
  if (opening.startsWith("(?>")) return "an atomic group";
  if (opening.startsWith("(?(")) return "a conditional group";
  if (/^\(\?(?:R|[+-]?\d|&|P[>=])/.test(opening)) return "recursion or a reference to a group";
  return opening.startsWith("(*") ? "a PCRE verb" : `a group that begins with ${opening.slice(0, 3)}`;
}

/** `J`, `U` and `n` change no result. */
function withOptions(before: Options, [, reset, set = "", unset = ""]: readonly string[]): Options {
  const unknown = /[^imsxJUn]|xx/.exec(set + unset);
  if (unknown !== null) throw new NotFollowed(`the option ${unknown[0]}`);
  const option = (letter: string, value: boolean) =>
    (set.includes(letter) || (value && reset !== "^")) && !unset.includes(letter);
  return {
    ignoreCase: option("i", before.ignoreCase),
    multiLine: option("m", before.multiLine),
    dotAll: option("s", before.dotAll),
    extended: option("x", before.extended),
  };
}

function bytes(byte: number, { ignoreCase }: Options): Expression {
  return { kind: "bytes", set: oneByte(byte, ignoreCase) };
}
