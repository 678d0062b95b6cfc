// The output of `terraform show -json`, of a plan or of a state → its resources
// (Terraform internals, "JSON Output Format").
import type { Position } from "../../findings/finding.ts";
import type { Json } from "../../source/json.ts";
import type { LeftOut } from "../wiring.ts";
import { objectArguments } from "./arguments.ts";
import type { Resource } from "./resource.ts";
import { isReadType } from "./resources.ts";
import { scalar, unknown, type Value } from "./value.ts";

/** Recognised by its beginning, because a plan may be truncated. */
export function looksLikePlan(text: string): boolean {
  return /"format_version"\s*:/.test(text.slice(0, 4096)) && /"(planned_values|values)"\s*:/.test(text);
}

export function planResources(json: Json, leaveOut: (leftOut: LeftOut) => void): readonly Resource[] {
  const version = textAt(json, "format_version");
  if (version !== undefined && !/^[01]\./.test(version)) {
    leaveOut({
      what: `format ${version} of a plan is not known here`,
      why: "it is read as format 1, and may be interpreted wrongly",
      severity: "note",
      at: at(json, "format_version")?.at ?? json.at,
    });
  }
  const plan: Plan = {
    unknowns: unknownsByAddress(json),
    configuration: at(at(json, "configuration"), "root_module"),
    made: new Map(),
  };
  const root = at(at(json, "planned_values") ?? at(json, "values"), "root_module");
  const waiting = collect(root, [], plan);
  // References to other resources are resolved when all have been read.
  for (const fill of waiting) fill();
  return [...plan.made.values()].flat();
}

interface Plan {
  readonly unknowns: ReadonlyMap<string, Json>;
  readonly configuration: Json | undefined;
  /** By address without the last index. */
  readonly made: Map<string, PlannedResource[]>;
}

interface PlannedResource extends Resource {
  readonly key: string | undefined;
}

/** A resource's place: names of the modules it is in, without indexes. */
type ModulePath = readonly string[];

function collect(module: Json | undefined, path: ModulePath, plan: Plan): readonly (() => void)[] {
  const waiting: (() => void)[] = [];
  for (const resource of itemsOf(at(module, "resources"))) {
    const [type, name, address] = [
      textAt(resource, "type"),
      textAt(resource, "name"),
      textAt(resource, "address"),
    ];
    if (type === undefined || name === undefined || address === undefined) continue;
    if (!isReadType(type) || textAt(resource, "mode") === "data") continue;
    const values = at(resource, "values");
    const entries = new Map<string, Value>();
    const key = at(resource, "index");
    const place = at(resource, "address")?.at ?? resource.at;
    const made: PlannedResource = {
      type,
      address,
      arguments: objectArguments(entries, place),
      at: place,
      key: key?.kind === "scalar" ? String(key.value) : undefined,
    };
    const base = [...path.map((one) => `module.${one}`), type, name].join(".");
    const before = plan.made.get(base);
    if (before === undefined) plan.made.set(base, [made]);
    else before.push(made);
    const written = configurationOf(path, plan, `${type}.${name}`);
    const configured = at(written, "expressions");
    const waits: Filling = { plan, path, key: made.key, each: at(written, "for_each_expression"), at: place };
    waiting.push(() => {
      for (const [attribute, value] of objectEntries(values, plan.unknowns.get(address), configured, waits)) {
        entries.set(attribute, value);
      }
    });
  }
  for (const child of itemsOf(at(module, "child_modules"))) {
    waiting.push(...collect(child, modulePathOf(textAt(child, "address") ?? ""), plan));
  }
  return waiting;
}

/** `module.a["x.y"].module.b` → a, b */
function modulePathOf(address: string): ModulePath {
  return [...address.replace(/\[[^\]]*\]/g, "").matchAll(/module\.([^.]+)/g)].map(([, name = ""]) => name);
}

interface Filling {
  readonly plan: Plan;
  readonly path: ModulePath;
  readonly key: string | undefined;
  /** The collection of `each`. */
  readonly each: Json | undefined;
  readonly at: Position;
}

function objectEntries(
  values: Json | undefined,
  unknowns: Json | undefined,
  expressions: Json | undefined,
  filling: Filling,
): ReadonlyMap<string, Value> {
  const names = new Set([...keysOf(values), ...keysOf(unknowns)]);
  const entries = new Map<string, Value>();
  for (const name of names) {
    const value = merged(at(values, name), at(unknowns, name), at(expressions, name), filling);
    if (value !== undefined) entries.set(name, value);
  }
  return entries;
}

/** A value, with what the plan does not know filled in from what the configuration refers to. */
function merged(
  value: Json | undefined,
  unknowns: Json | undefined,
  expression: Json | undefined,
  filling: Filling,
): Value | undefined {
  if (unknowns?.kind === "scalar" && unknowns.value === true) return referred(expression, filling);
  if (value === undefined) return undefined;
  if (value.kind === "scalar") return scalar(value.value, value.at);
  if (value.kind === "list") {
    const holes = itemsOf(unknowns);
    const written = itemsOf(expression);
    const items = value.items.map(
      (item, index) =>
        merged(item, holes[index], written[index] ?? expression, filling) ?? scalar(null, item.at),
    );
    return { kind: "list", items, at: value.at };
  }
  return { kind: "object", entries: objectEntries(value, unknowns, expression, filling), at: value.at };
}

const madeLater = "the cloud assigns it when it is applied";

function referred(expression: Json | undefined, { plan, path, key, each, at: place }: Filling): Value {
  const named = itemsOf(at(expression, "references"));
  const throughEach = named.some((one) => one.kind === "scalar" && String(one.value).startsWith("each."));
  const references = throughEach ? [...named, ...itemsOf(at(each, "references"))] : named;
  const found = new Map<Resource, string>();
  for (const { base, attribute } of references.flatMap((one) => targetsOf(one, path, plan, 0))) {
    const all = plan.made.get(base) ?? [];
    // An instance of `for_each` refers to its counterpart, where both go over the same keys.
    const own = all.filter((resource) => resource.key !== undefined && resource.key === key);
    for (const resource of own.length > 0 ? own : all)
      if (!found.has(resource)) found.set(resource, attribute);
  }
  const where = expression?.at ?? place;
  const values = [...found].map(
    ([resource, attribute]): Value => ({ ...unknown(madeLater, where), source: { resource, attribute } }),
  );
  const [only] = values;
  if (only === undefined) return unknown(madeLater, where);
  return values.length === 1 ? only : { kind: "list", items: values, at: where };
}

interface Target {
  readonly base: string;
  readonly attribute: string;
}

/** The target of a reference, through variables and outputs of modules. */
function targetsOf(reference: Json, path: ModulePath, plan: Plan, depth: number): readonly Target[] {
  const text = reference.kind === "scalar" && typeof reference.value === "string" ? reference.value : "";
  const [first = "", second = "", third = ""] = text.replace(/\[[^\]]*\]/g, "").split(".");
  if (depth > 20 || second === "") return [];
  const follow = (expression: Json | undefined, from: ModulePath): readonly Target[] =>
    itemsOf(at(expression, "references")).flatMap((one) => targetsOf(one, from, plan, depth + 1));
  if (first === "var") {
    const caller = path.slice(0, -1);
    const call = at(at(moduleAt(caller, plan), "module_calls"), path.at(-1) ?? "");
    return follow(at(at(call, "expressions"), second), caller);
  }
  if (first === "module") {
    const inner = [...path, second];
    return follow(at(at(at(moduleAt(inner, plan), "outputs"), third), "expression"), inner);
  }
  if (["each", "count", "local", "data", "path", "terraform"].includes(first)) return [];
  return [
    { base: [...path.map((one) => `module.${one}`), first, second].join("."), attribute: third || "id" },
  ];
}

function moduleAt(path: ModulePath, plan: Plan): Json | undefined {
  return path.reduce<Json | undefined>(
    (module, name) => at(at(at(module, "module_calls"), name), "module"),
    plan.configuration,
  );
}

function configurationOf(path: ModulePath, plan: Plan, address: string): Json | undefined {
  return itemsOf(at(moduleAt(path, plan), "resources")).find(
    (resource) => textAt(resource, "address") === address,
  );
}

function unknownsByAddress(json: Json): ReadonlyMap<string, Json> {
  const found = new Map<string, Json>();
  for (const change of itemsOf(at(json, "resource_changes"))) {
    const [address, unknowns] = [textAt(change, "address"), at(at(change, "change"), "after_unknown")];
    if (address !== undefined && unknowns !== undefined) found.set(address, unknowns);
  }
  return found;
}

function at(json: Json | undefined, name: string): Json | undefined {
  return json?.kind === "object" ? json.entries.get(name)?.value : undefined;
}

function textAt(json: Json | undefined, name: string): string | undefined {
  const value = at(json, name);
  return value?.kind === "scalar" && typeof value.value === "string" ? value.value : undefined;
}

function itemsOf(json: Json | undefined): readonly Json[] {
  return json?.kind === "list" ? json.items : [];
}

function keysOf(json: Json | undefined): readonly string[] {
  return json?.kind === "object" ? [...json.entries.keys()] : [];
}
