// Rows for whatever a part of the plan holds, by its own names: a decision that no row was written for is shown all the same.
import { maskedHeader } from "../../findings/credentials.ts";
import { HiddenText } from "../../findings/hidden-text.ts";
import { formatDurationMs } from "../../plan/durations.ts";
import type { Row } from "./rows.ts";

/** A row for each value; none for what is null or empty. `indent`: spaces before the name. */
export function leafRows(indent: string, part: Readonly<Record<string, unknown>>): readonly Row[] {
  const numbered = Array.isArray(part);
  const { name, value: text } = part;
  // A header that is set or matched.
  const shown =
    typeof name === "string" && typeof text === "string"
      ? { ...part, value: maskedHeader(name, text) }
      : part;
  return Object.entries(shown).flatMap(([key, value]) =>
    rowsOf(indent, numbered ? `${Number(key) + 1}` : key, value),
  );
}

function rowsOf(indent: string, key: string, value: unknown): readonly Row[] {
  if (value === null || value === undefined || key === "at") return [];
  if (Array.isArray(value) && value.every((one) => typeof one !== "object"))
    return value.length === 0 ? [] : [{ name: `${indent}${wordsOf(key)}`, value: value.join(" ") }];
  if (isDecided(value))
    return [{ name: `${indent}${wordsOf(key)}`, value: textOf(key, value.value), because: value.because }];
  if (typeof value !== "object" || value instanceof HiddenText)
    return [{ name: `${indent}${wordsOf(key)}`, value: textOf(key, value) }];
  const inner = leafRows(`${indent}  `, value as Readonly<Record<string, unknown>>);
  return inner.length === 0 ? [] : [{ name: `${indent}${wordsOf(key)}`, value: "" }, ...inner];
}

function isDecided(value: unknown): value is { readonly value: unknown; readonly because: string } {
  return typeof value === "object" && value !== null && "because" in value && "value" in value;
}

function textOf(key: string, value: unknown): string {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && key.endsWith("Ms")) return formatDurationMs(value);
  return String(value);
}

/** `maxConnections` → `max connections`; a unit is with the value. */
function wordsOf(key: string): string {
  return key.replace(/Ms$/, "").replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
