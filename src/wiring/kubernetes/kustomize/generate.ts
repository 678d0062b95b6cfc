// ConfigMaps and Secrets that a kustomization generates; for Secrets only the keys, not the values.
import { posix } from "node:path";
import type { Path } from "../../../source/data.ts";
import type { Position } from "../../../source/position.ts";
import { type KustomizationContext, namedFile } from "./named-files.ts";
import { type Built, scalar } from "./transform.ts";
import { childOf, childrenOf, mapOf, withValue } from "./tree.ts";

interface Entry {
  readonly key: string;
  readonly value: string;
  readonly at: Position;
}

/** The objects of one kustomization's generators, joined to those that exist with `behavior: merge`. */
export function generated(context: KustomizationContext, before: readonly Built[]): readonly Built[] {
  let all = before;
  for (const kind of ["ConfigMap", "Secret"] as const)
    for (const path of context.fields.items([
      kind === "ConfigMap" ? "configMapGenerator" : "secretGenerator",
    ])) {
      const made = oneGenerated(context, kind, path);
      if (made === undefined) continue;
      const behaviour = context.fields.text([...path, "behavior"])?.value;
      const known = all.findIndex(
        (one) => one.kind === kind && (one.name === made.name || one.names.includes(made.name)),
      );
      const existing = all[known];
      if (existing === undefined || (behaviour !== "merge" && behaviour !== "replace")) all = [...all, made];
      else
        all = all.with(
          known,
          behaviour === "merge" ? mergedData(existing, made) : { ...made, name: existing.name },
        );
    }
  return all;
}

function mergedData(existing: Built, made: Built): Built {
  const data = childOf(made.tree, "data");
  const entries = data === undefined ? [] : childrenOf(data);
  const tree = entries.reduce((at, [key, value]) => withValue(at, ["data", key], value), existing.tree);
  return { ...existing, tree };
}

function oneGenerated(
  context: KustomizationContext,
  kind: "ConfigMap" | "Secret",
  path: Path,
): Built | undefined {
  const { fields } = context;
  const name = fields.text([...path, "name"])?.value;
  if (name === undefined) return undefined;
  const namespace = fields.text([...path, "namespace"])?.value ?? "default";
  const at = fields.at(path);
  const entries = entriesOf(context, kind, name, path);
  const shown = (value: string): string => (kind === "Secret" ? "" : value);
  const empty = scalar({}, at);
  const data = mapOf(
    entries.map(({ key, value, at }) => [key, scalar(shown(value), at)]),
    empty,
  );
  const metadata = mapOf([["name", scalar(name, at)]], empty);
  const type = fields.text([...path, "type"]);
  const tree = mapOf(
    [
      ["apiVersion", scalar("v1", at)],
      ["kind", scalar(kind, at)],
      ["metadata", metadata],
      ...(type === undefined ? [] : [["type", scalar(type.value, type.at ?? at)] as const]),
      ["data", data],
    ],
    empty,
  );
  return { tree, apiVersion: "v1", kind, name, names: [], namespace, at };
}

function entriesOf(
  context: KustomizationContext,
  kind: "ConfigMap" | "Secret",
  name: string,
  path: Path,
): readonly Entry[] {
  const { fields } = context;
  const literals = fields.items([...path, "literals"]).flatMap((item) => {
    const [key, value] = splitOnce(fields.text(item)?.value ?? "") ?? [];
    return key === undefined || value === undefined
      ? []
      : [{ key, value: unquoted(value), at: fields.at(item) }];
  });
  const envs = [
    ...fields.items([...path, "envs"]),
    ...(fields.has([...path, "env"]) ? [[...path, "env"]] : []),
  ];
  return [
    ...fields.items([...path, "files"]).flatMap((item) => fileEntry(context, kind, name, item) ?? []),
    ...literals,
    ...envs.flatMap((item) => envEntries(context, name, item)),
  ];
}

/** `errors.http`, or `KEY=errors.http`. Files of a Secret are not read. */
function fileEntry(
  context: KustomizationContext,
  kind: "ConfigMap" | "Secret",
  name: string,
  item: Path,
): Entry | undefined {
  const { fields } = context;
  const written = fields.text(item);
  if (written === undefined) return undefined;
  const [key, from] = splitOnce(written.value) ?? [posix.basename(written.value), written.value];
  const at = written.at ?? fields.at(item);
  if (kind === "Secret") return { key, value: "", at };
  const file = namedFile(context, "file", { name: from, at, why: unknownContent(name) });
  return file && { key, value: file.text, at: { file: file.file, line: 1, column: 1 } };
}

function envEntries(context: KustomizationContext, name: string, item: Path): readonly Entry[] {
  const written = context.fields.text(item);
  if (written === undefined) return [];
  const { value, at = context.fields.at(item) } = written;
  const file = namedFile(context, "file", { name: value, at, why: unknownContent(name) });
  if (file === undefined) return [];
  return file.text.split(/\r?\n/).flatMap((line, index) => {
    const [key, value] = splitOnce(line.trim()) ?? [];
    if (key === undefined || value === undefined || key.startsWith("#")) return [];
    return [{ key, value, at: { file: file.file, line: index + 1, column: 1 } }];
  });
}

function unknownContent(name: string): string {
  return `The content of ConfigMap ${name} is not known.`;
}

function unquoted(value: string): string {
  return /^(["']).*\1$/.test(value) ? value.slice(1, -1) : value;
}

function splitOnce(text: string): [string, string] | undefined {
  const at = text.indexOf("=");
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + 1)];
}
