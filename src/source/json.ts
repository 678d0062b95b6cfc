// JSON (RFC 8259) with the position of every value: Terraform's JSON notation, and plans.
import { type ParseErrorCode, printParseErrorCode, visit } from "jsonc-parser";
import type { Position } from "./position.ts";
import type { Places } from "./source-file.ts";

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

/** Depth of nested lists and objects: a plan nests deeper than a description, and the parser recurses once per level. */
const MAX_JSON_DEPTH = 500;

/** The value of the whole text, or the first error in it. Of two entries with one name the last one counts. */
export function readJson(places: Places): JsonOutcome {
  const levels: Level[] = [];
  let root: Json | undefined;
  const add = (value: Json): void => {
    const level = levels.at(-1);
    if (level === undefined) root = value;
    else if (level.name === undefined) level.items.push(value);
    else level.entries.set(level.name.text, { value, at: level.name.at });
  };
  const open = (offset: number): void => {
    if (levels.length >= MAX_JSON_DEPTH) throw new NotJson("it is nested too deeply", offset);
    levels.push({ start: offset, items: [], entries: new Map(), name: undefined });
  };
  const close = (kind: "list" | "object", offset: number): void => {
    const level = levels.pop();
    if (level === undefined) return;
    const at = places.at(level.start, offset + 1);
    add(kind === "list" ? { kind, items: level.items, at } : { kind, entries: level.entries, at });
  };
  try {
    visit(
      places.text,
      {
        onObjectBegin: open,
        onArrayBegin: open,
        onObjectEnd: (offset) => close("object", offset),
        onArrayEnd: (offset) => close("list", offset),
        onObjectProperty: (text, offset, length) => {
          const level = levels.at(-1);
          if (level !== undefined) level.name = { text, at: places.at(offset, offset + length) };
        },
        onLiteralValue: (value, offset, length) =>
          add({ kind: "scalar", value, at: places.at(offset, offset + length) }),
        onError: (code, offset) => {
          throw new NotJson(offset >= places.text.length ? "unexpected end of file" : phraseOf(code), offset);
        },
      },
      { disallowComments: true, allowTrailingComma: false },
    );
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    return { wrong: error.message, at: places.at(Math.min(error.offset, places.text.length - 1)) };
  }
  if (root === undefined) throw new Error("the JSON parser gave neither a value nor an error");
  return { value: root };
}

interface Level {
  readonly start: number;
  readonly items: Json[];
  readonly entries: Map<string, JsonEntry>;
  name: { readonly text: string; readonly at: Position } | undefined;
}

class NotJson extends Error {
  readonly offset: number;
  constructor(wrong: string, offset: number) {
    super(wrong);
    this.offset = offset;
  }
}

/** `CloseBraceExpected` → close brace expected */
function phraseOf(code: ParseErrorCode): string {
  return printParseErrorCode(code)
    .replace(/(?<=[a-z])(?=[A-Z])/g, " ")
    .toLowerCase();
}
