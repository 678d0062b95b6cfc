// Lookups in maps (manual section 7.3.1, `map`), with the file at hand.
import type { ExpressionCall } from "../../wiring/haproxy/expression.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "../formula.ts";
import { type Choice, casesOf, either, mapChoice, one } from "./choice.ts";
import { digestOf } from "./digest.ts";
import { fixed } from "./header-lines.ts";
import { keysFrom, type MapEntry, type MapFile, readMapFile } from "./map-file.ts";
import { networkOf } from "./network.ts";
import { patternFile, stateOfFile } from "./pattern-files.ts";
import type { MapLookups, PlacedLookup, Scope, World } from "./scope.ts";
import { testText, testWord, unknown } from "./text-tests.ts";
import {
  ABSENT,
  constant,
  constantText,
  opaque,
  type Part,
  partsOf,
  type Scalar,
  showScalar,
  type Value,
} from "./value.ts";

export const MAP_CONVERTER =
  /^map(?:_(?:str|beg|end|sub|dir|dom|reg|regm|int|ip|key))?(?:_(?:str|int|ip|key))?$/;

/** A default does not apply to an absent value. */
export function lookUp(scope: Scope, value: Value, call: ExpressionCall): Value {
  const [path = "", byDefault] = call.arguments.map((argument) => argument.value);
  const map = mapAt(scope, path);
  const [, method = "str", output = "str"] = call.name.split("_");
  const otherwise: Value = byDefault === undefined ? ABSENT : one(outputOf(byDefault, output));
  const known = new Map<string, Value>();
  const lookups = lookupsIn(scope.world, path);
  lookups.methods.add(method);
  const taken = new Map<Value, MapEntry>();
  const take: Take = (entry) => {
    lookups.reached.add(entry);
    const found: Value = one(outputOf(entry.value, output));
    taken.set(found, entry);
    return found;
  };
  const result = mapChoice(value, (scalar) => {
    if (scalar === undefined) return ABSENT;
    const key = showScalar(scalar);
    const followed = known.get(key) ?? (map && entriesFor(scope, map, scalar, method, take, otherwise));
    lookups.isFollowed &&= followed !== undefined;
    const found = followed ?? notLookedUp(scope, scalar, call, map);
    known.set(key, found);
    return found;
  });
  const { rule, formulas, world } = scope;
  if (world.trace !== undefined)
    for (const found of known.values())
      lookups.placed.push({ rule, entries: entriesIn(found, taken, formulas) });
  return result;
}

/** In the order in which they are tried. */
function entriesIn(
  found: Value,
  taken: ReadonlyMap<Value, MapEntry>,
  formulas: Formulas,
): PlacedLookup["entries"] {
  const entries: { entry: MapEntry; when: Formula }[] = [];
  const walk = (value: Value, when: Formula): void => {
    const entry = taken.get(value);
    if (entry !== undefined) entries.push({ entry, when });
    else if (value.kind === "cases")
      for (const one of value.cases) walk(one.gives, formulas.and(when, one.when));
  };
  walk(found, TRUE);
  return entries;
}

function lookupsIn({ lookups }: World, path: string): MapLookups {
  const found = lookups.get(path) ?? { reached: new Set(), placed: [], methods: new Set(), isFollowed: true };
  lookups.set(path, found);
  return found;
}

function outputOf(value: string, output: string): Scalar {
  return output === "int" ? fixed(Number.parseInt(value, 10) || 0) : constant(value);
}

/** undefined: not followed. */
function mapAt({ world }: Scope, path: string): MapFile | undefined {
  if (!world.maps.has(path)) {
    const file = patternFile(world, path);
    world.maps.set(path, "text" in file ? readMapFile(file.text) : undefined);
  }
  return world.maps.get(path);
}

/** Without a default nothing may be found. */
function notLookedUp(scope: Scope, scalar: Scalar, call: ExpressionCall, map: MapFile | undefined): Value {
  const given = call.arguments.map((argument) => argument.value);
  const text = `${showScalar(scalar)},${call.name}(${given.join(",")})`;
  const file = patternFile(scope.world, given[0] ?? "");
  const { why, digest } =
    map === undefined && "why" in file
      ? file
      : {
          why: `a lookup of ${showScalar(scalar)}`,
          digest: digestOf(JSON.stringify(map?.entries.map(({ key, value }) => [key, value]))),
        };
  const id = `${text} ${digest ?? ""} ${stateOfFile(scope, given[0] ?? "")}`;
  const state = digest === undefined;
  const found = one<Scalar | undefined>(opaque({ id, text, why, state, at: scope.at }));
  if (given.length > 1) return found;
  const isFound = unknown(scope, { id: `${id} -m found`, text: `${text} -m found`, why });
  return either(isFound, found, ABSENT);
}

type Take = (entry: MapEntry) => Value;

/** undefined: not followed. */
function entriesFor(
  scope: Scope,
  map: MapFile,
  scalar: Scalar,
  method: string,
  take: Take,
  otherwise: Value,
): Value | undefined {
  if (method === "ip") return byNetwork(map, scalar, take, otherwise);
  if (method === "int") return byNumber(map, scalar, take, otherwise);
  const parts = scalar.kind === "text" || scalar.kind === "number" ? partsOf(scalar) : undefined;
  if (parts === undefined || parts.some(({ kind }) => kind === "opaque")) return undefined;
  if (method === "str") return byKey(scope, map, parts, take, otherwise);
  if (method === "beg") return byPrefix(scope, map, parts, take, otherwise);
  return inOrder(scope, map, parts, method, take, otherwise);
}

/** The first entry that matches counts. */
function inOrder(
  scope: Scope,
  map: MapFile,
  parts: readonly Part[],
  method: string,
  take: Take,
  otherwise: Value,
): Value | undefined {
  const before = new Set<string>();
  const cases: Case[] = [];
  for (const entry of map.entries) {
    if (containedKeys(entry.key, method).some((key) => before.has(key))) continue;
    before.add(entry.key);
    const when = matches(scope, parts, entry.key, method);
    if (when === undefined) return undefined;
    if (when !== FALSE) cases.push({ when, gives: take(entry) });
  }
  return casesOf(cases, otherwise);
}

interface Case {
  readonly when: Formula;
  readonly gives: Value;
}

/** Keys that match every value that a key matches, itself included. */
export function containedKeys(key: string, method: string): readonly string[] {
  const ends = Array.from({ length: key.length }, (_, from) => key.slice(from));
  if (method === "end") return ends;
  if (method !== "sub") return [key];
  return ends.flatMap((end) => Array.from({ length: end.length }, (_, length) => end.slice(0, length + 1)));
}

function matches(scope: Scope, parts: readonly Part[], key: string, method: string): Formula | undefined {
  switch (method) {
    case "end":
      return testText(scope, parts, { kind: "suffix", value: key, ignoreCase: false });
    case "sub":
      return testText(scope, parts, { kind: "contains", value: key, ignoreCase: false });
    case "reg":
      return testText(scope, parts, { kind: "pattern", source: key, ignoreCase: false });
    case "dir":
    case "dom":
      return testWord(scope, parts, method, { value: key, ignoreCase: false });
    default:
      return undefined;
  }
}

/** Only the keys that begin as the value does. */
function byKey(scope: Scope, map: MapFile, parts: readonly Part[], take: Take, otherwise: Value): Value {
  const text = constantText(parts);
  if (text !== undefined) {
    const entry = map.first.get(text);
    return entry ? take(entry) : otherwise;
  }
  const cases = keysFrom(map, frontOf(parts)).flatMap((key) => {
    const entry = map.first.get(key);
    const when = testText(scope, parts, { kind: "exact", value: key, ignoreCase: false });
    return entry && when !== FALSE ? [{ when, gives: take(entry) }] : [];
  });
  return casesOf(cases, otherwise, true);
}

function frontOf(parts: readonly Part[]): string {
  return parts[0]?.kind === "constant" ? parts[0].text : "";
}

interface Node {
  readonly key: string;
  readonly children: Node[];
}

/** The longest key counts: keys that begin with others are tried within those. */
function byPrefix(scope: Scope, map: MapFile, parts: readonly Part[], take: Take, otherwise: Value): Value {
  const text = constantText(parts);
  const roots = nested(keysFor(map, text ?? frontOf(parts), text !== undefined));
  const follow = (nodes: readonly Node[], shorter: Value): Value =>
    casesOf(
      nodes.flatMap(({ key, children }) => {
        const when = testText(scope, parts, { kind: "prefix", value: key, ignoreCase: false });
        const entry = map.first.get(key);
        return entry && when !== FALSE ? [{ when, gives: follow(children, take(entry)) }] : [];
      }),
      shorter,
      true,
    );
  return simplified(follow(roots, otherwise));
}

/** Keys that begin with the text or are a beginning of it; with `whole` only the latter. */
function keysFor(map: MapFile, text: string, whole: boolean): readonly string[] {
  const shorter = Array.from({ length: text.length + 1 }, (_, length) => text.slice(0, length)).filter(
    (key) => key !== "" && map.first.has(key),
  );
  return whole ? shorter : [...new Set([...shorter, ...keysFrom(map, text)])].sort();
}

/** Sorted keys as trees: a child begins with its parent. */
function nested(keys: readonly string[]): readonly Node[] {
  const roots: Node[] = [];
  const open: Node[] = [];
  for (const key of keys) {
    while (open.length > 0 && !key.startsWith(open.at(-1)?.key ?? "")) open.pop();
    const node: Node = { key, children: [] };
    (open.at(-1)?.children ?? roots).push(node);
    open.push(node);
  }
  return roots;
}

/** Without cases that are certain. */
function simplified<T>(choice: Choice<T>): Choice<T> {
  if (choice.kind === "one") return choice;
  const [first] = choice.cases;
  return first?.when === TRUE ? simplified(first.gives) : choice;
}

function byNetwork(map: MapFile, scalar: Scalar, take: Take, otherwise: Value): Value | undefined {
  if (scalar.kind !== "address") return undefined;
  const entries = [...map.first.values()].flatMap((entry) => {
    const network = networkOf(entry.key);
    return network === undefined ? [] : [{ entry, network }];
  });
  if (entries.length < map.first.size) return undefined;
  const longest = entries.toSorted((a, b) => bitsOf(b.network) - bitsOf(a.network));
  return casesOf(
    longest.map(({ entry, network }) => ({ when: scalar.within([network]), gives: take(entry) })),
    otherwise,
  );
}

function bitsOf(network: string): number {
  const [address = "", bits] = network.split("/");
  const whole = address.includes(":") ? 128 : 32;
  const length = bits === undefined ? whole : Number(bits);
  // IPv6 and IPv4 networks are in trees of their own.
  return length + (address.includes(":") ? 0 : 96);
}

function byNumber(map: MapFile, scalar: Scalar, take: Take, otherwise: Value): Value | undefined {
  if (scalar.kind !== "number") return undefined;
  const ranges = [...map.first.values()].map((entry) => ({
    entry,
    found: /^(-?\d*)(?::(-?\d*))?$/.exec(entry.key),
  }));
  if (ranges.some(({ found }) => found === null)) return undefined;
  return casesOf(
    ranges.map(({ entry, found }) => {
      const [, low = "", high = low] = found ?? [];
      const from = low === "" ? Number.NEGATIVE_INFINITY : Number(low);
      return {
        when: scalar.range(from, high === "" ? Number.POSITIVE_INFINITY : Number(high)),
        gives: take(entry),
      };
    }),
    otherwise,
  );
}
