// Builds the objects of kustomizations as `kubectl kustomize` does; unsupported fields are reported.
import { posix } from "node:path";
import { isRecord, valueAt } from "../../../source/data.ts";
import { MAX_OBJECTS, shownLimit } from "../../../source/limits.ts";
import type { SourceFile } from "../../../source/source-file.ts";
import type { KubernetesObject, LeftOut } from "../../wiring.ts";
import { generated } from "./generate.ts";
import type { Kustomization, Listed } from "./kustomization.ts";
import { patched } from "./patches.ts";
import {
  type Built,
  type ImageChange,
  renamed,
  scalar,
  withAnnotations,
  withImages,
  withLabels,
  withNamespace,
  withReplicas,
} from "./transform.ts";
import { placeIn, type Tree, treeOf } from "./tree.ts";

export interface BuildInput {
  readonly kustomizations: readonly Kustomization[];
  /** Objects as written in their files. */
  readonly written: readonly KubernetesObject[];
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly leftOut: LeftOut[];
}

/**
 * Objects outside of kustomizations unchanged, and the objects of the outermost kustomizations. Overlays of the same objects are
 * for different clusters: one overlay is built, and a note names the others.
 */
export function buildKustomizations(input: BuildInput): readonly KubernetesObject[] {
  const { kustomizations, written } = input;
  if (kustomizations.length === 0) return written;
  const byFile = Map.groupBy(written, ({ at }) => at.file);
  const byFolder = new Map(kustomizations.map((one) => [one.folder, one]));
  const build: Build = { ...input, byFile, byFolder, folders: foldersOf(input.files), work: 0 };
  const inner = new Set(
    kustomizations.flatMap(({ resources, components }) =>
      [...resources, ...components].map(({ path }) => path),
    ),
  );
  const roots = kustomizations.filter(({ folder, isComponent }) => !inner.has(folder) && !isComponent);
  const reached = new Map(kustomizations.map((one) => [one, filesOf(build, one, new Set())]));
  const chosen = chosenRoots(roots, reached, input.leftOut);
  for (const one of kustomizations) noteWhatIsNotApplied(build, one);
  const owned = new Set([...reached.values()].flatMap((files) => [...files]));
  return [
    ...chosen.flatMap((root) => objectsOf(build, root, new Set()).map(objectOf)),
    ...written.filter((object) => {
      if (owned.has(object.at.file)) return false;
      if (!isFragment(object) || !kustomizations.some(({ folder }) => isBelow(object.at.file, folder)))
        return true;
      input.leftOut.push(unusedPatch(object));
      return false;
    }),
  ];
}

/** A workload without the fields that the API server requires is a patch. */
function isFragment({ kind, data }: KubernetesObject): boolean {
  if (!/^(?:Deployment|DaemonSet|StatefulSet|ReplicaSet)$/.test(kind)) return false;
  return valueAt(data, ["spec", "selector"]) === undefined;
}

function isBelow(file: string, folder: string): boolean {
  return folder === "." || file.startsWith(`${folder}/`);
}

function unusedPatch({ at }: KubernetesObject): LeftOut {
  return {
    what: "is a part of an object that no kustomization uses",
    why: "It looks like a patch: a kustomization in the folders above does not name it.",
    severity: "note",
    at,
  };
}

interface Build extends BuildInput {
  readonly byFile: ReadonlyMap<string, readonly KubernetesObject[]>;
  readonly byFolder: ReadonlyMap<string, Kustomization>;
  /** The folders of the files that were read. */
  readonly folders: ReadonlySet<string>;
  /** Objects changed so far: the limit stops kustomizations that include each other many times. */
  work: number;
}

function foldersOf(files: ReadonlyMap<string, SourceFile>): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const file of files.keys())
    for (let folder = posix.dirname(file); !folders.has(folder); folder = posix.dirname(folder))
      folders.add(folder);
  return folders;
}

/** Files whose objects belong to a kustomization. */
function filesOf(build: Build, one: Kustomization, seen: Set<Kustomization>): ReadonlySet<string> {
  if (seen.has(one)) return new Set();
  seen.add(one);
  return new Set(
    [...one.resources, ...one.components].flatMap(({ path }) => {
      if (build.byFile.has(path)) return [path];
      const inner = build.byFolder.get(path);
      return inner === undefined ? [] : [...filesOf(build, inner, seen)];
    }),
  );
}

function chosenRoots(
  roots: readonly Kustomization[],
  reached: ReadonlyMap<Kustomization, ReadonlySet<string>>,
  leftOut: LeftOut[],
): readonly Kustomization[] {
  const chosen: Kustomization[] = [];
  const taken = new Map<string, Kustomization>();
  for (const root of roots.toSorted((a, b) => rank(a) - rank(b) || (a.folder < b.folder ? 1 : -1))) {
    const files = [...(reached.get(root) ?? [])];
    const other = files.map((file) => taken.get(file)).find((one) => one !== undefined);
    if (other !== undefined) {
      leftOut.push(notChosen(root, other));
      continue;
    }
    chosen.push(root);
    for (const file of files) taken.set(file, root);
  }
  return chosen.toReversed();
}

/** Production overlays first. */
function rank({ folder }: Kustomization): number {
  return /(?:^|[/_-])(?:prod|production|prd|live)(?:[/_-]|$)/i.test(folder) ? 0 : 1;
}

function notChosen({ folder, object }: Kustomization, other: Kustomization): LeftOut {
  return {
    what: `the overlay ${folder} is not examined: it changes the same objects as ${other.folder}`,
    why: `The objects of ${other.folder} were checked. Check what \`kubectl kustomize ${folder}\` writes.`,
    severity: "note",
    at: { ...object.at, line: 1, column: 1 },
  };
}

function objectsOf(build: Build, one: Kustomization, above: ReadonlySet<Kustomization>): readonly Built[] {
  if (above.has(one) || build.work === Number.POSITIVE_INFINITY) return [];
  const inside = new Set([...above, one]);
  const own = (of: Kustomization): readonly Built[] =>
    of.resources.flatMap((resource) => resourceObjects(build, resource, inside));
  let objects = own(one);
  for (const { path } of one.components) {
    const component = build.byFolder.get(path);
    if (component !== undefined && !inside.has(component))
      objects = changed(build, component, [...objects, ...own(component)]);
  }
  return changed(build, one, objects);
}

function resourceObjects(
  build: Build,
  { path }: Listed,
  inside: ReadonlySet<Kustomization>,
): readonly Built[] {
  const inner = build.byFolder.get(path);
  if (inner !== undefined) return objectsOf(build, inner, inside);
  return (build.byFile.get(path) ?? []).map((object) => ({
    tree: treeOf(object.data, object.place),
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.name,
    names: [],
    namespace: object.namespace,
    at: object.at,
  }));
}

/** All changes of one kustomization, in the order of kustomize. */
function changed(build: Build, one: Kustomization, before: readonly Built[]): readonly Built[] {
  const { fields, pathOf } = one;
  build.work += 1 + before.length * (1 + one.patches.length);
  if (build.work > MAX_WORK) {
    if (build.work < Number.POSITIVE_INFINITY) build.leftOut.push(tooMuch(one));
    build.work = Number.POSITIVE_INFINITY;
    return [];
  }
  const context = { fields, pathOf, files: build.files, leftOut: build.leftOut };
  let objects = patched(context, generated(context, before));
  const namespace = fields.text(["namespace"]);
  if (namespace !== undefined)
    objects = objects.map((each) => withNamespace(each, namespace.value, namespace.at ?? one.object.at));
  const [prefix, suffix] = ["namePrefix", "nameSuffix"].map((name) => fields.text([name])?.value ?? "");
  if (prefix || suffix) objects = renamed(objects, prefix ?? "", suffix ?? "");
  objects = labelled(one, objects);
  objects = counted(one, objects);
  const images = imagesOf(one);
  return images.length === 0
    ? objects
    : objects.map((each) => ({ ...each, tree: withImages(each.tree, images) }));
}

const MAX_WORK = MAX_OBJECTS * 20;

function tooMuch({ object }: Kustomization): LeftOut {
  return {
    what: `not built to the end: kustomizations change more than ${shownLimit(MAX_WORK)} objects`,
    why: "Objects of this kustomization were not examined. Check the folders one by one.",
    severity: "error",
    at: object.at,
  };
}

function labelled({ fields }: Kustomization, objects: readonly Built[]): readonly Built[] {
  const entriesAt = (path: readonly (string | number)[]): readonly (readonly [string, Tree])[] =>
    Object.entries(fields.strings(path)).map(([key, value]) => [
      key,
      scalar(value, fields.at([...path, key])),
    ]);
  const common = entriesAt(["commonLabels"]);
  const annotations = entriesAt(["commonAnnotations"]);
  let all = objects;
  if (common.length > 0)
    all = all.map((one) => withLabels(one, common, { selectors: true, templates: true }));
  for (const path of fields.items(["labels"])) {
    const pairs = entriesAt([...path, "pairs"]);
    const [selectors, templates] = ["includeSelectors", "includeTemplates"].map(
      (name) => fields.flag([...path, name])?.value === true,
    );
    all = all.map((one) =>
      withLabels(one, pairs, { selectors: selectors === true, templates: templates === true }),
    );
  }
  return annotations.length === 0 ? all : all.map((one) => withAnnotations(one, annotations));
}

function counted({ fields }: Kustomization, objects: readonly Built[]): readonly Built[] {
  let all = objects;
  for (const path of fields.items(["replicas"])) {
    const [name, count] = [fields.text([...path, "name"]), fields.number([...path, "count"])];
    if (name === undefined || count === undefined) continue;
    all = all.map((one) => withReplicas(one, name.value, count.value, count.at ?? fields.at(path)));
  }
  return all;
}

function imagesOf({ fields }: Kustomization): readonly ImageChange[] {
  return fields.items(["images"]).flatMap((path) => {
    const text = (name: string): string | undefined => {
      const value = fields.raw([...path, name]);
      return value === undefined || value === null || value === "" ? undefined : String(value);
    };
    const name = text("name");
    if (name === undefined) return [];
    return [
      { name, newName: text("newName"), newTag: text("newTag"), digest: text("digest"), at: fields.at(path) },
    ];
  });
}

function objectOf({ tree, apiVersion, kind, name, namespace, at }: Built): KubernetesObject {
  return {
    apiVersion,
    kind,
    name,
    namespace,
    data: isRecord(tree.data) ? tree.data : {},
    place: placeIn(tree),
    at,
  };
}

const NOT_APPLIED = [
  "replacements",
  "transformers",
  "generators",
  "vars",
  "configurations",
  "helmCharts",
  "helmChartInflationGenerator",
];

function noteWhatIsNotApplied(
  build: Build,
  { object, resources, components, isComponent }: Kustomization,
): void {
  for (const name of NOT_APPLIED) {
    const at = Object.hasOwn(object.data, name) ? object.place([name], { key: true }) : undefined;
    if (at === undefined) continue;
    build.leftOut.push({
      what: `\`${name}\` of a kustomization is not applied`,
      why: "The objects were checked without it; the other fields were applied. Check what `kubectl kustomize` writes.",
      severity: "note",
      at,
    });
  }
  for (const { written, path, at } of [...resources, ...components]) {
    if (build.files.has(path) || build.folders.has(path)) continue;
    build.leftOut.push({
      what: `the resource ${written} is not in this folder`,
      why: "Its content is not taken into account.",
      severity: "note",
      at,
    });
  }
  const named = new Set(build.kustomizations.flatMap((one) => one.components.map(({ path }) => path)));
  if (isComponent && !named.has(posix.dirname(object.at.file)))
    build.leftOut.push({
      what: "no kustomization names this component",
      why: "Its changes and resources were not applied.",
      severity: "note",
      at: object.at,
    });
}
