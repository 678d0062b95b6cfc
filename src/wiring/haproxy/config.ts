// A lossless HAProxy configuration: every line with its words; printing reproduces every byte.

import type { Position } from "../../findings/finding.ts";
import { SECTION_KINDS } from "../../source/haproxy-sections.ts";
import type { WordFault } from "./quoting.ts";
import { locateInWord, quoteWord, scanWord, writeBetween } from "./quoting.ts";

/** One word of a line. Lines and columns count from 1, in UTF-16 code units. */
export interface HaproxyToken {
  /** As written, quotes and escapes included. */
  readonly text: string;
  /** The value that HAProxy reads; environment variables stay as written. */
  readonly value: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** Whether the value holds an environment variable. */
  readonly symbolic: boolean;
}

export interface LineFault {
  readonly code: WordFault | "byte-order-mark" | "missing-newline";
  readonly column: number;
}

export interface HaproxyLine {
  readonly number: number;
  /** Without its end. */
  readonly text: string;
  /** Empty only for the last line of a file that ends without a newline, which HAProxy refuses. */
  readonly end: "\n" | "\r\n" | "";
  readonly tokens: readonly HaproxyToken[];
  /** From the `#` to the end of the line. */
  readonly comment?: { readonly text: string; readonly column: number };
  /** Whether an `.if` above decides about this line (manual section 2.4). */
  readonly conditional: boolean;
  /** Why HAProxy does not load this line. */
  readonly fault?: LineFault;
}

export interface HaproxySection {
  /** `global`, `frontend`, …; empty for the lines before the first section. */
  readonly kind: string;
  readonly name?: HaproxyToken;
  readonly header?: HaproxyLine;
  /** Without the header; blank lines, comments and conditional directives included. */
  readonly lines: readonly HaproxyLine[];
}

/** The start of a configuration that is a part of its file, such as a block of YAML. */
export interface TextOrigin {
  /** How many lines of the file precede its first one. */
  readonly lines: number;
  /** How many columns precede each of its lines. */
  readonly columns: number;
  /** The place of all of it, if it is not written line by line. */
  readonly at?: Position;
  /** For a configuration that HAProxy loads from several files: the first line of each file, in order. */
  readonly parts?: readonly TextPart[];
}

export interface TextPart {
  readonly from: number;
  readonly file: string;
  readonly origin?: TextOrigin | undefined;
}

export interface HaproxyConfig {
  readonly file: string;
  /** Missing: the configuration is the whole file. Lines and columns of tokens count within the configuration. */
  readonly origin?: TextOrigin;
  readonly lines: readonly HaproxyLine[];
  readonly sections: readonly HaproxySection[];
}

/** A new value for a word, or for the characters `[start, end)` of its value. */
export interface HaproxyEdit {
  readonly token: HaproxyToken;
  /** undefined removes the word and leaves the blanks around it. */
  readonly value: string | undefined;
  readonly start?: number;
  readonly end?: number;
}

/** Words that are inserted unchanged after a word. */
export interface HaproxyAddition {
  readonly after: HaproxyToken;
  readonly words: string;
}

/**
 * Never fails: an error that HAProxy would report is a `fault` of its line. A file that may not be UTF-8 is kept byte
 * for byte when it is decoded and encoded as latin1.
 */
export function parseHaproxyConfig(text: string, file: string, origin?: TextOrigin): HaproxyConfig {
  const lines: string[] = [];
  for (let at = 0; at < text.length; ) {
    const feed = text.indexOf("\n", at);
    const next = feed < 0 ? text.length : feed + 1;
    lines.push(text.slice(at, next));
    at = next;
  }
  return assemble(lines, file, origin);
}

export function printHaproxyConfig(config: HaproxyConfig): string {
  return config.lines.map((line) => line.text + line.end).join("");
}

/** The position of a word, or of several of one line. */
export function tokenPosition(
  config: HaproxyConfig,
  first: HaproxyToken,
  last: HaproxyToken = first,
): Position {
  const length = Math.max(1, last.column + last.length - first.column);
  return placeInFile(config, { line: first.line, column: first.column, length });
}

/** Where a line begins, even an empty one. */
export function lineStart(config: HaproxyConfig, { number }: Pick<HaproxyLine, "number">): Position {
  return placeInFile(config, { line: number, column: 1 });
}

/** From lines and columns of the configuration to those of the file that contains it. */
export function placeInFile(
  { file, origin }: Pick<HaproxyConfig, "file" | "origin">,
  place: Omit<Position, "file">,
): Position {
  const part = origin?.parts?.findLast(({ from }) => from <= place.line);
  if (part !== undefined) {
    const { file, origin, from } = part;
    return placeInFile({ file, ...(origin && { origin }) }, { ...place, line: place.line - from + 1 });
  }
  if (origin === undefined) return { file, ...place };
  return (
    origin.at ?? { file, ...place, line: origin.lines + place.line, column: origin.columns + place.column }
  );
}

/** The origin of a line, which may be in one of several files. */
export function originAt({ origin }: HaproxyConfig, line: number): TextOrigin | undefined {
  const parts = origin?.parts;
  return parts === undefined ? origin : parts.findLast(({ from }) => from <= line)?.origin;
}

/** The configuration with some values replaced, rightly quoted, and every other byte unchanged. Edits must not overlap. */
export function editHaproxyConfig(
  config: HaproxyConfig,
  edits: readonly HaproxyEdit[],
  additions: readonly HaproxyAddition[] = [],
): HaproxyConfig {
  const byLine = Map.groupBy([...edits.map(spliceOf), ...additions.map(additionOf)], ({ line }) => line);
  const lines = config.lines.map((line) => {
    const splices = byLine.get(line.number);
    return splices ? applySplices(line.text, splices) + line.end : line;
  });
  return assemble(lines, config.file, config.origin);
}

/** The words of a line as HAProxy reads them, joined by one blank. */
export function wordsText({ tokens }: Pick<HaproxyLine, "tokens">): string {
  return tokens.map(({ value }) => value).join(" ");
}

/** The words of a line without a leading `no` or `default`, which disable what follows. */
export function directiveOf(line: HaproxyLine): {
  readonly negated: boolean;
  readonly words: readonly HaproxyToken[];
} {
  const first = line.tokens[0]?.value;
  const negated = first === "no" || (first === "default" && line.tokens.length > 1);
  return { negated, words: negated ? line.tokens.slice(1) : line.tokens };
}

/** Text lines are parsed; parsed lines are reused if no line above changes their meaning. */
function assemble(
  sources: readonly (string | HaproxyLine)[],
  file: string,
  origin: TextOrigin | undefined,
): HaproxyConfig {
  const lines: HaproxyLine[] = [];
  let depth = 0;
  for (const source of sources) {
    const kept = typeof source !== "string" && source.conditional === depth > 0 ? source : undefined;
    const whole = typeof source === "string" ? source : source.text + source.end;
    const line = kept ?? readLine(whole, lines.length + 1, depth);
    lines.push(line);
    const first = line.tokens[0]?.value;
    if (first === ".if") depth += 1;
    else if (first === ".endif") depth = Math.max(0, depth - 1);
  }
  return { file, ...(origin && { origin }), lines, sections: groupSections(lines) };
}

function lineEndOf(line: string): HaproxyLine["end"] {
  if (line.endsWith("\r\n")) return "\r\n";
  return line.endsWith("\n") ? "\n" : "";
}

function readLine(whole: string, number: number, depth: number): HaproxyLine {
  const end = lineEndOf(whole);
  const text = whole.slice(0, whole.length - end.length);
  const tokens: HaproxyToken[] = [];
  let comment: HaproxyLine["comment"];
  let fault: LineFault | undefined;
  let at = 0;
  if (number === 1 && text.startsWith("\uFEFF")) {
    fault = { code: "byte-order-mark", column: 1 };
    at = 1;
  }
  for (;;) {
    while (at < text.length && " \t\v\f".includes(text.charAt(at))) at += 1;
    // A carriage return ends the line for HAProxy; the rest is preserved but not parsed.
    if (at >= text.length || text[at] === "\r") break;
    if (text[at] === "#") {
      comment = { text: text.slice(at), column: at + 1 };
      break;
    }
    const word = scanWord(text, at);
    tokens.push({
      text: text.slice(at, word.end),
      value: word.value,
      line: number,
      column: at + 1,
      length: word.end - at,
      symbolic: word.symbolic,
    });
    if (word.fault) fault ??= { code: word.fault, column: at + 1 };
    at = word.end;
  }
  if (end === "") fault ??= { code: "missing-newline", column: text.length + 1 };
  return {
    number,
    text,
    end,
    tokens,
    conditional: depth > 0,
    ...(comment && { comment }),
    ...(fault && { fault }),
  };
}

function groupSections(lines: readonly HaproxyLine[]): HaproxySection[] {
  const sections: HaproxySection[] = [];
  let body: HaproxyLine[] = [];
  for (const line of lines) {
    const kind = line.tokens[0]?.value;
    if (kind !== undefined && SECTION_KINDS.has(kind)) {
      body = [];
      const name = nameOf(kind, line.tokens);
      sections.push({ kind, header: line, lines: body, ...(name && { name }) });
    } else {
      if (sections.length === 0) sections.push({ kind: "", lines: body });
      body.push(line);
    }
  }
  return sections;
}

/** `defaults from base` has a parent and no name. */
function nameOf(kind: string, tokens: readonly HaproxyToken[]): HaproxyToken | undefined {
  const name = tokens[1];
  return kind === "defaults" && name?.value === "from" && tokens.length === 3 ? undefined : name;
}

interface Splice {
  readonly line: number;
  /** `[start, end)` of the line's text. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function additionOf({ after, words }: HaproxyAddition): Splice {
  const end = after.column - 1 + after.length;
  return { line: after.line, start: end, end, text: ` ${words}` };
}

function spliceOf(edit: HaproxyEdit): Splice {
  const { token, value } = edit;
  const { line } = token;
  const from = token.column - 1;
  const start = edit.start ?? 0;
  const end = edit.end ?? token.value.length;
  if (start === 0 && end === token.value.length) {
    return { line, start: from, end: from + token.length, text: value === undefined ? "" : quoteWord(value) };
  }
  if (value === undefined) throw new RangeError("only whole words can be removed");
  const range = locateInWord(token.text, start, end);
  return {
    line,
    start: from + range.start,
    end: from + range.end,
    text: writeBetween(value, range.opens, range.closes),
  };
}

function applySplices(text: string, splices: readonly Splice[]): string {
  let result = "";
  let at = 0;
  for (const splice of splices.toSorted((a, b) => a.start - b.start)) {
    if (splice.start < at)
      throw new RangeError(`two edits of one place: ${text.slice(splice.start, splice.end)}`);
    result += text.slice(at, splice.start) + splice.text;
    at = splice.end;
  }
  return result + text.slice(at);
}
