// A composed YAML document as plain data, with aliases followed, merge keys merged and the place of every value; bounded in size.
import { type Document, isAlias, isMap, isScalar, isSeq, type Pair, type YAMLMap } from "yaml";
import type { Position } from "../../findings/finding.ts";
import { MAX_ALIASED_VALUES } from "../../findings/limits.ts";
import type { Locate } from "../../findings/positions.ts";

export type Path = readonly (string | number)[];

/** Where the value at a path stands, with `key` its key; null: it is not there. */
export type Place = (path: Path, options?: { readonly key?: boolean }) => Position | null;

/** Something wrong that the grammar allows. Offsets count within the document's text. */
export interface YamlFault {
  readonly code: "key" | "duplicate" | "alias" | "merge";
  readonly what: string;
  readonly why: string;
  /** Whether nothing of the document can be used. */
  readonly fatal: boolean;
  readonly start: number;
  readonly end: number;
}

export interface PlainData {
  readonly data: unknown;
  readonly place: Place;
  readonly faults: readonly YamlFault[];
}

/** The tree is as deep as the text nests: throws RangeError where that is deeper than the stack. */
export function plainData(document: Document, locate: Locate): PlainData {
  const walk: Walk = { document, faults: [], anchors: new Map(), pairs: new Map(), values: 0, aliased: 0 };
  const data = readValue(walk, document.contents);
  return { data, place: (path, options) => placeOf(walk, locate, path, options), faults: walk.faults };
}

interface Anchored {
  readonly value: unknown;
  /** How many values it stands for. */
  readonly values: number;
}

interface Walk {
  readonly document: Document;
  readonly faults: YamlFault[];
  readonly anchors: Map<string, { readonly node: unknown; done?: Anchored }>;
  readonly pairs: Map<YAMLMap, ReadonlyMap<string, Pair>>;
  values: number;
  aliased: number;
}

function readValue(walk: Walk, node: unknown): unknown {
  if (isAlias(node)) return followed(walk, node.source, node.range);
  walk.values += 1;
  const anchored = anchorOf(walk, node);
  const before = walk.values;
  const value = isScalar(node)
    ? scalarValue(node.value)
    : isSeq(node)
      ? node.items.map((item) => readValue(walk, item))
      : isMap(node)
        ? mapValue(walk, node)
        : null;
  if (anchored !== undefined) anchored.done = { value, values: walk.values - before + 1 };
  return value;
}

function anchorOf(walk: Walk, node: unknown): { node: unknown; done?: Anchored } | undefined {
  if (!(isScalar(node) || isSeq(node) || isMap(node)) || node.anchor === undefined) return undefined;
  const anchored = { node };
  walk.anchors.set(node.anchor, anchored);
  return anchored;
}

function followed(walk: Walk, name: string, range: Range): unknown {
  const anchored = walk.anchors.get(name)?.done;
  if (anchored === undefined) {
    fault(walk, range, { code: "alias", what: `no anchor \`&${name}\` ends before this alias`, fatal: true });
    return null;
  }
  walk.aliased += anchored.values;
  walk.values += anchored.values;
  if (walk.aliased > MAX_ALIASED_VALUES && !walk.faults.some(({ code }) => code === "alias"))
    fault(walk, range, {
      code: "alias",
      what: `its aliases stand for more than ${MAX_ALIASED_VALUES.toLocaleString("en")} values`,
      fatal: true,
    });
  return anchored.value;
}

function scalarValue(value: unknown): unknown {
  return typeof value === "bigint" ? Number(value) : value;
}

function mapValue(walk: Walk, node: YAMLMap): Record<string, unknown> {
  const own = new Map<string, unknown>();
  const merged: Record<string, unknown>[] = [];
  for (const pair of node.items) {
    const key = keyOf(pair);
    if (key === undefined) {
      fault(walk, rangeOf(pair.key) ?? rangeOf(node), {
        code: "key",
        what: "a key is a list or a map, not text",
        fatal: true,
      });
      continue;
    }
    const value = readValue(walk, pair.value);
    if (key === MERGE && plainKey(pair)) {
      merged.push(...mergedMaps(walk, value, rangeOf(pair.key)));
      continue;
    }
    if (own.has(key))
      fault(walk, rangeOf(pair.key), {
        code: "duplicate",
        what: `the key \`${key}\` stands in one map twice`,
        why: "The last one is taken here; the API server may refuse the object, or take either.",
      });
    own.set(key, value);
  }
  for (const source of merged)
    for (const [key, value] of Object.entries(source)) if (!own.has(key)) own.set(key, value);
  return recordOf(own);
}

const MERGE = "<<";

function mergedMaps(walk: Walk, value: unknown, range: Range): readonly Record<string, unknown>[] {
  const sources: readonly unknown[] = Array.isArray(value) ? value : [value];
  const maps = sources.filter(isRecord);
  if (maps.length < sources.length)
    fault(walk, range, { code: "merge", what: "`<<` takes a map, or a list of maps", fatal: true });
  walk.aliased += maps.reduce((sum, map) => sum + Object.keys(map).length, 0);
  return maps;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A key `__proto__` is an entry like any other. */
function recordOf(entries: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [key, value] of entries)
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
  return record;
}

/** Go's reader makes text of numbers and truth values that are keys; undefined for lists and maps. */
function keyOf({ key }: Pair): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function plainKey({ key }: Pair): boolean {
  return isScalar(key) && key.type === "PLAIN";
}

type Range = readonly [number, number, number?] | null | undefined;

function rangeOf(node: unknown): Range {
  return isScalar(node) || isSeq(node) || isMap(node) || isAlias(node) ? node.range : undefined;
}

function fault(
  walk: Walk,
  range: Range,
  about: Pick<YamlFault, "code" | "what"> & Partial<Pick<YamlFault, "why" | "fatal">>,
): void {
  const [start, end] = range ?? [0, 1];
  walk.faults.push({ why: "", fatal: false, ...about, start, end });
}

function placeOf(
  walk: Walk,
  locate: Locate,
  path: Path,
  { key = false }: { readonly key?: boolean } = {},
): Position | null {
  let node: unknown = walk.document.contents;
  let keyNode: unknown;
  for (const step of path) {
    const found = childOf(walk, node, step);
    if (found === undefined) return null;
    node = found.value;
    keyNode = found.key;
  }
  const own = rangeOf(node);
  const keys = rangeOf(keyNode);
  // A value that is left empty has no place of its own.
  const range = key || own === null || own === undefined || own[0] === own[1] ? (keys ?? own) : own;
  return range === null || range === undefined ? null : locate(range[0], range[1]);
}

function childOf(
  walk: Walk,
  parent: unknown,
  step: string | number,
): { key?: unknown; value: unknown } | undefined {
  const node = targetOf(walk, parent);
  if (isSeq(node)) {
    const value = typeof step === "number" ? node.items[step] : undefined;
    return value === undefined ? undefined : { value };
  }
  if (!isMap(node)) return undefined;
  const pair = pairsOf(walk, node).get(String(step));
  if (pair !== undefined) return { key: pair.key, value: pair.value };
  if (!pairsOf(walk, node).has(MERGE)) return undefined;
  for (const merge of node.items.filter((candidate) => keyOf(candidate) === MERGE)) {
    const source = targetOf(walk, merge.value);
    for (const map of isSeq(source) ? source.items : [source]) {
      const found = childOf(walk, map, step);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** By key, the last of one key: places are asked for one by one, in maps with tens of thousands of keys too. */
function pairsOf({ pairs }: Walk, node: YAMLMap): ReadonlyMap<string, Pair> {
  const known = pairs.get(node);
  if (known !== undefined) return known;
  const made = new Map<string, Pair>();
  for (const pair of node.items) {
    const key = keyOf(pair);
    if (key !== undefined) made.set(key, pair);
  }
  pairs.set(node, made);
  return made;
}

/** The node of an anchor that is named twice is the last one: a place may then be off, a value never is. */
function targetOf(walk: Walk, node: unknown): unknown {
  return isAlias(node) ? walk.anchors.get(node.source)?.node : node;
}
