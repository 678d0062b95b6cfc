// Adds items to a list of a YAML text: every other byte is unchanged, comments included.
import { isDeepStrictEqual } from "node:util";
import { isRecord, type Path, valueAt } from "../../source/data.ts";
import { MAX_DESCRIPTION_ALIASED } from "../../source/limits.ts";
import { parseYaml, type YamlValues } from "../../source/yaml.ts";

/** An item on one line, in flow style, and a comment above it. */
export interface NewItem {
  readonly text: string;
  readonly comment: string;
}

/**
 * Adds items at the end of the list at a path: a key of the document, or the document itself. A missing key is added at the end,
 * also to a text without a value.
 * undefined if the list is not in block style.
 */
export function appendItems(text: string, path: Path, items: readonly NewItem[]): string | undefined {
  const values = valuesOf(text);
  if (values === undefined) return undefined;
  const list = valueAt(values.data, path);
  const changed =
    list === undefined ? withKey(text, path, items) : withItems(text, values, { path, list, items });
  return changed !== undefined && isAppended(values.data, valuesOf(changed)?.data, path, items)
    ? changed
    : undefined;
}

function valuesOf(text: string): YamlValues | undefined {
  const [document, second] = parseYaml(text, { stringKeys: true, resolveKnownTags: false }).documents;
  return second === undefined && document?.problem === undefined
    ? document?.values(MAX_DESCRIPTION_ALIASED)
    : undefined;
}

function withKey(text: string, path: Path, items: readonly NewItem[]): string | undefined {
  const [key, more] = path;
  if (key === undefined || more !== undefined) return undefined;
  return `${text === "" ? "" : text.replace(/\n*$/, "\n")}${key}:\n${linesOf(items, "  ")}`;
}

interface Into {
  readonly path: Path;
  readonly list: unknown;
  readonly items: readonly NewItem[];
}

function withItems(text: string, { rangeOf }: YamlValues, { path, list, items }: Into): string | undefined {
  if (!Array.isArray(list)) return undefined;
  const [first, last] = [rangeOf([...path, 0]), rangeOf([...path, list.length - 1])];
  if (first === undefined || last === undefined) return undefined;
  const [, indent] =
    /^([ ]*)-[ ]+$/.exec(text.slice(text.lastIndexOf("\n", first[0] - 1) + 1, first[0])) ?? [];
  if (indent === undefined) return undefined;
  const end = text.slice(0, last[1]).trimEnd().length;
  const lineEnd = text.indexOf("\n", end);
  const before = lineEnd < 0 ? `${text}\n` : text.slice(0, lineEnd + 1);
  return `${before}${linesOf(items, indent)}${lineEnd < 0 ? "" : text.slice(lineEnd + 1)}`;
}

export function linesOf(items: readonly NewItem[], indent: string): string {
  return items.map(({ text, comment }) => `${indent}# ${comment}\n${indent}- ${text}\n`).join("");
}

/** Whether the changed text has the old values and the new items, and nothing else. */
function isAppended(before: unknown, after: unknown, path: Path, items: readonly NewItem[]): boolean {
  const own = valuesOf(items.map(({ text }) => `- ${text}\n`).join(""))?.data;
  const list = valueAt(before, path) ?? [];
  if (!Array.isArray(own) || !Array.isArray(list)) return false;
  return isDeepStrictEqual(after, withValue(before, path, [...list, ...own]));
}

function withValue(data: unknown, [key]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  return isRecord(data) || data === null ? { ...data, [key]: value } : undefined;
}
