// kustomization.yaml: its resources, and the fields that change them.
import { posix } from "node:path";
import { isRecord } from "../../../source/data.ts";
import type { Position } from "../../../source/position.ts";
import type { SourceFile } from "../../../source/source-file.ts";
import type { KubernetesObject, LeftOut } from "../../wiring.ts";
import { type Fields, fieldsOf } from "../fields.ts";
import { readDocuments, type YamlDocument } from "../read-documents.ts";
import { patchFiles } from "./patches.ts";

export interface Kustomization {
  readonly object: KubernetesObject;
  readonly fields: Fields;
  /** A component changes the objects of the kustomization that names it. */
  readonly isComponent: boolean;
  /** The folder that it is in. */
  readonly folder: string;
  /** The path of a file name in the kustomization. */
  readonly pathOf: (name: string) => string;
  /** Files and folders, as findings name them. */
  readonly resources: readonly Listed[];
  readonly components: readonly Listed[];
  /** Files that are patches, not objects. */
  readonly patches: readonly string[];
}

export interface Listed {
  readonly written: string;
  readonly path: string;
  readonly at: Position;
}

export function isKustomization({ file }: SourceFile): boolean {
  return /^(?:kustomization\.ya?ml|Kustomization)$/.test(posix.basename(file));
}

export function readKustomization(source: SourceFile, leftOut: LeftOut[]): Kustomization | undefined {
  const read = readDocuments(source);
  leftOut.push(...read.leftOut);
  const object = objectOf(source, read.documents[0]);
  if (object === undefined) return undefined;
  const fields = fieldsOf(object, leftOut);
  const folder = posix.dirname(source.file);
  const pathOf = (name: string): string => posix.normalize(posix.join(folder, name)).replace(/(?!^)\/$/, "");
  const listed = (...names: readonly string[]): readonly Listed[] =>
    names
      .flatMap((name) => fields.items([name]))
      .flatMap((path) => {
        const text = fields.text(path);
        if (text === undefined) return [];
        return [{ written: text.value, path: pathOf(text.value), at: text.at ?? object.at }];
      });
  return {
    object,
    fields,
    isComponent: object.data.kind === "Component",
    folder,
    pathOf,
    resources: listed("resources", "bases"),
    components: listed("components"),
    patches: patchFiles(fields, pathOf),
  };
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
