// The Kubernetes objects of a file: documents, and the items of lists.
import { isRecord, type Path } from "../../source/data.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { notALayer } from "../not-a-layer.ts";
import { isOtherData } from "../parts.ts";
import type { KubernetesObject, LeftOut } from "../wiring.ts";
import { type Place, readDocuments } from "./read-documents.ts";

export interface ReadObjects {
  readonly objects: readonly KubernetesObject[];
  readonly leftOut: readonly LeftOut[];
}

/** Never fails. Anything other than a Kubernetes object is left out with a note. */
export function readObjects(file: SourceFile): ReadObjects {
  if (isOtherData(file))
    return { objects: [], leftOut: [notALayer({ file: file.file, line: 1, column: 1 })] };
  const { documents, leftOut } = readDocuments(file, { objects: true });
  const read: Read = { file: file.file, objects: [], leftOut: [...leftOut] };
  for (const { data, place } of documents) readObject(read, data, place, [], "");
  return read;
}

interface Read {
  readonly file: string;
  readonly objects: KubernetesObject[];
  readonly leftOut: LeftOut[];
}

/** Settings of other tools, and Portico's own record of what it rendered: hidden files, and folders of CI and editors. */
function isOtherTools(file: string): boolean {
  return /(?:^|\/)\.(?:[^./][^/]*$|(?:github|gitlab|circleci|vscode|idea)\/)/.test(file);
}

/** Requests and invariants for `portico test --layers`, kept next to the layers that they are about. */
function isExpectations(data: unknown): boolean {
  if (Array.isArray(data)) return data.length > 0 && data.every(isExpectation);
  if (!isRecord(data)) return false;
  const { expect = [], invariants = [], ...others } = data;
  const [requests, statements] = [expect, invariants];
  if (!Array.isArray(requests) || !Array.isArray(statements) || Object.keys(others).length > 0) return false;
  return (
    requests.length + statements.length > 0 && requests.every(isExpectation) && statements.every(isInvariant)
  );
}

function isExpectation(item: unknown): boolean {
  return isRecord(item) && [item.get, item.request].some((request) => typeof request === "string");
}

function isInvariant(item: unknown): boolean {
  return isRecord(item) && (isRecord(item.never) || isRecord(item.always));
}

function readObject(read: Read, data: unknown, place: Place, path: Path, listKind: string): void {
  const at = place(path) ?? { file: read.file, line: 1, column: 1 };
  const kind = isRecord(data) ? (data.kind ?? impliedKind(listKind)) : undefined;
  const apiVersion = isRecord(data) ? (data.apiVersion ?? (listKind === "" ? undefined : "v1")) : undefined;
  if (!isRecord(data) || typeof kind !== "string" || typeof apiVersion !== "string") {
    if (isOtherTools(read.file) || isExpectations(data)) return;
    read.leftOut.push(notALayer(at));
    return;
  }
  if (kind.endsWith("List") && Array.isArray(data.items)) {
    for (const [index, item] of data.items.entries())
      readObject(read, item, place, [...path, "items", index], kind);
    return;
  }
  const metadata = isRecord(data.metadata) ? data.metadata : {};
  const { name, namespace } = metadata;
  if (typeof name !== "string" && name !== undefined)
    read.leftOut.push({
      what: "a name is not text",
      why: `The API server refuses this ${kind}: put the name in quotes.`,
      severity: "error",
      at: place([...path, "metadata", "name"]) ?? at,
    });
  const kindAt = place([...path, "kind"]) ?? at;
  read.objects.push({
    apiVersion,
    kind,
    namespace: typeof namespace === "string" && namespace !== "" ? namespace : "default",
    name: name === undefined || name === null ? "" : String(name),
    data,
    place: path.length === 0 ? place : (below, options) => place([...path, ...below], options),
    at: kindAt,
  });
}

/** The items of a `DeploymentList` may omit `apiVersion` and `kind`. */
function impliedKind(listKind: string): string | undefined {
  return listKind === "" || listKind === "List" ? undefined : listKind.slice(0, -"List".length);
}
