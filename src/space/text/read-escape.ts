// Escape sequences of PCRE (pcre2pattern, "Backslash"), in the 8-bit library without UTF mode.
import { allBut, type ByteSet, bytesIn, WORD } from "./byte-set.ts";
import { NotFollowed } from "./expression.ts";
import type { PatternSource } from "./pattern-source.ts";

const DIGIT = bytesIn("09");
/** Since PCRE 8.34 with the vertical tab. */
const SPACE = bytesIn("\t\r  ");
const HORIZONTAL = bytesIn("\t\t  \xa0\xa0");
const VERTICAL = bytesIn("\n\r\x85\x85");

const SETS: Readonly<Record<string, ByteSet>> = {
  d: DIGIT,
  D: allBut(DIGIT),
  w: WORD,
  W: allBut(WORD),
  s: SPACE,
  S: allBut(SPACE),
  h: HORIZONTAL,
  H: allBut(HORIZONTAL),
  v: VERTICAL,
  V: allBut(VERTICAL),
};

const CONTROLS: Readonly<Record<string, number>> = { a: 7, e: 0x1b, f: 0xc, n: 0xa, r: 0xd, t: 9 };

/** After the backslash: `\d`, `\w`, …; undefined, and nothing is read, if it is none of these. */
export function readSetEscape(source: PatternSource): ByteSet | undefined {
  const set = SETS[source.next()];
  if (set !== undefined) source.take();
  return set;
}

/** After the backslash: one byte. */
export function readByteEscape(source: PatternSource, inClass: boolean): number {
  const character = source.take();
  const control = CONTROLS[character];
  if (control !== undefined) return control;
  if (character === "x") return readHexadecimal(source);
  if (character === "o") return readNumber(source.match(/\{([0-7]+)\}/y)?.[1], 8);
  if (character === "c") return readControl(source);
  if (character === "0") return readNumber(`0${source.match(/[0-7]{0,2}/y)?.[0] ?? ""}`, 8);
  if (inClass && /[1-7]/.test(character))
    return readNumber(character + (source.match(/[0-7]{0,2}/y)?.[0] ?? ""), 8);
  if (/[1-9gk]/.test(character)) throw new NotFollowed("a back-reference");
  if (/[pPX]/.test(character)) throw new NotFollowed("a Unicode property");
  if (/[a-zA-Z]/.test(character) || character > "\x7f") throw new NotFollowed(`\\${character}`);
  return character.charCodeAt(0);
}

function readHexadecimal(source: PatternSource): number {
  const braced = source.match(/\{([0-9a-fA-F]+)\}/y);
  if (braced !== undefined) return readNumber(braced[1], 16);
  return readNumber(source.match(/[0-9a-fA-F]{1,2}/y)?.[0], 16);
}

function readControl(source: PatternSource): number {
  const character = source.take();
  if (!/[\x20-\x7e]/.test(character)) throw new NotFollowed("\\c without a printable character");
  return character.toUpperCase().charCodeAt(0) ^ 0x40;
}

function readNumber(digits: string | undefined, base: number): number {
  const number = Number.parseInt(digits ?? "", base);
  if (Number.isNaN(number)) throw new NotFollowed("an escape without a number");
  if (number > 0xff) throw new NotFollowed("a character above \\xff");
  return number;
}
