// The inside of a resource, evaluated on demand: arguments, blocks, and `dynamic` blocks unrolled.
import type { Position } from "../../findings/finding.ts";
import { evaluate, type Scope } from "./evaluate.ts";
import { isInstalled } from "./installed-modules.ts";
import type { Arguments, Blocks } from "./resource.ts";
import type { Block, Body } from "./syntax.ts";
import { elementsOf, isNull, iteration, unknown, type Value, whyNot } from "./value.ts";

export function bodyArguments(body: Body, scope: Scope, at: Position): Arguments {
  const known = new Map<string, Value>();
  const value = (name: string): Value | undefined => {
    const attribute = body.attributes.get(name);
    if (attribute === undefined)
      return body.damaged ? unknown("a part of its block does not parse", at) : undefined;
    const before = known.get(name);
    if (before !== undefined) return isNull(before) ? undefined : before;
    known.set(name, unknown("it refers to itself", attribute.at));
    const now = evaluate(attribute.expression, scope);
    known.set(name, now);
    return isNull(now) ? undefined : now;
  };
  const names: Arguments["names"] = () => ({
    attributes: [...body.attributes.keys()],
    blocks: [
      ...new Set(body.blocks.map(({ type, labels }) => (type === "dynamic" ? (labels[0] ?? "") : type))),
    ],
  });
  return { value, blocks: (name) => blocksIn(body, name, value, scope, at), names, at };
}

/** Of a plan, and where blocks are written as a list of objects. */
export function objectArguments(entries: ReadonlyMap<string, Value>, at: Position): Arguments {
  const value = (name: string): Value | undefined => {
    const found = entries.get(name);
    return found === undefined || isNull(found) ? undefined : found;
  };
  const isBlocks = (of: Value): boolean =>
    of.kind === "list" && of.items.some(({ kind }) => kind === "object");
  const names: Arguments["names"] = () => ({
    attributes: [...entries].flatMap(([name, of]) => (isBlocks(of) ? [] : [name])),
    blocks: [...entries].flatMap(([name, of]) => (isBlocks(of) ? [name] : [])),
  });
  return { value, blocks: (name) => blocksOfValue(value(name)), names, at };
}

function blocksIn(
  body: Body,
  name: string,
  value: (name: string) => Value | undefined,
  scope: Scope,
  at: Position,
): Blocks {
  const all: Arguments[] = [];
  let missing: Blocks["missing"];
  for (const block of body.blocks) {
    if (block.type === name) all.push(bodyArguments(block.body(), scope, block.at));
    if (block.type !== "dynamic" || block.labels[0] !== name) continue;
    const unrolled = dynamicBlocks(block, scope);
    all.push(...unrolled.all);
    missing ??= unrolled.missing;
  }
  if (body.attributes.has(name)) {
    const written = blocksOfValue(value(name));
    all.push(...written.all);
    missing ??= written.missing;
  }
  if (body.attributes.has("dynamic"))
    missing ??= { kind: "unknown", why: "Portico does not unroll dynamic blocks in JSON", at };
  if (body.damaged) missing ??= { kind: "unknown", why: "a part of its block does not parse", at };
  return { all, missing };
}

function dynamicBlocks(block: Block, scope: Scope): Blocks {
  const body = block.body();
  const over = body.attributes.get("for_each");
  const content = body.blocks.find(({ type }) => type === "content");
  if (over === undefined || content === undefined)
    return missingBecause("its for_each or content is missing", block.at);
  const collection = evaluate(over.expression, scope);
  const elements = elementsOf(collection);
  if (elements === undefined)
    return missingBecause(whyNot(collection, "its for_each is not a collection"), over.at);
  const iterator = body.attributes.get("iterator")?.expression;
  const name = iterator?.kind === "name" ? iterator.name : (block.labels[0] ?? "");
  const all = elements.map(([key, element]) => {
    const local = new Map(scope.local).set(name, iteration(key, element, element.at));
    // The user does not edit an installed module, but the elements that it is called with.
    const at = isInstalled(content.at.file) ? element.at : content.at;
    return bodyArguments(content.body(), { ...scope, local }, at);
  });
  return { all };
}

function missingBecause(why: string, at: Position): Blocks {
  return { all: [], missing: { kind: "unknown", why, at } };
}

function blocksOfValue(value: Value | undefined): Blocks {
  if (value === undefined) return { all: [] };
  if (value.kind === "unknown") return { all: [], missing: value };
  const items = value.kind === "list" ? value.items : [value];
  const all: Arguments[] = [];
  let missing: Blocks["missing"];
  for (const item of items) {
    if (item.kind === "object") all.push(objectArguments(item.entries, item.at));
    else if (item.kind === "unknown") missing ??= item;
  }
  return { all, missing };
}
