// From a composed YAML document to a tree with places: aliases followed, merge keys merged, keys unique, bounded in size.
import { type Document, isAlias, isScalar, isSeq, type ParsedNode, type YAMLMap } from "yaml";
import type { Finding, Outcome, Position } from "../../findings/finding.ts";
import type { Locate } from "../../findings/positions.ts";
import type { ListNode, MapEntry, MapNode, SourceNode } from "./tree.ts";
import { unquotedStar } from "./yaml-mistakes.ts";

/** How many values a text may stand for once its aliases are followed. 10,000 routes are about 100,000. */
const MAX_VALUES = 2_000_000;

interface Anchored {
  readonly node: SourceNode;
  /** How many values it stands for, with its aliases followed. */
  readonly values: number;
}

interface Walk {
  readonly text: string;
  readonly locate: Locate;
  readonly anchors: Map<string, Anchored | "open">;
  values: number;
}

class Mistake extends Error {
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.what);
    this.finding = finding;
  }
}

/** The tree of a document without errors, or the first key or alias that cannot be. */
export function treeOfDocument(document: Document.Parsed, text: string, locate: Locate): Outcome<SourceNode> {
  const walk: Walk = { text, locate, anchors: new Map(), values: 0 };
  try {
    return { value: treeOf(walk, document.contents, 0), findings: [] };
  } catch (error) {
    if (error instanceof Mistake) return { findings: [error.finding] };
    throw error;
  }
}

function treeOf(walk: Walk, node: ParsedNode | null, emptyAt: number): SourceNode {
  if (node === null) return { kind: "scalar", start: emptyAt, end: emptyAt, value: null };
  if (isAlias(node)) return followAlias(walk, node.source, node.range[0], node.range[1]);
  const anchor = node.anchor;
  if (anchor !== undefined) walk.anchors.set(anchor, "open");
  const before = walk.values++;
  const tree = isScalar(node)
    ? scalar(walk, node.value, node.range, emptyAt)
    : isSeq(node)
      ? list(walk, node.items as ParsedNode[], node.range)
      : map(walk, node);
  if (anchor !== undefined) walk.anchors.set(anchor, { node: tree, values: walk.values - before });
  return tree;
}

function scalar(walk: Walk, value: unknown, range: readonly number[], emptyAt: number): SourceNode {
  const [start = 0, end = 0] = range;
  if (value === null && start === end) return { kind: "scalar", start: emptyAt, end: emptyAt, value };
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean" || value === null)
    return { kind: "scalar", start, end, value };
  return { kind: "scalar", start, end, value: walk.text.slice(start, end) };
}

function list(walk: Walk, nodes: readonly ParsedNode[], range: readonly number[]): ListNode {
  const [start = 0, flowEnd = 0] = range;
  const items = nodes.map((item) => treeOf(walk, item, start));
  return {
    kind: "list",
    start,
    end: walk.text[start] === "[" ? flowEnd : (items.at(-1)?.end ?? start),
    items,
  };
}

function map(walk: Walk, node: YAMLMap.Parsed): MapNode {
  const [start, flowEnd] = node.range;
  const entries = new Map<string, MapEntry>();
  const merged: MapNode[] = [];
  let end = start;
  for (const pair of node.items) {
    const [keyStart, keyEnd] = pair.key.range;
    const value = treeOf(walk, pair.value, keyEnd);
    const key = isScalar(pair.key) ? String(pair.key.value) : "";
    end = Math.max(end, keyEnd, isAlias(pair.value) ? pair.value.range[1] : value.end);
    if (key === "<<" && walk.text.slice(keyStart, keyEnd) === "<<") {
      merged.push(...mapsToMerge(walk, value, walk.locate(keyStart, keyEnd)));
      continue;
    }
    const first = entries.get(key);
    if (first !== undefined)
      throw new Mistake(
        duplicateKey(key, walk.locate(keyStart, keyEnd), walk.locate(first.keyStart, first.keyEnd)),
      );
    entries.set(key, { keyStart, keyEnd, value });
  }
  // The merge key of YAML 1.1: what the map says itself wins, then the first map that is merged.
  for (const source of merged)
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
  return { kind: "map", start, end: walk.text[start] === "{" ? flowEnd : end, entries };
}

function mapsToMerge(walk: Walk, value: SourceNode, at: Position): readonly MapNode[] {
  const sources = value.kind === "list" ? value.items : [value];
  const maps = sources.filter((source) => source.kind === "map");
  if (maps.length < sources.length) throw new Mistake(badMerge(at));
  for (const source of maps) countValues(walk, source.entries.size, at);
  return maps;
}

function followAlias(walk: Walk, name: string, start: number, end: number): SourceNode {
  const target = walk.anchors.get(name);
  const at = walk.locate(start, end);
  if (target === undefined) throw new Mistake(noAnchor(name, at));
  if (target === "open") throw new Mistake(badAlias(`\`*${name}\` stands within what it stands for`, at));
  countValues(walk, target.values, at);
  return target.node;
}

/** No one names an anchor with a dot in front; a wildcard host begins so. */
function noAnchor(name: string, at: Position): Finding {
  if (!name.startsWith(".")) return badAlias(`no anchor \`&${name}\` before this alias`, at);
  const { what, why = "", remedy } = unquotedStar(`*${name}`);
  return { code: "yaml-alias-undefined", severity: "error", what, why, remedy, at: [at] };
}

/** Counts before anything is copied, so that a text of a few lines cannot stand for gigabytes. */
function countValues(walk: Walk, more: number, at: Position): void {
  walk.values += more;
  if (walk.values <= MAX_VALUES) return;
  throw new Mistake({
    code: "yaml-alias-bomb",
    severity: "error",
    what: `the aliases of the file expand to more than ${MAX_VALUES.toLocaleString("en")} values`,
    why: "Aliases of aliases multiply: a few lines can use all memory.",
    remedy: "Write the values without aliases, or generate them in `portico.config.ts`.",
    at: [at],
  });
}

function duplicateKey(key: string, again: Position, first: Position): Finding {
  return {
    code: "yaml-duplicate-key",
    severity: "error",
    what: `the key \`${key}\` is written twice in the same map`,
    why: "Only one of the two values can apply, and which one depends on the parser.",
    remedy: "Remove one of them, or merge their values.",
    at: [again, { ...first, note: "the first one" }],
  };
}

function badAlias(what: string, at: Position): Finding {
  return {
    code: "yaml-alias-undefined",
    severity: "error",
    what,
    why: "The alias has no value.",
    remedy: "Name an anchor that ends before this place.",
    at: [at],
  };
}

function badMerge(at: Position): Finding {
  return {
    code: "yaml-alias-undefined",
    severity: "error",
    what: "`<<` needs a map or a list of maps",
    why: "Only the entries of a map can be merged into another.",
    remedy: "Write `<<: *anchor` with the anchor of a map.",
    at: [at],
  };
}
