// One call of a module (the root is called once): its variables, locals, resources and outputs, evaluated on demand.
import type { Position } from "../../findings/finding.ts";
import { MAX_INSTANCES, shownLimit } from "../../source/limits.ts";
import { bodyArguments } from "./arguments.ts";
import { evaluate, type Scope, type Work } from "./evaluate.ts";
import type { Folder, FoldersRead } from "./folder.ts";
import { isInstalled } from "./installed-modules.ts";
import type { Resource } from "./resource.ts";
import type { Block } from "./syntax.ts";
import {
  asNumber,
  asText,
  elementsOf,
  isNull,
  iteration,
  scalar,
  unknown,
  type Value,
  whyNot,
} from "./value.ts";
import { withType } from "./variable-type.ts";

/** State shared by all module calls. */
export interface Reading {
  readonly folders: ReadonlyMap<string, Folder>;
  readonly installed: FoldersRead["installed"];
  readonly work: Work;
  readonly calls: { count: number };
}

export interface ModuleCall {
  /** `module.edge["a"].`; empty: the root. */
  readonly prefix: string;
  readonly folder: Folder;
  /** A list or an object of resources where there is `count` or `for_each`; undefined: it is not in this module. */
  readonly resource: (typeAndName: string) => Value | undefined;
  /** The resource whose count or for_each is currently empty; undefined: it has instances, or does not exist. */
  readonly dormant: (typeAndName: string) => Resource | undefined;
  /** As `resource`, of the modules that are called here. */
  readonly module: (name: string) => Value | undefined;
  readonly output: (name: string, at: Position) => Value;
  /** Calls of modules in the folder, as far as they are known. */
  readonly calls: (name: string) => readonly ModuleCall[];
}

/** `input` returns the value that the calling module sets; undefined: none. */
export function callModule(
  folder: Folder,
  prefix: string,
  input: (name: string) => Value | undefined,
  reading: Reading,
  { callers = [], key = [], calledAt }: Partial<Pick<Evaluation, "callers" | "key" | "calledAt">> = {},
): ModuleCall {
  reading.calls.count += 1;
  const call: Evaluation = {
    folder,
    prefix,
    input,
    reading,
    callers,
    key,
    calledAt,
    found: new Map(),
    called: new Map(),
    scope: { local: new Map(), work: reading.work, lookup: (path, at) => lookup(call, path, at) },
  };
  return {
    prefix,
    folder,
    resource: (typeAndName) => resourceOf(call, typeAndName),
    dormant: (typeAndName) => dormantOf(call, typeAndName),
    module: (name) => moduleOf(call, name),
    output: (name, at) => outputOf(call, name, at),
    calls: (name) => {
      moduleOf(call, name);
      return call.called.get(name) ?? [];
    },
  };
}

interface Evaluation {
  readonly folder: Folder;
  readonly prefix: string;
  readonly input: (name: string) => Value | undefined;
  readonly reading: Reading;
  readonly callers: readonly Folder[];
  /** Names of the module calls from the root. */
  readonly key: readonly string[];
  /** Where the user's own files call an installed module, whose files the user does not edit. */
  readonly calledAt?: Position | undefined;
  /** By `var.NAME`, `local.NAME` and the like: each is evaluated once. */
  readonly found: Map<string, Value>;
  readonly called: Map<string, readonly ModuleCall[]>;
  readonly scope: Scope;
}

function once({ found }: Evaluation, key: string, at: Position, make: () => Value): Value {
  const before = found.get(key);
  if (before !== undefined) return before;
  found.set(key, unknown("it refers to itself", at));
  const value = make();
  found.set(key, value);
  return value;
}

function variableOf(
  { folder, prefix, input, scope, calledAt }: Evaluation,
  name: string,
  at: Position,
): Value {
  const block = folder.variables.get(name);
  const given = input(name);
  if (block === undefined) return given ?? unknown(`there is no variable ${name}`, at);
  const { attributes } = block.body();
  const byDefault = attributes.get("default")?.expression;
  const type = attributes.get("type")?.expression;
  const value = given ?? (byDefault && placed(evaluate(byDefault, scope), calledAt));
  if (value !== undefined) return withType(value, type, scope);
  return {
    kind: "unknown",
    why: `the variable ${name} has no default`,
    variable: `${prefix}var.${name}`,
    at: block.at,
  };
}

function placed(value: Value, at: Position | undefined): Value {
  return at === undefined ? value : { ...value, at };
}

function resourceOf(call: Evaluation, typeAndName: string): Value | undefined {
  const { folder, prefix, scope, calledAt } = call;
  const block = folder.resources.get(typeAndName);
  if (block === undefined) return undefined;
  const make = (address: string, local: Scope["local"]): Value => ({
    kind: "resource",
    resource: resourceFrom(block, address, { ...scope, local }, calledAt),
    at: calledAt ?? block.at,
  });
  return once(call, typeAndName, block.at, () => instances(block, `${prefix}${typeAndName}`, scope, make));
}

function dormantOf(call: Evaluation, typeAndName: string): Resource | undefined {
  const { folder, prefix, scope } = call;
  const [block, value] = [folder.resources.get(typeAndName), resourceOf(call, typeAndName)];
  if (block === undefined || value === undefined || elementsOf(value)?.length !== 0) return undefined;
  const { attributes } = block.body();
  const number = attributes.get("count") ?? attributes.get("for_each");
  if (number?.expression.kind === "literal") return undefined;
  return { ...resourceFrom(block, `${prefix}${typeAndName}`, scope), dormant: true };
}

function moduleOf(call: Evaluation, name: string): Value | undefined {
  const { folder, prefix, reading, callers, key, called, scope } = call;
  const block = folder.modules.get(name);
  if (block === undefined) return undefined;
  return once(call, `module.${name}`, block.at, () => {
    const target = targetOf(block, call);
    if (typeof target === "string") return unknown(target, block.at);
    const made: ModuleCall[] = [];
    const value = instances(block, `${prefix}module.${name}`, scope, (address, local) => {
      const inputs = bodyArguments(block.body(), { ...scope, local }, block.at);
      const inner = callModule(target, `${address}.`, inputs.value, reading, {
        callers: [...callers, folder],
        key: [...key, name],
        calledAt: call.calledAt ?? (isInstalled(target.at.file) ? block.at : undefined),
      });
      made.push(inner);
      return { kind: "module", output: inner.output, at: block.at };
    });
    called.set(name, made);
    return value;
  });
}

function lookup(call: Evaluation, path: readonly string[], at: Position): Value | undefined {
  const [first = "", second, third] = path;
  if (second === undefined) return undefined;
  switch (first) {
    case "var":
      return once(call, `var.${second}`, at, () => variableOf(call, second, at));
    case "local": {
      const written = call.folder.locals.get(second);
      if (written === undefined) return unknown(`there is no local ${second}`, at);
      return once(call, `local.${second}`, at, () => evaluate(written, call.scope));
    }
    case "module":
      return moduleOf(call, second) ?? unknown(`there is no module ${second}`, at);
    case "data":
      return third === undefined
        ? undefined
        : unknown(`data.${second}.${third} is looked up when it is applied`, at);
    case "path":
    case "terraform":
      return unknown(`${first}.${second} is known when it is applied`, at);
    case "each":
    case "count":
    case "self":
      return unknown(`${first}.${second} has no value here`, at);
    default:
      return resourceOf(call, `${first}.${second}`);
  }
}

function outputOf(call: Evaluation, name: string, at: Position): Value {
  const expression = call.folder.outputs.get(name)?.body().attributes.get("value")?.expression;
  if (expression === undefined) return unknown(`the module has no output ${name}`, at);
  return once(call, `output.${name}`, at, () => evaluate(expression, call.scope));
}

function resourceFrom(block: Block, address: string, scope: Scope, at: Position = block.at): Resource {
  return {
    type: block.labels[0] ?? "",
    address,
    arguments: bodyArguments(block.body(), scope, at),
    at,
  };
}

/** One of it, or by `count` a list, or by `for_each` an object of it. */
function instances(
  block: Block,
  address: string,
  scope: Scope,
  make: (address: string, local: Scope["local"]) => Value,
): Value {
  const { attributes } = block.body();
  const count = attributes.get("count");
  const forEach = attributes.get("for_each");
  const at = block.at;
  if (count !== undefined) {
    const value = evaluate(count.expression, scope);
    // Before 0.12 a condition was a number.
    const number =
      asNumber(value) ??
      (value.kind === "scalar" && typeof value.value === "boolean" ? Number(value.value) : undefined);
    if (number === undefined)
      return unknown(`its count is not known: ${whyNot(value, "it is not a number")}`, count.at);
    if (number > MAX_INSTANCES)
      return unknown(`its count is more than ${shownLimit(MAX_INSTANCES)}`, count.at);
    const items = Array.from({ length: Math.max(0, Math.floor(number)) }, (_, index) => {
      const entries = new Map([["index", scalar(index, at)]]);
      return make(`${address}[${index}]`, new Map([["count", { kind: "object", entries, at }]]));
    });
    return { kind: "list", items, at };
  }
  if (forEach === undefined) return make(address, new Map());
  const over = evaluate(forEach.expression, scope);
  const elements = isNull(over) ? [] : elementsOf(over);
  if (elements === undefined)
    return unknown(`its for_each is not known: ${whyNot(over, "it is not a collection")}`, forEach.at);
  if (elements.length > MAX_INSTANCES)
    return unknown(`its for_each has more than ${shownLimit(MAX_INSTANCES)} elements`, forEach.at);
  const made = new Map<string, Value>();
  for (const [index, element] of elements) {
    // A set's elements are their own keys.
    const key = over.kind === "list" ? asText(element) : String(index);
    if (key === undefined)
      return unknown(`its for_each is not known: ${whyNot(element, "a key is not text")}`, forEach.at);
    const each = new Map([["each", iteration(key, element, at)]]);
    made.set(key, make(`${address}[${JSON.stringify(key)}]`, each));
  }
  return { kind: "object", entries: made, at };
}

/** The folder a module is called from, or why it is not here: a phrase. */
function targetOf(block: Block, call: Evaluation): Folder | string {
  const { folder: from, reading, callers } = call;
  const source = sourceOf(block);
  if (source === undefined) return "the module names no source";
  const target = isLocal(source)
    ? reading.folders.get(joined(from.path, source))
    : installedFor(block, source, call);
  if (typeof target === "string") return target;
  if (target === undefined) return `the module's folder ${source} is not here`;
  if (target === from || callers.includes(target)) return "modules call each other in a cycle";
  return reading.calls.count < MAX_INSTANCES
    ? target
    : `modules are called more than ${shownLimit(MAX_INSTANCES)} times`;
}

function installedFor(
  block: Block,
  source: string,
  { folder, reading, callers, key }: Evaluation,
): Folder | string | undefined {
  const root = callers[0] ?? folder;
  const installed = reading.installed.get(root.path)?.get([...key, block.labels[0] ?? ""].join("."));
  const found = installed && reading.folders.get(installed.path);
  if (installed === undefined || found === undefined)
    return `the module ${source} is not installed: run \`terraform init\``;
  // The registry's own host may be left out (Terraform, "Module Sources").
  if (installed.source !== source && !installed.source.endsWith(`/${source}`))
    return `${installed.source} is installed instead of ${source}: run \`terraform init\``;
  const version = block.body().attributes.get("version")?.expression;
  const wanted =
    version?.kind === "literal" ? /^=?\s*(\d+\.\d+\.\d+)$/.exec(String(version.value))?.[1] : undefined;
  if (wanted !== undefined && installed.version !== undefined && wanted !== installed.version)
    return `version ${installed.version} of ${source} is installed instead of ${wanted}: run \`terraform init\``;
  return found;
}

export function sourceOf(block: Block): string | undefined {
  const source = block.body().attributes.get("source")?.expression;
  return source?.kind === "literal" && typeof source.value === "string" ? source.value : undefined;
}

export function isLocal(source: string): boolean {
  return source.startsWith("./") || source.startsWith("../") || source === "." || source === "..";
}

/** A path in a folder, with `.` and `..` resolved. */
export function joined(folder: string, path: string): string {
  const parts = folder === "" ? [] : folder.split("/");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}
