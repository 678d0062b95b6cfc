// Reads the part of YAML that descriptions nearly always are, in a tenth of the time the full reader takes: block maps and lists,
// plain and quoted scalars and flow collections on one line, comments. Whatever else a text holds (anchors, tags, tabs, block
// scalars, scalars over several lines, every mistake) is left to the full reader: this one gives up and says nothing.
// A test compares both on random texts: where this one gives a tree, it is the full reader's tree.
import { type Cursor, endsKey, GIVE_UP, readScalar } from "./plain-scalar.ts";
import type { MapEntry, MapNode, ScalarNode, SourceNode } from "./tree.ts";

interface Reader extends Cursor {
  /** Column, from 0, of the next line's content once a line is done; -1 at the end of the text. */
  column: number;
  depth: number;
}

const MAX_DEPTH = 40;
/** YAML 1.2.2 section 7.4.2: a key on one line with its value has at most 1024 characters. */
const MAX_KEY = 1000;

// Tabs, carriage returns, other control characters, Unicode's own line ends, a byte order mark.
const NOT_PLAIN = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]/;
/** The tree of a plain text, or undefined when it takes the full reader to say what the text is. */
export function readPlainYaml(text: string): SourceNode | undefined {
  if (NOT_PLAIN.test(text)) return undefined;
  const reader: Reader = { text, at: 0, column: 0, depth: 0 };
  try {
    nextContent(reader);
    return reader.column === 0 ? readAll(reader) : undefined;
  } catch (reason) {
    if (reason === GIVE_UP) return undefined;
    throw reason;
  }
}

function readAll(reader: Reader): SourceNode | undefined {
  const root = readBlock(reader, 0);
  return reader.column === -1 ? root : undefined;
}

/** From the start of a line to the next character that is neither white space nor comment. */
function nextContent(reader: Reader): void {
  const { text } = reader;
  for (;;) {
    let at = reader.at;
    while (text.charCodeAt(at) === 32) at++;
    const first = text[at];
    if (first === "\n" || first === "#") {
      const end = text.indexOf("\n", at);
      if (end === -1) break;
      reader.at = end + 1;
      continue;
    }
    if (first === undefined) break;
    reader.column = at - reader.at;
    reader.at = at;
    if (reader.column === 0 && (text.startsWith("---", at) || text.startsWith("...", at))) throw GIVE_UP;
    return;
  }
  reader.at = text.length;
  reader.column = -1;
}

function readBlock(reader: Reader, indent: number): SourceNode {
  if (++reader.depth > MAX_DEPTH) throw GIVE_UP;
  const node = atDash(reader) ? readList(reader, indent) : readMap(reader, indent);
  reader.depth--;
  return node;
}

function readMap(reader: Reader, indent: number): MapNode {
  const start = reader.at;
  const entries = new Map<string, MapEntry>();
  let end = start;
  do {
    if (atDash(reader)) throw GIVE_UP;
    const key = readScalar(reader, false);
    if (!atColon(reader, false)) throw GIVE_UP;
    reader.at++;
    const value = readValue(reader, indent, key.end);
    addEntry(reader, entries, key, value);
    end = Math.max(end, value.end, key.end);
  } while (reader.column === indent);
  if (reader.column > indent) throw GIVE_UP;
  return { kind: "map", start, end, entries };
}

/** What follows a colon: on the same line, on lines further in, or a list at the key's own column. */
function readValue(reader: Reader, indent: number, keyEnd: number): SourceNode {
  if (!restOfLineIsEmpty(reader)) {
    const node = readInline(reader);
    finishLine(reader);
    if (reader.column > indent) throw GIVE_UP;
    return node;
  }
  finishLine(reader);
  if (reader.column > indent) return readBlock(reader, reader.column);
  if (reader.column === indent && atDash(reader)) return readBlock(reader, indent);
  return { kind: "scalar", start: keyEnd, end: keyEnd, value: null };
}

function readList(reader: Reader, indent: number): SourceNode {
  const start = reader.at;
  const items: SourceNode[] = [];
  let end = start;
  do {
    reader.at++;
    const item = readItem(reader, indent);
    items.push(item);
    end = item.end;
  } while (reader.column === indent && atDash(reader));
  if (reader.column > indent) throw GIVE_UP;
  return { kind: "list", start, end, items };
}

function readItem(reader: Reader, indent: number): SourceNode {
  if (restOfLineIsEmpty(reader)) {
    finishLine(reader);
    // An empty item: nothing to point at, so the full reader decides.
    if (reader.column <= indent) throw GIVE_UP;
    return readBlock(reader, reader.column);
  }
  const { text } = reader;
  const column = reader.at - (text.lastIndexOf("\n", reader.at) + 1);
  if (atDash(reader)) return readBlock(reader, column);
  const start = reader.at;
  const node = readInline(reader);
  if (atColon(reader, false)) {
    reader.at = start;
    return readBlock(reader, column);
  }
  finishLine(reader);
  if (reader.column > indent) throw GIVE_UP;
  return node;
}

function readInline(reader: Reader): SourceNode {
  const first = reader.text[reader.at];
  return first === "{" || first === "[" ? readFlow(reader) : readScalar(reader, false);
}

function readFlow(reader: Reader): SourceNode {
  if (++reader.depth > MAX_DEPTH) throw GIVE_UP;
  const { text } = reader;
  const start = reader.at++;
  const isMap = text[start] === "{";
  const close = isMap ? "}" : "]";
  const entries = new Map<string, MapEntry>();
  const items: SourceNode[] = [];
  skipSpaces(reader);
  while (text[reader.at] !== close) {
    if (isMap) {
      const key = readScalar(reader, true);
      if (!atColon(reader, true)) throw GIVE_UP;
      reader.at++;
      skipSpaces(reader);
      addEntry(reader, entries, key, readFlowValue(reader));
    } else items.push(readFlowValue(reader));
    skipSpaces(reader);
    if (text[reader.at] === ",") {
      reader.at++;
      skipSpaces(reader);
    } else if (text[reader.at] !== close) throw GIVE_UP;
  }
  const end = ++reader.at;
  reader.depth--;
  return isMap ? { kind: "map", start, end, entries } : { kind: "list", start, end, items };
}

function readFlowValue(reader: Reader): SourceNode {
  const first = reader.text[reader.at];
  return first === "{" || first === "[" ? readFlow(reader) : readScalar(reader, true);
}

function addEntry(reader: Reader, entries: Map<string, MapEntry>, key: ScalarNode, value: SourceNode): void {
  const quoted = reader.text[key.start] === '"' || reader.text[key.start] === "'";
  const name = quoted ? String(key.value) : reader.text.slice(key.start, key.end);
  if (entries.has(name) || name === "<<" || key.end - key.start > MAX_KEY) throw GIVE_UP;
  entries.set(name, { keyStart: key.start, keyEnd: key.end, value });
}

/** Whether the colon that makes a key stands here. In a flow collection only the form with a space after it is plain. */
function atColon(reader: Reader, inFlow: boolean): boolean {
  const { text, at } = reader;
  return text[at] === ":" && endsKey(text, at, false) && !(inFlow && text[at + 1] !== " ");
}

function atDash(reader: Reader): boolean {
  const next = reader.text[reader.at + 1];
  return reader.text[reader.at] === "-" && (next === " " || next === "\n" || next === undefined);
}

function skipSpaces(reader: Reader): void {
  while (reader.text.charCodeAt(reader.at) === 32) reader.at++;
}

/** Skips spaces; true where the line ends there or a comment begins. */
function restOfLineIsEmpty(reader: Reader): boolean {
  skipSpaces(reader);
  const next = reader.text[reader.at];
  return next === undefined || next === "\n" || (next === "#" && reader.text[reader.at - 1] === " ");
}

/** Past the end of a line on which nothing but a comment may follow, to the next content. */
function finishLine(reader: Reader): void {
  if (!restOfLineIsEmpty(reader)) throw GIVE_UP;
  const end = reader.text.indexOf("\n", reader.at);
  reader.at = end === -1 ? reader.text.length : end + 1;
  nextContent(reader);
}
