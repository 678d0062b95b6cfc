// YAML through the `yaml` package: plain data with the place of every value, from the package's own nodes. Limited in depth and size.
import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Lexer,
  type Pair,
  Parser,
  type YAMLError,
  type YAMLMap,
} from "yaml";
import { isRecord, type Path, type Range, type RangeOf } from "./data.ts";
import { MAX_DEPTH } from "./limits.ts";

export type YamlOptions = ConstructorParameters<typeof Composer>[0];

export interface YamlText {
  /** None where `tooDeepAt` is given. */
  readonly documents: readonly YamlDocument[];
  /** The offset at which the text nests more than {@link MAX_DEPTH} levels. */
  readonly tooDeepAt: number | undefined;
}

export interface YamlDocument {
  /** The offset of its content. */
  readonly start: number;
  /** The first violation of the grammar. */
  readonly problem: YAMLError | undefined;
  /** The first tag or directive that the schema does not know. */
  readonly warning: YAMLError | undefined;
  /** `maxAliased`: how many values its aliases may expand to. */
  values(maxAliased: number): YamlValues;
}

export interface YamlValues {
  /** Aliases are followed, merge keys (YAML 1.1) are merged. Of an entry that is written twice the last one counts. */
  readonly data: unknown;
  /** Of an alias: its target. A value that is left empty is where its key is. */
  readonly rangeOf: RangeOf;
  readonly faults: readonly YamlFault[];
}

/** Valid YAML that the reader refuses; all but `duplicate-key` leave the data without a meaning. */
export type YamlFault = { readonly at: Range } & (
  | { readonly kind: "duplicate-key"; readonly key: string; readonly first: Range }
  | { readonly kind: "alias-without-anchor" | "alias-within-its-anchor"; readonly name: string }
  | { readonly kind: "key-not-text" | "too-many-aliased" | "aliased-too-deep" | "merged-not-map" }
);

/** Never throws. The parser is driven token by token, so that 100,000 brackets end it early and do not overflow the stack. */
export function parseYaml(text: string, options: YamlOptions): YamlText {
  const parser = new Parser();
  // Duplicate keys are found in `values`: the package compares every key with every other.
  const composer = new Composer({ ...options, uniqueKeys: false, merge: false });
  const documents: YamlDocument[] = [];
  const compose = (tokens: ReturnType<Parser["next"]>): void => {
    for (const token of tokens)
      for (const document of composer.next(token)) documents.push(documentOf(document));
  };
  for (const lexeme of new Lexer().lex(text)) {
    compose(parser.next(lexeme));
    if (parser.stack.length > MAX_DEPTH) return { documents: [], tooDeepAt: parser.offset - 1 };
  }
  compose(parser.end());
  for (const document of composer.end(true, text.length)) documents.push(documentOf(document));
  return { documents, tooDeepAt: undefined };
}

function documentOf(document: Document): YamlDocument {
  return {
    start: rangeOfNode(document.contents)?.[0] ?? document.range?.[0] ?? 0,
    problem: document.errors[0],
    warning: document.warnings[0],
    values: (maxAliased) => {
      const walk: Walk = {
        maxAliased,
        faults: [],
        anchors: new Map(),
        targets: new Map(),
        pairs: new Map(),
        values: 0,
        aliased: 0,
        depth: 0,
        deepest: 0,
      };
      const data = readValue(walk, document.contents);
      return {
        data,
        rangeOf: (path, options) => rangeAt(walk, document.contents, path, options?.key === true),
        faults: walk.faults,
      };
    },
  };
}

interface Anchored {
  readonly node: unknown;
  /** undefined: its end has not been read yet. */
  read: { readonly value: unknown; readonly values: number; readonly levels: number } | undefined;
}

interface Walk {
  readonly maxAliased: number;
  readonly faults: YamlFault[];
  readonly anchors: Map<string, Anchored>;
  readonly targets: Map<Alias, unknown>;
  readonly pairs: Map<YAMLMap, ReadonlyMap<string, Pair>>;
  /** How many have been read, those of aliases included. */
  values: number;
  aliased: number;
  /** Levels above the value that is read, and the most below it so far, with aliases followed. */
  depth: number;
  deepest: number;
}

function readValue(walk: Walk, node: unknown): unknown {
  if (isAlias(node)) return readAlias(walk, node);
  const anchored = anchorOf(walk, node);
  const { values, depth, deepest } = walk;
  walk.values += 1;
  walk.depth = depth + 1;
  walk.deepest = walk.depth;
  const value = valueOfNode(walk, node);
  if (anchored !== undefined)
    anchored.read = { value, values: walk.values - values, levels: walk.deepest - depth };
  walk.depth = depth;
  walk.deepest = Math.max(deepest, walk.deepest);
  return value;
}

function valueOfNode(walk: Walk, node: unknown): unknown {
  if (isMap(node)) return readMap(walk, node);
  if (isSeq(node)) return node.items.map((item) => readValue(walk, item));
  if (!isScalar(node)) return null;
  return typeof node.value === "bigint" ? Number(node.value) : node.value;
}

function anchorOf(walk: Walk, node: unknown): Anchored | undefined {
  if (!(isScalar(node) || isSeq(node) || isMap(node)) || node.anchor === undefined) return undefined;
  const anchored: Anchored = { node, read: undefined };
  walk.anchors.set(node.anchor, anchored);
  return anchored;
}

function readAlias(walk: Walk, alias: Alias): unknown {
  const anchored = walk.anchors.get(alias.source);
  const at = rangeOfNode(alias) ?? NOWHERE;
  if (anchored?.read === undefined) {
    const kind = anchored === undefined ? "alias-without-anchor" : "alias-within-its-anchor";
    walk.faults.push({ kind, name: alias.source, at });
    return null;
  }
  walk.targets.set(alias, anchored.node);
  walk.values += anchored.read.values;
  walk.deepest = Math.max(walk.deepest, walk.depth + anchored.read.levels);
  // Functions that walk the data recurse once per level.
  if (walk.depth + anchored.read.levels > MAX_DEPTH) walk.faults.push({ kind: "aliased-too-deep", at });
  countAliased(walk, anchored.read.values, at);
  return anchored.read.value;
}

/** Aliases of aliases multiply: a text of a few lines can expand to gigabytes. The data shares what it repeats. */
function countAliased(walk: Walk, more: number, at: Range): void {
  const before = walk.aliased;
  walk.aliased += more;
  if (before <= walk.maxAliased && walk.aliased > walk.maxAliased)
    walk.faults.push({ kind: "too-many-aliased", at });
}

function readMap(walk: Walk, node: YAMLMap): Readonly<Record<string, unknown>> {
  const record: Record<string, unknown> = {};
  const pairs = new Map<string, Pair>();
  const merged: Readonly<Record<string, unknown>>[] = [];
  for (const pair of node.items) {
    const key = keyOf(pair);
    const at = rangeOfNode(pair.key) ?? rangeOfNode(node) ?? NOWHERE;
    if (key === undefined) {
      walk.faults.push({ kind: "key-not-text", at });
      continue;
    }
    const value = readValue(walk, pair.value);
    if (isMerge(pair)) {
      merged.push(...mapsToMerge(walk, value, at));
      continue;
    }
    const first = pairs.get(key);
    if (first === undefined) pairs.set(key, pair);
    else walk.faults.push({ kind: "duplicate-key", key, at, first: rangeOfNode(first.key) ?? NOWHERE });
    setEntry(record, key, value);
  }
  // The map's own entries count, then those of the first map that is merged.
  for (const source of merged)
    for (const [key, value] of Object.entries(source))
      if (!Object.hasOwn(record, key)) setEntry(record, key, value);
  return record;
}

function mapsToMerge(walk: Walk, value: unknown, at: Range): readonly Readonly<Record<string, unknown>>[] {
  const sources: readonly unknown[] = Array.isArray(value) ? value : [value];
  const maps = sources.filter(isRecord);
  if (maps.length < sources.length) walk.faults.push({ kind: "merged-not-map", at });
  for (const map of maps) countAliased(walk, Object.keys(map).length, at);
  return maps;
}

/** `__proto__` is an ordinary key. */
function setEntry(record: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__")
    Object.defineProperty(record, key, { value, enumerable: true, configurable: true, writable: true });
  else record[key] = value;
}

/** The text of a key: numbers and truth values are names too. undefined: it is a list, a map or an alias. */
function keyOf({ key }: Pair): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.type === "PLAIN" && key.source === "<<";
}

const NOWHERE: Range = [0, 1];

function rangeAt(walk: Walk, root: unknown, path: Path, ofKey: boolean): Range | undefined {
  let node = targetOf(walk, root);
  let key: unknown;
  for (const step of path) {
    const child = childOf(walk, node, step);
    if (child === undefined) return undefined;
    node = targetOf(walk, child.value);
    key = child.key;
  }
  const own = rangeOfNode(node);
  const isEmpty = own === undefined || own[0] === own[1];
  return ofKey || isEmpty ? (rangeOfNode(key) ?? own) : own;
}

function childOf(
  walk: Walk,
  node: unknown,
  step: string | number,
): { readonly key?: unknown; readonly value: unknown } | undefined {
  if (isSeq(node)) {
    const value = typeof step === "number" ? node.items[step] : undefined;
    return value === undefined ? undefined : { value };
  }
  if (!isMap(node)) return undefined;
  const pair = pairsOf(walk, node).get(String(step));
  if (pair !== undefined) return pair;
  if (!pairsOf(walk, node).has("<<")) return undefined;
  for (const merge of node.items.filter(isMerge)) {
    const source = targetOf(walk, merge.value);
    for (const map of isSeq(source) ? source.items : [source]) {
      const found = childOf(walk, targetOf(walk, map), step);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** By key, the last of one key; cached, because places are looked up one by one, also in maps with tens of thousands of keys. */
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

function targetOf(walk: Walk, node: unknown): unknown {
  return isAlias(node) ? walk.targets.get(node) : node;
}

function rangeOfNode(node: unknown): Range | undefined {
  if (!(isScalar(node) || isSeq(node) || isMap(node) || isAlias(node)) || !node.range) return undefined;
  const [start, end] = node.range;
  // A block list or map ends with its last value; the package counts the comments and lines after it as well.
  const isBlock = (isSeq(node) || isMap(node)) && node.flow !== true;
  return [start, isBlock ? Math.max(start, endOfLast(node.items.at(-1))) : end];
}

function endOfLast(last: unknown): number {
  const { key, value } = isPair(last) ? last : { key: undefined, value: last };
  return Math.max(rangeOfNode(key)?.[1] ?? 0, rangeOfNode(value)?.[1] ?? 0);
}
