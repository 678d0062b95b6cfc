// The patches of a kustomization: which objects each one changes, and what it does to them.
import { isRecord, type Path } from "../../../source/data.ts";
import type { Position } from "../../../source/position.ts";
import type { LeftOut } from "../../wiring.ts";
import type { Fields } from "../fields.ts";
import { readDocuments } from "../read-documents.ts";
import { applyJsonPatch, strategicMerge } from "./merge.ts";
import { type KustomizationContext, namedFile } from "./named-files.ts";
import type { Built } from "./transform.ts";
import { childOf, descendant, type Tree, treeOf, withValue } from "./tree.ts";

interface Patch {
  /** A map is a strategic merge patch, a list one of JSON. */
  readonly tree: Tree;
  readonly target?: Target | undefined;
  readonly at: Position;
}

type Target = Readonly<
  Record<"group" | "version" | "kind" | "name" | "namespace" | "labelSelector", unknown>
>;

/** Files that contain patches, not objects. */
export function patchFiles(fields: Fields, pathOf: (name: string) => string): readonly string[] {
  const paths = ["patches", "patchesJson6902"].flatMap((name) =>
    fields.items([name]).flatMap((path) => fields.raw([...path, "path"])),
  );
  const merges = fields.items(["patchesStrategicMerge"]).flatMap((path) => fields.raw(path));
  return [...paths, ...merges].flatMap((name) =>
    typeof name === "string" && !name.includes("\n") ? [pathOf(name)] : [],
  );
}

export function patched(context: KustomizationContext, objects: readonly Built[]): readonly Built[] {
  return patchesOf(context).reduce((all, patch) => applied(context, all, patch), objects);
}

function patchesOf(context: KustomizationContext): readonly Patch[] {
  const { fields } = context;
  const merges = fields.items(["patchesStrategicMerge"]).flatMap((path) => {
    const written = fields.raw(path);
    if (typeof written !== "string") return [];
    return written.includes("\n")
      ? inline(context, path, undefined)
      : fromFile(context, written, path, undefined);
  });
  const others = ["patches", "patchesJson6902"].flatMap((list) =>
    fields.items([list]).flatMap((path) => {
      const target = fields.raw([...path, "target"]);
      const wanted = isRecord(target) ? (target as Target) : undefined;
      const file = fields.raw([...path, "path"]);
      return typeof file === "string"
        ? fromFile(context, file, [...path, "path"], wanted)
        : inline(context, [...path, "patch"], wanted);
    }),
  );
  return [...merges, ...others];
}

/** A patch that is a text of the kustomization: all of it is placed there. */
function inline(context: KustomizationContext, path: Path, target: Target | undefined): readonly Patch[] {
  const { fields } = context;
  const text = fields.raw(path);
  const at = fields.at(path);
  if (typeof text !== "string") return [];
  const { documents, leftOut } = readDocuments({ file: at.file, text });
  context.leftOut.push(...leftOut.map((one) => ({ ...one, at })));
  return documents.map(({ data }) => ({ tree: treeOf(data, () => at), target, at }));
}

function fromFile(
  context: KustomizationContext,
  name: string,
  path: Path,
  target: Target | undefined,
): readonly Patch[] {
  const at = context.fields.at(path);
  const why = "What it changes is not known: check what `kubectl kustomize` writes.";
  const file = namedFile(context, "patch", { name, at, why });
  if (file === undefined) return [];
  const { documents, leftOut } = readDocuments(file);
  context.leftOut.push(...leftOut);
  return documents.map(({ data, place }) => ({ tree: treeOf(data, place), target, at }));
}

function applied(
  { leftOut }: KustomizationContext,
  objects: readonly Built[],
  patch: Patch,
): readonly Built[] {
  let found = false;
  const all = objects.flatMap((one) => {
    if (!isTarget(one, patch)) return [one];
    found = true;
    const tree = Array.isArray(patch.tree.data) ? jsonPatched(one, patch, leftOut) : merged(one, patch);
    return tree === undefined ? [] : [{ ...one, tree }];
  });
  // One with a target may match nothing.
  if (!found && patch.target === undefined)
    leftOut.push({
      what: "the patch matches no object",
      why: "`kubectl kustomize` refuses it, unless the object is in a file that is not here.",
      severity: "note",
      at: patch.at,
    });
  return all;
}

function merged({ tree, apiVersion }: Built, patch: Patch): Tree | undefined {
  const after = isRecord(patch.tree.data) ? strategicMerge(tree, patch.tree, apiVersion) : tree;
  if (after === undefined) return undefined;
  // A patch selects an object by its name, and does not rename it.
  return [["kind"], ["apiVersion"], ["metadata", "name"]].reduce((at, path) => {
    const own = descendant(tree, path);
    return own === undefined ? at : withValue(at, path, own);
  }, after);
}

function jsonPatched({ tree }: Built, patch: Patch, leftOut: LeftOut[]): Tree {
  const result = applyJsonPatch(tree, patch.tree);
  if ("tree" in result) return result.tree;
  leftOut.push({
    what: `a JSON patch cannot be applied: ${result.problem}`,
    why: "`kubectl kustomize` refuses the kustomization; the object was checked without this patch.",
    // Resources outside of the folder may contain what the patch changes.
    severity: leftOut.some(({ what }) => what.endsWith("is not in this folder")) ? "note" : "error",
    at: patch.at,
  });
  return tree;
}

function isTarget(one: Built, { tree, target }: Patch): boolean {
  const [group, version] = splitVersion(one.apiVersion);
  if (target !== undefined) {
    return (
      [one.name, ...one.names].some((name) => matches(target.name, name)) &&
      matches(target.kind, one.kind) &&
      matches(target.namespace, one.namespace) &&
      (target.group === undefined || target.group === group) &&
      (target.version === undefined || target.version === version) &&
      matchesLabels(target.labelSelector, one.tree)
    );
  }
  if (!isRecord(tree.data)) return false;
  const metadata = childOf(tree, "metadata");
  const wanted = (name: string): unknown => metadata && childOf(metadata, name)?.data;
  const namespace = wanted("namespace");
  return (
    tree.data.kind === one.kind &&
    splitVersion(String(tree.data.apiVersion))[0] === group &&
    [one.name, ...one.names].includes(String(wanted("name"))) &&
    (namespace === undefined || namespace === one.namespace || one.namespace === "default")
  );
}

function splitVersion(apiVersion: string): readonly [group: string, version: string] {
  const [group = "", version] = apiVersion.split("/");
  return version === undefined ? ["", group] : [group, version];
}

/** Regular expressions over the whole value; one that could take long is compared as text. */
function matches(pattern: unknown, value: string): boolean {
  if (typeof pattern !== "string" || pattern === "") return true;
  if (!/^[\w.*|\-()^$]+$/.test(pattern) || /[*+)][*+]|\*.*\*.*\*/.test(pattern)) return pattern === value;
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return pattern === value;
  }
}

function matchesLabels(selector: unknown, tree: Tree): boolean {
  if (typeof selector !== "string") return true;
  const metadata = childOf(tree, "metadata");
  const labels = metadata && childOf(metadata, "labels")?.data;
  return selector.split(",").every((term) => {
    const [key = "", value] = term.split(/==?/).map((part) => part.trim());
    return isRecord(labels) && (value === undefined ? key in labels : labels[key] === value);
  });
}
