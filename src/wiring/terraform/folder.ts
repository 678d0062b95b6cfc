// The files of one folder, which Terraform combines to a module.
import type { Position } from "../../findings/finding.ts";
import { type Json, readJson } from "../../source/json.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { type Places, placesOf } from "../../source/source-file.ts";
import type { LeftOut } from "../wiring.ts";
import type { ParseHcl } from "./grammar.ts";
import { type InstalledModule, installedModules, isModuleManifest, rootOf } from "./installed-modules.ts";
import { bodyOfJson, plainBodyOfJson } from "./json-notation.ts";
import { looksLikePlan } from "./plan.ts";
import { readHcl } from "./read-hcl.ts";
import type { Block, Body, Expression } from "./syntax.ts";

export interface Folder {
  /** With `/`; empty: where the files are named from. */
  readonly path: string;
  readonly variables: ReadonlyMap<string, Block>;
  readonly locals: ReadonlyMap<string, Expression>;
  readonly outputs: ReadonlyMap<string, Block>;
  readonly modules: ReadonlyMap<string, Block>;
  /** By `type.name`. */
  readonly resources: ReadonlyMap<string, Block>;
  /** Values from terraform.tfvars and *.auto.tfvars, the highest precedence first. */
  readonly given: ReadonlyMap<string, Expression>;
  /** Of the file read first. */
  readonly at: Position;
}

export interface FoldersRead {
  readonly folders: ReadonlyMap<string, Folder>;
  /** What `terraform show -json` wrote. */
  readonly plans: readonly Json[];
  /** By the folder of the configuration, and the key of the call. */
  readonly installed: ReadonlyMap<string, ReadonlyMap<string, InstalledModule>>;
  readonly leftOut: readonly LeftOut[];
  readonly release: () => void;
}

export function readFolders(files: readonly SourceFile[], parse: ParseHcl): FoldersRead {
  const building = new Map<string, Building>();
  const plans: Json[] = [];
  const manifests = files.filter(({ file }) => isModuleManifest(file));
  const installed = new Map(
    manifests.map((manifest) => [
      rootOf(manifest.file),
      new Map(installedModules(manifest).map((one) => [one.key, one])),
    ]),
  );
  const leftOut: LeftOut[] = [];
  const releases: (() => void)[] = [];
  // Terraform takes terraform.tfvars first and then *.auto.tfvars by name, the later one counting
  // (Terraform language, "Variable Definition Precedence").
  for (const source of files.toSorted(
    (a, b) => rankOf(a.file) - rankOf(b.file) || (a.file < b.file ? -1 : 1),
  )) {
    const read = readFile(source, parse);
    leftOut.push(...read.leftOut);
    if (read.release !== undefined) releases.push(read.release);
    if (read.plan !== undefined) plans.push(read.plan);
    if (read.body === undefined) continue;
    const path = folderOf(source.file);
    const folder = building.get(path) ?? emptyBuilding(path, { file: source.file, line: 1, column: 1 });
    building.set(path, folder);
    if (!isVariables(source.file)) add(folder, read.body, leftOut);
    else for (const [name, { expression }] of read.body.attributes) folder.given.set(name, expression);
  }
  const release = (): void => {
    for (const one of releases) one();
  };
  return { folders: building, plans, installed, leftOut, release };
}

interface FileRead {
  readonly body?: Body;
  readonly plan?: Json;
  readonly leftOut: readonly LeftOut[];
  readonly release?: () => void;
}

function readFile(source: SourceFile, parse: ParseHcl): FileRead {
  const places = placesOf(source);
  const refused = refusal(places);
  if (refused !== undefined) return { leftOut: [refused] };
  if (!source.file.endsWith(".json")) {
    const { body, leftOut, release } = readHcl(places, parse);
    return { body, leftOut, release };
  }
  if (!/\.tf(vars)?\.json$/.test(source.file) && !looksLikePlan(places.text)) return { leftOut: [] };
  const outcome = readJson(places);
  if (outcome.value === undefined) {
    const what = `does not parse: ${outcome.wrong}`;
    return { leftOut: [{ what, why: "nothing of this file is read", severity: "error", at: outcome.at }] };
  }
  const json = outcome.value;
  if (source.file.endsWith(".tfvars.json")) return { body: plainBodyOfJson(json), leftOut: [] };
  if (source.file.endsWith(".tf.json")) return { body: bodyOfJson(json, parse), leftOut: [] };
  return { plan: json, leftOut: [] };
}

/** Files that are not parsed at all. */
function refusal(places: Places): LeftOut | undefined {
  const at: Position = { file: places.file, line: 1, column: 1 };
  const why = "nothing of this file is read";
  if (isVariables(places.file) && !isTakenByItself(places.file)) {
    const what = "not read: Terraform reads this file only with -var-file";
    return { what, why: "its variables have their defaults here, or are not known", severity: "note", at };
  }
  // Text files do not contain these characters, and the parser is slow on binary data.
  const strange = places.text.search(/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/);
  if (strange === -1) return undefined;
  return { what: "not read: it is not text", why, severity: "error", at: places.at(strange, strange + 1) };
}

function isVariables(file: string): boolean {
  return /\.tfvars(\.json)?$/.test(file);
}

function isTakenByItself(file: string): boolean {
  return /(^|\/)terraform\.tfvars(\.json)?$|\.auto\.tfvars(\.json)?$/.test(file);
}

function rankOf(file: string): number {
  if (!isVariables(file)) return 0;
  if (!/(^|\/)terraform\.tfvars(\.json)?$/.test(file)) return 3;
  return file.endsWith(".json") ? 2 : 1;
}

function folderOf(file: string): string {
  const end = file.lastIndexOf("/");
  return end === -1 ? "" : file.slice(0, end);
}

type Building = {
  readonly [Name in keyof Folder]: Folder[Name] extends ReadonlyMap<string, infer T>
    ? Map<string, T>
    : Folder[Name];
};

function emptyBuilding(path: string, at: Position): Building {
  return {
    path,
    variables: new Map(),
    locals: new Map(),
    outputs: new Map(),
    modules: new Map(),
    resources: new Map(),
    given: new Map(),
    at,
  };
}

function add(folder: Building, body: Body, leftOut: LeftOut[]): void {
  for (const block of body.blocks) {
    const [first = "", second = ""] = block.labels;
    switch (block.type) {
      case "resource":
        addNamed(folder.resources, `${first}.${second}`, block, leftOut);
        break;
      case "variable":
        addNamed(folder.variables, first, block, leftOut);
        break;
      case "output":
        addNamed(folder.outputs, first, block, leftOut);
        break;
      case "module":
        addNamed(folder.modules, first, block, leftOut);
        break;
      case "locals":
        for (const [name, { expression }] of block.body().attributes) folder.locals.set(name, expression);
        break;
      default:
        break;
    }
  }
}

function addNamed(into: Map<string, Block>, name: string, block: Block, leftOut: LeftOut[]): void {
  const before = into.get(name);
  if (before === undefined) {
    into.set(name, block);
    return;
  }
  leftOut.push({
    what: `${[block.type, ...block.labels].join(" ")} is written twice`,
    why: `only the one in ${before.at.file}:${before.at.line} is read`,
    severity: isOverride(block.at.file) ? "note" : "error",
    at: block.at,
  });
}

function isOverride(file: string): boolean {
  return /(^|\/|_)override\.tf(\.json)?$/.test(file);
}
