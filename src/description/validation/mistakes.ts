// The mistakes that a value can contain, each in the terms of the description.
import type { FindingCode } from "../../findings/codes.ts";
import type { Finding, Position } from "../../findings/finding.ts";
import { nearest } from "../../findings/nearest.ts";
import type { Path } from "../../source/data.ts";
import { accepts, choicesOf, expectedText, type Field, fits, isMap, keysOf } from "./schema-shape.ts";
import { oneOf, pathText, shorten, valueText } from "./words.ts";

/** The position of a path in the text, and the spelling of its value. */
export interface Places {
  positionOf(path: Path, options?: { readonly key?: boolean }): Position | undefined;
  /** The value as it is written, when it is one word of YAML. */
  spellingOf(path: Path): string | undefined;
}

export function unknownKey(
  places: Places,
  field: Field | undefined,
  path: Path,
  key: string,
  object: unknown,
): Finding {
  const known = field === undefined ? [] : keysOf(field.schema);
  const free = known.filter((name) => !isMap(object) || !Object.hasOwn(object, name));
  const where = path.length === 0 ? "" : ` in ${named(path)}`;
  const [front = "", ...rest] = key.split(":");
  if (rest.length > 0 && known.includes(front))
    return make(
      places,
      "unknown-key",
      `unknown key \`${shorten(key, 60)}\`${where}: no space after the \`:\` of \`${front}:\``,
      "A `:` without a space after it is part of the key (YAML 1.2.2, 7.3.3).",
      `Write \`${front}: ${shorten(rest.join(":"), 60)}\`.`,
      places.positionOf([...path, key], { key: true }),
    );
  const near = nearest(key, free) ?? nearest(key, known);
  const what =
    near === undefined
      ? `unknown key \`${shorten(key, 60)}\`${where}`
      : `unknown key \`${shorten(key, 60)}\`${where}: did you mean \`${near}\`?`;
  const at = places.positionOf([...path, key], { key: true });
  if (near !== undefined)
    return make(
      places,
      "unknown-key",
      what,
      "An unknown key would silently have no effect.",
      `Write \`${near}\`.`,
      at,
    );
  return make(
    places,
    "unknown-key",
    what,
    `The keys here are ${known.join(", ")}.`,
    "Remove it, or write one of these keys.",
    at,
  );
}

export function missingKey(places: Places, field: Field | undefined, path: Path): Finding {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const what =
    path.length === 1 ? `the key \`${key}\` is missing` : `the key \`${key}\` is missing in ${named(parent)}`;
  const at = places.positionOf(parent, { key: true }) ?? places.positionOf(parent);
  return make(places, "missing-key", what, because(field), `Add \`${key}\`.`, at);
}

export function wrongType(places: Places, field: Field, path: Path, value: unknown): Finding {
  const expected = expectedText(field.schema);
  const spelt = places.spellingOf(path) ?? (typeof value === "object" ? undefined : String(value));
  const what =
    path.length === 0
      ? `a description is a map, not ${valueText(value)}`
      : `${named(path)}: expected ${oneOf(expected)}, got ${valueText(value)}`;
  return make(
    places,
    "wrong-type",
    what,
    because(field),
    path.length === 0 ? "Start with `edge:` and `sites:`." : correction(field, path, value, spelt),
    places.positionOf(path),
  );
}

/** What to write instead of a text, number or boolean: only what the schema accepts; empty if that is not evident. */
function correction(field: Field, path: Path, value: unknown, spelt: string | undefined): string {
  const { schema, optional } = field;
  if (spelt === undefined || (typeof value === "object" && value !== null)) return "";
  const intended = typeof value === "string" ? parsedScalar(value.trim()) : value;
  if (typeof value !== "string" && accepts(schema, spelt))
    return `Put it in quotes: ${JSON.stringify(spelt)}.`;
  // YAML 1.1 knew `yes` and `on` too (YAML 1.2.2, 10.3.2 does not).
  if (intended !== undefined && accepts(schema, intended))
    return spelt === value ? `Write ${intended}.` : `Remove the quotes: ${intended}.`;
  if (intended === true && optional && accepts(schema, false))
    return `Remove \`${path.at(-1)}\` for the default, or write ${oneOf(expectedText(schema))}.`;
  if (typeof value === "boolean") return "";
  if (spelt.length > 60) return "";
  const written = /^[\w./*:-]+$/.test(spelt) ? spelt : JSON.stringify(value);
  if (accepts(schema, [value])) return `Write \`[${written}]\`.`;
  const keys = keysOf(schema).filter((key) => accepts(schema, { [key]: value }));
  return keys.length === 1 ? `Write \`{ ${keys[0]}: ${written} }\`.` : "";
}

function parsedScalar(text: string): number | boolean | undefined {
  if (/^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (/^(true|yes|on)$/i.test(text)) return true;
  return /^(false|no|off)$/i.test(text) ? false : undefined;
}

export function unknownValue(
  places: Places,
  field: Field | undefined,
  path: Path,
  value: unknown,
  choices: readonly unknown[],
): Finding {
  if (field !== undefined && !fits(field.schema, value)) return wrongType(places, field, path, value);
  const near = typeof value === "string" ? nearest(value, choices.map(String)) : undefined;
  const onlyChoices = field === undefined || choicesOf(field.schema) !== undefined;
  const words = onlyChoices ? choices.map(String) : expectedText(field.schema);
  const onlyOne = `the only valid value is ${words[0]}, not ${valueText(value)}`;
  const several = words.length === 1 ? onlyOne : `${valueText(value)} is not one of ${words.join(", ")}`;
  const what = `${named(path)}: ${onlyChoices ? several : `expected ${oneOf(words)}, got ${valueText(value)}`}`;
  const spelt = places.spellingOf(path) ?? String(value);
  const corrected = field === undefined ? "" : correction(field, path, value, spelt);
  return make(
    places,
    "unknown-value",
    what,
    because(field),
    near === undefined ? corrected || `Write ${oneOf(words)}.` : `Write \`${near}\`.`,
    places.positionOf(path),
  );
}

export function invalidKey(places: Places, path: Path, message: string): Finding {
  return make(
    places,
    "invalid-value",
    `the name ${JSON.stringify(shorten(String(path.at(-1)), 60))} in ${named(path.slice(0, -1))}: ${message}`,
    "",
    "",
    places.positionOf(path, { key: true }),
  );
}

export function invalid(
  places: Places,
  field: Field | undefined,
  path: Path,
  value: unknown,
  message: string,
): Finding {
  // For a number without a unit the finding suggests units.
  const code = typeof value === "number" && message.includes("Write a unit") ? "wrong-type" : "invalid-value";
  const remedy =
    field === undefined || typeof value !== "string"
      ? ""
      : correction(field, path, value, places.spellingOf(path) ?? value);
  const got = remedy === "" ? "" : `, got ${valueText(value)}`;
  return make(
    places,
    code,
    `${named(path)}: ${message}${got}`,
    because(field),
    remedy,
    places.positionOf(path),
  );
}

function make(
  places: Places,
  code: FindingCode,
  what: string,
  why: string,
  remedy: string,
  at: Position | undefined,
): Finding {
  const position = at ?? places.positionOf([]);
  return { code, severity: "error", what, why, remedy, at: position === undefined ? [] : [position] };
}

function because(field: Field | undefined): string {
  return field?.description ?? "";
}

function named(path: Path): string {
  return path.length === 0 ? "the description" : `\`${pathText(path)}\``;
}

export function emptyMap(places: Places, field: Field, path: Path): Finding {
  const keys = keysOf(field.schema).map((key) => `\`${key}\``);
  return make(
    places,
    "missing-key",
    `${named(path)} is an empty map`,
    because(field),
    `Write ${oneOf(keys)} in it.`,
    places.positionOf(path),
  );
}
