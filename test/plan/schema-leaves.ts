// Leaves of the schema, and what changes in the rendered files when a leaf's value in a golden description changes.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { edge } from "../../src/description/schema/edge.ts";
import type { EmittedFile } from "../../src/emit/file.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import type { DescriptionPath } from "../../src/plan/described.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";

interface Node {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Node | boolean>>;
  readonly additionalProperties?: Node | boolean;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
}

/** A value in a description: `backends.*.port` is the leaf of `backends.app.port`. */
interface Occurrence {
  readonly leaf: string;
  readonly path: DescriptionPath;
  readonly value: unknown;
  /** Other values in the schema. */
  readonly named: readonly unknown[];
  /** The default in the schema; undefined: none, or one that depends on other fields. */
  readonly told: unknown;
}

const schema = JSON.parse(readFileSync(new URL("../../schema.json", import.meta.url), "utf8")) as Node;

/** Every place of the schema with a text, a number or a boolean. */
function schemaLeaves(): readonly string[] {
  return [...new Set(leavesBelow(schema, ""))].sort();
}

/** The leaves, and those of a load balancer once for each kind of it. */
export function leavesByKind(): readonly string[] {
  return schemaLeaves().flatMap((leaf) =>
    leaf.startsWith("public.loadBalancer.") ? KINDS.map((kind) => leafOfKind(leaf, kind)) : [leaf],
  );
}

/** By leaf: the files that change with its value; no entry: no tried value changes any. */
export function filesByLeaf(leaves: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return new Map([...changesByLeaf(leaves)].map(([leaf, change]) => [leaf, changedFiles(change)]));
}

/** The first change of a leaf's value that changes a file, in a golden description. */
export interface Change {
  /** Of the value in the description. */
  readonly path: DescriptionPath;
  readonly before: Rendering;
  readonly after: Rendering;
}

/** By leaf with a default: whether the default renders the same when it is written and when it is omitted; no entry: no description has it. */
export function defaultsHold(): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>();
  for (const description of descriptions())
    for (const { leaf, path, told } of occurrences(description, [schema], [], "")) {
      if (told === undefined || found.has(leaf)) continue;
      const [written, absent] = [told, undefined].map((value) =>
        rendered(replaced(description, path, value)),
      );
      if (written !== undefined && absent !== undefined) found.set(leaf, words(written) === words(absent));
    }
  return found;
}

/** By path of a file; lines without comments, and without the hashes of contents in names. */
export type Rendering = ReadonlyMap<string, readonly RenderedLine[]>;

export interface RenderedLine {
  readonly text: string;
  /** The path of its origin in the description. */
  readonly origin: DescriptionPath | undefined;
}

export function changesByLeaf(leaves: readonly string[]): ReadonlyMap<string, Change> {
  const found = new Map<string, Change>();
  for (const description of descriptions()) {
    const missing = ({ leaf }: Occurrence) => leaves.includes(leaf) && !found.has(leaf);
    const places = occurrences(description, [schema], [], "")
      .map((place) => ({ ...place, leaf: leafOfKind(place.leaf, kindIn(description)) }))
      .filter(missing);
    const before = places.length === 0 ? undefined : rendered(description);
    if (before === undefined) continue;
    for (const place of places) {
      if (!missing(place)) continue;
      const after = renderedOtherwise(description, before, place);
      if (after !== undefined) found.set(place.leaf, { path: place.path, before, after });
    }
  }
  return found;
}

/** Each kind of load balancer has an emitter: `public.loadBalancer(aws-nlb).idleTimeout`. */
const KINDS = ["aws-classic-elb", "aws-nlb", "http", "service"];

function leafOfKind(leaf: string, kind: string | undefined): string {
  return leaf.replace("public.loadBalancer.", `public.loadBalancer(${kind}).`);
}

function kindIn(description: unknown): string | undefined {
  return (description as { public?: { loadBalancer?: { kind?: string } } }).public?.loadBalancer?.kind;
}

export function changedFiles({ before, after }: Pick<Change, "before" | "after">): readonly string[] {
  const text = (lines: readonly RenderedLine[] | undefined) => lines?.map((line) => line.text).join("\n");
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((file) => text(before.get(file)) !== text(after.get(file)))
    .sort();
}

/** One line per leaf: `backends.*.port: haproxy/haproxy.cfg, kubernetes/network-policy.yaml`. */
export function filesByLeafText(found: ReadonlyMap<string, readonly string[]>): string {
  const lines = [...found].map(([leaf, files]) => `${leaf}: ${files.join(", ")}\n`);
  return lines.sort().join("");
}

/** Leaves without an effect on rendered files. A prefix includes all leaves below. */
export const NOT_RENDERED: readonly (readonly [leaf: RegExp, reason: string])[] = [
  [/^expect\[\]/, "requests and expected results of `portico test`"],
  [/^invariants\[\]/, "what `portico test` proves"],
  [/^check\.allow\[\]/, "which findings `portico check` accepts"],
  [/^backends\.\*\.balance\.uri$|\.(header|query)\.\*\.present$/, "`true` is its only value"],
  [/^public\.tls\.terminatedAt$/, "decides which other keys `tls` has, which change with it"],
  [
    /^public\.tls\.certificates\[\]\.hosts\[\]$/,
    "the names in a certificate's file, for `portico check` and `portico test`",
  ],
  [/^public\.loadBalancer\((http|service)\)\.(aws|healthCheck)\./, "settings of AWS"],
  [
    /^public\.loadBalancer\((aws-.*|http)\)\.(annotations|internal|provider)\b/,
    "settings of `kind: service`",
  ],
  [/^public\.loadBalancer\(http\)\.proxyProtocol/, "an HTTP load balancer sends no PROXY headers"],
  [/^public\.loadBalancer\(aws-classic-elb\)\.aws\.alpn$/, "a classic ELB has no ALPN"],
  [/^public\.loadBalancer\(aws-nlb\)\.aws\.accessLogs\.interval$/, "an NLB has no interval of logs"],
];

/** Those that are not listed there. */
export function renderedLeaves(): readonly string[] {
  return leavesByKind().filter((leaf) => !NOT_RENDERED.some(([pattern]) => pattern.test(leaf)));
}

export const FILES_BY_LEAF: string = join(import.meta.dirname, "files-by-leaf.txt");

function leavesBelow(node: Node, path: string): readonly string[] {
  const { anyOf, additionalProperties, items, type = "const" in node ? "const" : "object" } = node;
  if (type !== "object" && type !== "array") return [path];
  return [
    ...(anyOf ?? []).flatMap((one) => leavesBelow(one, path)),
    ...propertiesOf(node).flatMap(([key, one]) => leavesBelow(one, joined(path, key))),
    ...(typeof additionalProperties === "object" ? leavesBelow(additionalProperties, joined(path, "*")) : []),
    ...(items === undefined ? [] : leavesBelow(items, `${path}[]`)),
  ];
}

function joined(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

/** Golden descriptions that resemble real ones. */
function* descriptions(): Generator<unknown> {
  const golden = join(import.meta.dirname, "../golden");
  const fixtures = join(import.meta.dirname, "fixtures");
  const own = readdirSync(fixtures).map((name) => join(fixtures, name));
  const files = readdirSync(golden)
    .filter((name) => !name.startsWith("refused-"))
    .sort()
    .map((name) => join(golden, name, "description.yaml"));
  for (const file of [...files, ...own])
    if (statSync(file).size < 20_000) yield parse(readFileSync(file, "utf8"));
}

function occurrences(
  value: unknown,
  nodes: readonly Node[],
  path: DescriptionPath,
  leaf: string,
): readonly Occurrence[] {
  const all = nodes.flatMap(alternatives);
  if (Array.isArray(value)) {
    const items = all.flatMap(({ items: own }) => (own === undefined ? [] : [own]));
    return value.flatMap((one, index) => occurrences(one, items, [...path, index], `${leaf}[]`));
  }
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, one]) => {
      const known = all.flatMap(propertiesOf).flatMap(([name, node]) => (name === key ? [node] : []));
      const others = all.flatMap(({ additionalProperties }) =>
        typeof additionalProperties === "object" ? [additionalProperties] : [],
      );
      return known.length > 0
        ? occurrences(one, known, [...path, key], joined(leaf, key))
        : occurrences(one, others, [...path, key], joined(leaf, "*"));
    });
  const named = all.flatMap((node) => node.enum ?? ("const" in node ? [node.const] : []));
  return [{ leaf, path, value, named, told: all.find((node) => node.default !== undefined)?.default }];
}

/** A property `true` is only required there; another part of the schema describes it. */
function propertiesOf({ properties }: Node): readonly (readonly [key: string, node: Node])[] {
  return Object.entries(properties ?? {}).flatMap(([key, one]) =>
    typeof one === "object" ? [[key, one] as const] : [],
  );
}

function alternatives(node: Node): readonly Node[] {
  return [node, ...(node.anyOf ?? []).flatMap(alternatives)];
}

function renderedOtherwise(
  description: unknown,
  before: Rendering,
  { path, value, named }: Occurrence,
): Rendering | undefined {
  for (const other of otherValues(value, named, description)) {
    const after = rendered(replaced(description, path, other));
    if (after !== undefined && changedFiles({ before, after }).length > 0) return after;
  }
  return undefined;
}

/** Values that may be valid in place of this one, and its absence. */
function otherValues(value: unknown, named: readonly unknown[], description: unknown): readonly unknown[] {
  if (typeof value === "boolean") return [!value, ...named, undefined];
  if (typeof value === "number") return [value + 1, value - 1, value * 2, 301, 404, undefined];
  if (typeof value !== "string") return [undefined];
  const { backends, sites } = description as Partial<z.input<typeof edge>>;
  const hosts = (sites ?? []).flatMap(({ host }) => host);
  return [
    ...named,
    value.replace(/\d+(?=[a-zA-Z]*$)/, (digits) => String(Number(digits) * 2)),
    value.replace(/\d+/, (digits) => String(Number(digits) + 1)),
    value.replace(/:\d+$/, (digits) => `:${Number(digits.slice(1)) + 1}`),
    value.replace(/[a-f0-9]$/, (digit) => (digit === "0" ? "1" : "0")),
    value.replace(/^(\W*)/, "$1x"),
    `${value}x`,
    `${value}/x`,
    ...Object.keys(backends ?? {}),
    ...hosts,
    "DELETE",
    undefined,
  ].filter((one) => one !== value);
}

function replaced(value: unknown, [key, ...rest]: DescriptionPath, by: unknown): unknown {
  if (key === undefined) return by;
  const copy: Record<string | number, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...(value as object) };
  const record = copy as Record<string | number, unknown>;
  const part = replaced(record[key], rest, by);
  if (part === undefined) delete record[key];
  else record[key] = part;
  return copy;
}

/** undefined: the description is refused. */
function rendered(description: unknown): Rendering | undefined {
  const { data } = edge.safeParse(description);
  // In place of a file's name a position has the path, which a test can compare.
  const positionOf = (path: DescriptionPath) => ({ file: JSON.stringify(path), line: 1, column: 1 });
  const plan = data === undefined ? undefined : planEdge(data, positionOf).value;
  if (plan === undefined) return undefined;
  return new Map(
    emitLayers(plan)
      .filter(({ path }) => !path.startsWith("kubernetes/configmap"))
      .map(({ path, content, origins }) => [path, linesOf(content, origins)]),
  );
}

/** Without blank lines and alignment. */
function words(rendering: Rendering): string {
  const lines = [...rendering.values()].flat().map(({ text }) => text);
  return lines.join(" ").replace(/\s+/g, " ");
}

function linesOf(content: string, origins: EmittedFile["origins"]): readonly RenderedLine[] {
  return content.split("\n").map((line, index) => {
    const origin = origins.get(index + 1)?.file;
    return {
      text: line.replace(/^\s*#.*$|\s+# .*$/, "").replace(HASH, "HASH"),
      origin: origin === undefined ? undefined : (JSON.parse(origin) as DescriptionPath),
    };
  });
}

const HASH = /(?<=-)[0-9a-f]{10}\b|(?<=:)[0-9a-f]{12}\b/g;

/** The leaves that a description has a value for. */
export function leavesIn(description: unknown): readonly string[] {
  return occurrences(description, [schema], [], "").map(({ leaf }) => leafOfKind(leaf, kindIn(description)));
}
