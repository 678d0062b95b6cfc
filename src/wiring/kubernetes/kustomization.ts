// kustomization.yaml: its namespace and the ConfigMaps that it generates are applied; its other changes are reported.
import { posix } from "node:path";
import { isRecord, type Path } from "../../source/data.ts";
import type { Position } from "../../source/position.ts";
import type { SourceFile } from "../../source/source-file.ts";
import type { KubernetesObject, LeftOut } from "../wiring.ts";
import { type Fields, fieldsOf } from "./fields.ts";
import { readDocuments, type YamlDocument } from "./read-documents.ts";

export interface Kustomization {
  readonly object: KubernetesObject;
  /** Files and folders that it takes, as findings name them. */
  readonly resources: readonly string[];
  readonly namespace?: string | undefined;
  /** Made from files and literals; under their plain names, which references are written with too. */
  readonly generated: readonly KubernetesObject[];
}

export function isKustomization({ file }: SourceFile): boolean {
  return /^(?:kustomization\.ya?ml|Kustomization)$/.test(posix.basename(file));
}

export function readKustomization(
  source: SourceFile,
  files: ReadonlyMap<string, SourceFile>,
  leftOut: LeftOut[],
): Kustomization | undefined {
  const read = readDocuments(source);
  leftOut.push(...read.leftOut);
  const object = objectOf(source, read.documents[0]);
  if (object === undefined) return undefined;
  noteWhatIsNotApplied(object, leftOut);
  const fields = fieldsOf(object, leftOut);
  const folder: Folder = {
    fields,
    files,
    leftOut,
    pathOf: (name) => posix.normalize(posix.join(posix.dirname(source.file), name)),
  };
  const listed = ["resources", "bases"]
    .flatMap((name) => fields.items([name]))
    .flatMap((path) => fields.text(path) ?? []);
  for (const { value, at } of listed) {
    const path = folder.pathOf(value);
    if (files.has(path) || [...files.keys()].some((file) => file.startsWith(`${path}/`))) continue;
    leftOut.push({
      what: `the resource ${value} is not in this folder`,
      why: "Its content is not taken into account.",
      severity: "note",
      at: at ?? object.at,
    });
  }
  return {
    object,
    resources: listed.map(({ value }) => folder.pathOf(value)),
    namespace: fields.text(["namespace"])?.value,
    generated: fields.items(["configMapGenerator"]).flatMap((path) => generated(folder, path) ?? []),
  };
}

interface Folder {
  readonly fields: Fields;
  readonly files: ReadonlyMap<string, SourceFile>;
  readonly leftOut: LeftOut[];
  /** Of a name in the kustomization. */
  readonly pathOf: (name: string) => string;
}

/** `apiVersion` and `kind` are optional in a kustomization. */
function objectOf({ file }: SourceFile, document: YamlDocument | undefined): KubernetesObject | undefined {
  if (document === undefined || !isRecord(document.data)) return undefined;
  const { data, place } = document;
  return {
    apiVersion: typeof data.apiVersion === "string" ? data.apiVersion : "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    namespace: "default",
    name: "",
    data,
    place,
    at: place(["kind"]) ?? place([]) ?? { file, line: 1, column: 1 },
  };
}

/** The ConfigMap of one entry of `configMapGenerator`. */
function generated(folder: Folder, path: Path): KubernetesObject | undefined {
  const { fields } = folder;
  const name = fields.text([...path, "name"])?.value;
  if (name === undefined) return undefined;
  const entries = [
    ...fields.items([...path, "files"]).flatMap((item) => fileEntry(folder, name, item) ?? []),
    ...fields.items([...path, "literals"]).flatMap((item) => {
      const [key, value] = splitOnce(fields.text(item)?.value ?? "") ?? [];
      return key === undefined || value === undefined ? [] : [{ key, value, at: fields.at(item) }];
    }),
  ];
  const data = Object.fromEntries(entries.map(({ key, value }) => [key, value]));
  const places = new Map(entries.map(({ key, at }) => [key, at]));
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    namespace: fields.text([...path, "namespace"])?.value ?? "default",
    name,
    data: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data },
    place: (of) => (of[0] === "data" && of.length === 2 ? places.get(String(of[1])) : fields.at(path)),
    at: fields.at(path),
  };
}

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly at: Position;
}

/** `errors.http`, or `KEY=errors.http` */
function fileEntry({ fields, files, leftOut, pathOf }: Folder, name: string, item: Path): Entry | undefined {
  const written = fields.text(item);
  if (written === undefined) return undefined;
  const [key, from] = splitOnce(written.value) ?? [posix.basename(written.value), written.value];
  const file = files.get(pathOf(from));
  if (file !== undefined) return { key, value: file.text, at: { file: file.file, line: 1, column: 1 } };
  leftOut.push({
    what: `the file ${from} is not in this folder`,
    why: `The content of ConfigMap ${name} is not known.`,
    severity: "note",
    at: written.at ?? fields.at(item),
  });
  return undefined;
}

/** Sets the namespace of objects from their kustomizations, the outermost one last. */
export function applyNamespaces(
  objects: readonly KubernetesObject[],
  kustomizations: readonly Kustomization[],
): readonly KubernetesObject[] {
  const spaces = new Map<string, string>();
  for (const one of kustomizations.toSorted((a, b) => depth(b) - depth(a))) {
    if (one.namespace === undefined) continue;
    for (const { at } of [...objects, ...kustomizations.flatMap(({ generated }) => generated)])
      if (takes(one, at.file, kustomizations, new Set())) spaces.set(at.file, one.namespace);
  }
  return objects.map((object) => {
    const namespace = spaces.get(object.at.file);
    return namespace === undefined ? object : { ...object, namespace };
  });
}

/** Overlays are next to or above their resources: one that others use is deeper. */
function depth({ object }: Kustomization): number {
  return object.at.file.split("/").length;
}

function takes(
  one: Kustomization,
  file: string,
  all: readonly Kustomization[],
  seen: Set<Kustomization>,
): boolean {
  if (seen.has(one)) return false;
  seen.add(one);
  if (one.object.at.file === file) return true;
  return one.resources.some(
    (resource) =>
      resource === file ||
      all.some((other) => posix.dirname(other.object.at.file) === resource && takes(other, file, all, seen)),
  );
}

const NOT_APPLIED = [
  "namePrefix",
  "nameSuffix",
  "commonLabels",
  "labels",
  "images",
  "replicas",
  "patches",
  "patchesStrategicMerge",
  "patchesJson6902",
  "replacements",
  "components",
  "transformers",
  "generators",
  "helmCharts",
];

function noteWhatIsNotApplied(object: KubernetesObject, leftOut: LeftOut[]): void {
  for (const name of NOT_APPLIED) {
    const at = Object.hasOwn(object.data, name) ? object.place([name], { key: true }) : undefined;
    if (at === undefined) continue;
    leftOut.push({
      what: `\`${name}\` of a kustomization is not applied`,
      why: "The objects are read as their files have them: check what `kubectl kustomize` writes.",
      severity: "note",
      at,
    });
  }
}

function splitOnce(text: string): [string, string] | undefined {
  const at = text.indexOf("=");
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}
