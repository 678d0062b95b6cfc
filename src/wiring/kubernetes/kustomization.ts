// kustomization.yaml: its namespace and the ConfigMaps it makes are applied; what else it changes is said.
import { posix } from "node:path";
import { isRecord } from "../../source/data.ts";
import type { SourceFile } from "../../source/source-file.ts";
import type { KubernetesObject, LeftOut } from "../wiring.ts";
import { fieldsOf } from "./fields.ts";
import { readDocuments } from "./read-documents.ts";

export interface Kustomization {
  readonly object: KubernetesObject;
  /** Files and folders that it takes, as findings name them. */
  readonly resources: readonly string[];
  readonly namespace: string | null;
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
  const document = read.documents[0];
  if (document === undefined || !isRecord(document.data)) return undefined;
  const at = document.place([]) ?? { file: source.file, line: 1, column: 1 };
  const object: KubernetesObject = {
    apiVersion:
      typeof document.data.apiVersion === "string"
        ? document.data.apiVersion
        : "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    namespace: "default",
    name: "",
    data: document.data,
    place: document.place,
    at: document.place(["kind"]) ?? at,
  };
  noteWhatIsNotApplied(object, leftOut);
  const fields = fieldsOf(object, leftOut);
  const below = (path: string): string => posix.normalize(posix.join(posix.dirname(source.file), path));
  const listed = ["resources", "bases"]
    .flatMap((name) => fields.items([name]))
    .flatMap((path) => fields.text(path) ?? []);
  for (const { value, at: place } of listed) {
    const path = below(value);
    if (files.has(path) || [...files.keys()].some((file) => file.startsWith(`${path}/`))) continue;
    leftOut.push({
      what: `the resource ${value} is not in this folder`,
      why: "What it describes is not taken into account.",
      severity: "note",
      at: place ?? at,
    });
  }
  return {
    object,
    resources: listed.map(({ value }) => below(value)),
    namespace: fields.text(["namespace"])?.value ?? null,
    generated: fields.items(["configMapGenerator"]).flatMap((path) => generate(path) ?? []),
  };

  function generate(path: readonly (string | number)[]): KubernetesObject | undefined {
    const name = fields.text([...path, "name"])?.value;
    if (name === undefined) return undefined;
    const data: Record<string, string> = {};
    const places = new Map<string, KubernetesObject["at"]>();
    for (const item of fields.items([...path, "files"])) {
      const written = fields.text(item);
      if (written === null) continue;
      const [key, from] = splitOnce(written.value) ?? [posix.basename(written.value), written.value];
      const file = files.get(below(from));
      if (file === undefined) {
        leftOut.push({
          what: `the file ${from} is not in this folder`,
          why: `What ConfigMap ${name} holds of it is not known.`,
          severity: "note",
          at: written.at ?? at,
        });
        continue;
      }
      data[key] = file.text;
      places.set(key, { file: file.file, line: 1, column: 1 });
    }
    for (const item of fields.items([...path, "literals"])) {
      const [key, value] = splitOnce(fields.text(item)?.value ?? "") ?? [];
      if (key === undefined || value === undefined) continue;
      data[key] = value;
      places.set(key, fields.at(item));
    }
    return {
      apiVersion: "v1",
      kind: "ConfigMap",
      namespace: fields.text([...path, "namespace"])?.value ?? "default",
      name,
      data: { apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data },
      place: (of) =>
        of[0] === "data" && of.length === 2 ? (places.get(String(of[1])) ?? null) : fields.at(path),
      at: fields.at(path),
    };
  }
}

/** Gives objects the namespace that kustomizations give them, the outermost one last. */
export function applyNamespaces(
  objects: readonly KubernetesObject[],
  kustomizations: readonly Kustomization[],
): readonly KubernetesObject[] {
  const spaces = new Map<string, string>();
  for (const one of kustomizations.toSorted((a, b) => depth(b) - depth(a))) {
    if (one.namespace === null) continue;
    for (const { at } of [...objects, ...kustomizations.flatMap(({ generated }) => generated)])
      if (takes(one, at.file, kustomizations, new Set())) spaces.set(at.file, one.namespace);
  }
  return objects.map((object) => {
    const namespace = spaces.get(object.at.file);
    return namespace === undefined ? object : { ...object, namespace };
  });
}

/** Overlays lie beside or above what they take: one that others take is further in. */
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
    const at = Object.hasOwn(object.data, name) ? object.place([name], { key: true }) : null;
    if (at === null) continue;
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
