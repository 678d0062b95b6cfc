// HAProxy's first level of quoting: how a word of a line becomes a value, and how a value is written back into a word.

/** What HAProxy refuses about a word; the line does not load. */
export type WordFault = "unmatched-quote" | "bad-hexadecimal-escape" | "bad-variable" | "stray-nul";

export interface ScannedWord {
  /** Index one past the word's last character. */
  readonly end: number;
  /**
   * The word as HAProxy passes it to the keyword. Environment variables stay as written (`$NAME`, `${NAME-default}`).
   * Bytes written as `\xHH` are read as UTF-8.
   */
  readonly value: string;
  /** Whether the value contains an environment variable, which only the running HAProxy knows. */
  readonly symbolic: boolean;
  readonly fault?: WordFault;
}

export type Quote = "bare" | "single" | "double";

/** A part of a word's value, in the coordinates of the word as written. */
export interface WrittenRange {
  readonly start: number;
  readonly end: number;
  /** The quotes in force at either end. */
  readonly opens: Quote;
  readonly closes: Quote;
}

type Visit = (start: number, end: number, emitted: string, quote: Quote) => void;

/**
 * Reads the word that starts at `start`, by the configuration manual's section 2.2. Checked against HAProxy 2.6, 3.0 and
 * 3.2: a quote may open in the middle of a word; a `#` outside quotes ends it; a carriage return ends the whole line
 * even inside quotes; a backslash before any character that is not listed there is literal.
 */
export function scanWord(line: string, start: number, visit?: Visit): ScannedWord {
  let at = start;
  let quote: Quote = "bare";
  let value = "";
  let symbolic = false;
  let fault: WordFault | undefined;

  const emit = (length: number, emitted: string): void => {
    visit?.(at, at + length, emitted, quote);
    value += emitted;
    at += length;
  };

  while (at < line.length) {
    const plain = match(PLAIN[quote], line, at);
    if (plain) {
      // Character by character only on request: most words are one such run.
      if (visit) for (const character of plain[0]) emit(character.length, character);
      else emit(plain[0].length, plain[0]);
      continue;
    }
    const character = line.charAt(at);
    if (character === "\r") break;
    if (character === "\0") {
      fault ??= "stray-nul";
      emit(1, character);
    } else if (quote === "bare" && (character === "#" || isBlank(character))) {
      break;
    } else if (character === '"' && quote !== "single") {
      quote = quote === "double" ? "bare" : "double";
      at += 1;
    } else if (character === "'" && quote !== "double") {
      quote = quote === "single" ? "bare" : "single";
      at += 1;
    } else if (character === "\\") {
      const sequence = readEscape(line, at, quote);
      if (sequence === undefined) fault ??= "bad-hexadecimal-escape";
      emit(sequence?.length ?? 1, sequence?.emitted ?? character);
    } else {
      // The remaining case is a dollar inside double quotes.
      const variable = match(variablePattern, line, at);
      if (variable) symbolic = true;
      else fault ??= "bad-variable";
      emit(variable?.[0].length ?? 1, variable?.[0] ?? character);
    }
  }
  if (quote !== "bare") fault ??= "unmatched-quote";
  return { end: at, value: upToNul(value, fault), symbolic, ...(fault && { fault }) };
}

/** Where the characters `[start, end)` of a word's value are in the word as written. The range must not be empty. */
export function locateInWord(word: string, start: number, end: number): WrittenRange {
  let reached = 0;
  let found: WrittenRange | undefined;
  scanWord(word, 0, (from, to, emitted, quote) => {
    const begins = reached;
    reached += emitted.length;
    if (reached <= start || begins >= end) return;
    found = { start: found?.start ?? from, end: to, opens: found?.opens ?? quote, closes: quote };
  });
  if (!found) throw new RangeError(`no characters ${start} to ${end} in the word ${word}`);
  return found;
}

/** Writes a value as one whole word, without quotes where it needs none. */
export function quoteWord(value: string): string {
  if (value === "") return "''";
  if (!/[\\ #'"\t\n\r\v\f]/.test(value)) return writeInside(value, "bare");
  return `'${writeInside(value, "single")}'`;
}

/** Writes a value at a place where the given quotes are open at its start and have to be open at its end. */
export function writeBetween(value: string, opens: Quote, closes: Quote): string {
  if (opens === closes) return writeInside(value, opens);
  return `${quoteMark[opens]}${writeInside(value, "bare")}${quoteMark[closes]}`;
}

const PLAIN: Readonly<Record<Quote, RegExp>> = {
  bare: /[^\s\\#'"\0]+/y,
  single: /[^'\r\0]+/y,
  double: /[^"\\$\r\0]+/y,
};
// src/tools.c, parse_line(): a name, or one of HAProxy's own that begin with a dot; in braces also `[*]` and a default.
const variablePattern =
  /\$(?:\{(?:[A-Za-z_]|\.)[A-Za-z0-9_]*(?:\[\*\])?(?:-[^}]*)?\}|(?:[A-Za-z_]|\.)[A-Za-z0-9_]*)/y;
const highBytes = /(?:\\x[89A-Fa-f][0-9A-Fa-f])+/y;
const escapedCharacters: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r" };
const quoteMark: Readonly<Record<Quote, string>> = { bare: "", single: "'", double: '"' };

function readEscape(line: string, at: number, quote: Quote): { length: number; emitted: string } | undefined {
  const next = line.charAt(at + 1);
  if (next === "x") {
    const high = match(highBytes, line, at);
    if (high) return { length: high[0].length, emitted: decodeBytes(high[0]) };
    const digits = line.slice(at + 2, at + 4);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return undefined;
    return { length: 4, emitted: String.fromCharCode(Number.parseInt(digits, 16)) };
  }
  const named = escapedCharacters[next];
  if (named !== undefined) return { length: 2, emitted: named };
  if (next !== "" && (` \\#'"`.includes(next) || (next === "$" && quote === "double"))) {
    return { length: 2, emitted: next };
  }
  return { length: 1, emitted: "\\" };
}

function decodeBytes(escapes: string): string {
  const bytes = escapes
    .split("\\x")
    .slice(1)
    .map((digits) => Number.parseInt(digits, 16));
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

/** HAProxy's words are C strings: text after an escaped NUL is lost. */
function upToNul(value: string, fault: WordFault | undefined): string {
  const nul = fault === "stray-nul" ? -1 : value.indexOf("\0");
  return nul < 0 ? value : value.slice(0, nul);
}

/** C's isspace(), which parse_line() uses; the line feed never occurs within a line. */
function isBlank(character: string): boolean {
  return character === " " || character === "\t" || character === "\v" || character === "\f";
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function writeInside(value: string, quote: Quote): string {
  if (value.includes("\0")) throw new RangeError("a word of a HAProxy configuration cannot hold a NUL");
  if (quote === "single") {
    return value.replace(/['\n\r]/g, (found) => `'${bareEscape(found)}'`);
  }
  if (quote === "double") {
    return value.replace(/[\\"$\n\r]/g, (found) => (found === "$" ? "\\$" : bareEscape(found)));
  }
  return value.replace(/[\\ #'"\t\n\r\v\f]/g, bareEscape);
}

function bareEscape(character: string): string {
  const names: Readonly<Record<string, string>> = {
    "\t": "\\t",
    "\n": "\\n",
    "\r": "\\r",
    "\v": "\\x0b",
    "\f": "\\x0c",
  };
  return names[character] ?? `\\${character}`;
}
