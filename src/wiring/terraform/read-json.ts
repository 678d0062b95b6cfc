// JSON with the place of every value: Terraform's JSON notation, and plans.
import type { Position } from "../../findings/finding.ts";
import type { Places } from "../places.ts";

export type Json = { readonly at: Position } & (
  | { readonly kind: "scalar"; readonly value: string | number | boolean | null }
  | { readonly kind: "list"; readonly items: readonly Json[] }
  | { readonly kind: "object"; readonly entries: ReadonlyMap<string, JsonEntry> }
);

export interface JsonEntry {
  readonly value: Json;
  /** Of the name. */
  readonly at: Position;
}

export type JsonOutcome =
  | { readonly value: Json }
  /** `wrong` is a phrase. */
  | { readonly value?: undefined; readonly wrong: string; readonly at: Position };

const deepest = 500;

export function readJson(places: Places): JsonOutcome {
  const reader: Reader = { places, next: 0 };
  try {
    const value = readValue(reader, 0);
    skipSpace(reader);
    if (reader.next < places.text.length) throw new NotJson("there is something after its end", reader.next);
    return { value };
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    const start = Math.min(error.offset, Math.max(0, places.text.length - 1));
    return { wrong: error.message, at: places.at(start, start + 1) };
  }
}

interface Reader {
  readonly places: Places;
  next: number;
}

class NotJson extends Error {
  readonly offset: number;
  constructor(wrong: string, offset: number) {
    super(wrong);
    this.offset = offset;
  }
}

function readValue(reader: Reader, depth: number): Json {
  skipSpace(reader);
  const start = reader.next;
  if (depth > deepest) throw new NotJson("it is nested too deeply", start);
  const first = reader.places.text[start];
  if (first === "{") return readObject(reader, start, depth);
  if (first === "[") return readList(reader, start, depth);
  const value = first === '"' ? readString(reader) : readWord(reader);
  return { kind: "scalar", value, at: reader.places.at(start, reader.next) };
}

function readObject(reader: Reader, start: number, depth: number): Json {
  const entries = new Map<string, JsonEntry>();
  reader.next += 1;
  if (!takes(reader, "}")) {
    do {
      skipSpace(reader);
      const [from, name] = [reader.next, readString(reader)];
      const at = reader.places.at(from, reader.next);
      if (!takes(reader, ":")) throw new NotJson("a colon is missing", reader.next);
      entries.set(name, { value: readValue(reader, depth + 1), at });
    } while (takes(reader, ","));
    if (!takes(reader, "}")) throw new NotJson(atEnd(reader) ?? "a comma or } is missing", reader.next);
  }
  return { kind: "object", entries, at: reader.places.at(start, reader.next) };
}

function readList(reader: Reader, start: number, depth: number): Json {
  const items: Json[] = [];
  reader.next += 1;
  if (!takes(reader, "]")) {
    do items.push(readValue(reader, depth + 1));
    while (takes(reader, ","));
    if (!takes(reader, "]")) throw new NotJson(atEnd(reader) ?? "a comma or ] is missing", reader.next);
  }
  return { kind: "list", items, at: reader.places.at(start, reader.next) };
}

const stringForm = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const wordForm = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;

function readString(reader: Reader): string {
  return String(JSON.parse(taken(reader, stringForm, "text in quotes is missing")));
}

function readWord(reader: Reader): number | boolean | null {
  const value: unknown = JSON.parse(taken(reader, wordForm, "a value is missing"));
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}

function taken(reader: Reader, form: RegExp, wrong: string): string {
  form.lastIndex = reader.next;
  const found = form.exec(reader.places.text)?.[0];
  if (found === undefined) throw new NotJson(atEnd(reader) ?? wrong, reader.next);
  reader.next += found.length;
  return found;
}

function atEnd(reader: Reader): string | undefined {
  return reader.next >= reader.places.text.length ? "the file ends too early" : undefined;
}

function takes(reader: Reader, mark: string): boolean {
  skipSpace(reader);
  if (reader.places.text[reader.next] !== mark) return false;
  reader.next += 1;
  return true;
}

function skipSpace(reader: Reader): void {
  const text = reader.places.text;
  while (" \t\r\n".includes(text[reader.next] ?? "x")) reader.next += 1;
}
