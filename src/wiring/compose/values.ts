// Values of a Compose file: variables with a default, merged maps, and lists that may be maps.
import type { Position } from "../../findings/finding.ts";
import { isRecord, listAt, type Path, valueAt } from "../../source/data.ts";
import type { Place } from "../kubernetes/read-documents.ts";

/** A map of the file: its entries, and where each is written. */
export interface ComposeMap {
  readonly get: (key: string) => unknown;
  /** The items of a list; none where there is no list. */
  readonly list: (key: string) => readonly unknown[];
  readonly keys: readonly string[];
  /** Of the value at a path below the map, or of the map. */
  readonly at: (...path: Path) => Position;
  /** The map at a key; empty if there is none. */
  readonly map: (key: string) => ComposeMap;
}

/** `<<` is YAML's merge key (compose-spec, 10-fragments.md): own entries win. */
export function composeMap(data: unknown, place: Place, path: Path, around: Position): ComposeMap {
  const own = withMerged(valueAt(data, path));
  const here = place(path, { key: true }) ?? place(path) ?? around;
  return {
    get: (key) => interpolated(own[key]),
    list: (key) => listAt(interpolated(own[key]), []),
    keys: Object.keys(own),
    at: (...below) => (below.length === 0 ? here : (place([...path, ...below]) ?? here)),
    map: (key) =>
      valueAt(data, [...path, key]) === undefined && own[key] !== undefined
        ? composeMap({ own: own[key] }, () => undefined, ["own"], here)
        : composeMap(data, place, [...path, key], here),
  };
}

function withMerged(value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return {};
  const { "<<": merged, ...own } = value;
  const sources = Array.isArray(merged) ? merged.toReversed() : [merged];
  return Object.assign({}, ...sources.map(withMerged), own);
}

/** Defaults of variables take effect, `$$` is `$`; other variables stay as they are (compose-spec, 12-interpolation.md). */
function interpolated(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/\$\{\w+:?-([^${}]*)\}/g, "$1").replace(/\$\$/g, "$");
  if (Array.isArray(value)) return value.map(interpolated);
  return isRecord(value)
    ? Object.fromEntries(Object.entries(withMerged(value)).map(([key, one]) => [key, interpolated(one)]))
    : value;
}

/** `KEY=value` in a list, or a map; `undefined`: the shell's value. */
export function pairsOf(value: unknown, separator = "="): readonly (readonly [string, string | undefined])[] {
  if (isRecord(value))
    return Object.entries(value).map(([key, one]) => [
      key,
      one === null || one === undefined ? undefined : String(one),
    ]);
  return listAt(value, []).flatMap((one) => {
    const text = String(one);
    const index = text.indexOf(separator);
    return [index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]] as const;
  });
}

/** A list of words, or a line that is split like a shell's, without its expansions (compose-spec, `command`). */
export function wordsOf(value: unknown): readonly string[] | undefined {
  if (Array.isArray(value)) return value.map(String);
  if (typeof value !== "string") return undefined;
  return [...value.matchAll(/(?:[^\s"']|"(?:\\.|[^"\\])*"|'[^']*')+/g)].map(([word]) =>
    word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, double?: string, single?: string) =>
      double === undefined ? (single ?? "") : double.replace(/\\(.)/g, "$1"),
    ),
  );
}
