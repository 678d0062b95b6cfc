// Mutants of Kubernetes manifests: every scalar that is a port, protocol, probe, name, number or time.
import { isMap, isScalar, isSeq, type Node, parseAllDocuments } from "yaml";
import type { EmittedFile } from "../../src/emit/file.ts";
import { type Change, type Mutant, mutantAt } from "./mutant.ts";

type Path = readonly (string | number)[];

export function yamlMutants(file: EmittedFile): readonly Mutant[] {
  const mutants: Mutant[] = [];
  for (const document of parseAllDocuments(file.content)) {
    if ("contents" in document) walk(document.contents as Node | null, [], mutants, file);
  }
  return mutants;
}

function walk(node: Node | null, path: Path, mutants: Mutant[], file: EmittedFile): void {
  if (isMap(node))
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : "";
      // Configuration texts are mutated as haproxy.cfg or as a map.
      if (path[0] === "data" || path[0] === "binaryData") continue;
      walk(value as Node | null, [...path, name], mutants, file);
    }
  else if (isSeq(node))
    for (const [index, item] of node.items.entries()) walk(item as Node, [...path, index], mutants, file);
  else if (isScalar(node) && node.range) {
    const [from, to] = node.range;
    for (const change of changesOf(node.value, path)) mutants.push(mutantAt(file, from, to, change));
  }
}

const TIME = /(Seconds|Period|Delay|seconds)$/;
const OTHERS: Readonly<Record<string, string>> = {
  TCP: "UDP",
  NodePort: "ClusterIP",
  LoadBalancer: "ClusterIP",
  ClusterIP: "NodePort",
  Cluster: "Local",
  Local: "Cluster",
};

function changesOf(value: unknown, path: Path): readonly Change[] {
  const key = String(path.at(-1));
  const probe = path.some((part) => /Probe$/.test(String(part)));
  if (typeof value === "number") {
    const kind = probe ? "health check" : TIME.test(key) ? "time" : /[pP]ort$/.test(key) ? "port" : "number";
    return [{ kind, after: String(value + 1) }];
  }
  if (typeof value === "boolean") return [{ kind: "number", after: String(!value) }];
  if (typeof value !== "string" || value === "") return [];
  const other = OTHERS[value];
  if (other !== undefined) return [{ kind: "protocol", after: other }];
  // Names of annotations are names; their content is a value.
  const kind = probe ? "health check" : /[pP]ort$/.test(key) ? "port" : "name";
  return [
    {
      kind,
      after: /^[\w.-]+$/.test(value) && !/^\d/.test(value) ? `${value}x` : JSON.stringify(`${value}x`),
    },
  ];
}
