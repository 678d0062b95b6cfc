// Reads Compose files: compose.yaml, docker-compose.yml (compose-spec, 03-compose-file.md).
import { posix } from "node:path";
import { isRecord } from "../../source/data.ts";
import type { SourceFile } from "../../source/source-file.ts";
import { readDocuments } from "../kubernetes/read-documents.ts";
import type { LeftOut, Workload } from "../wiring.ts";
import { composeFaults } from "./faults.ts";
import { workloadOf } from "./service.ts";
import { type ComposeMap, composeMap } from "./values.ts";
import type { ComposeProject } from "./wiring.ts";

export interface ComposeLayer {
  readonly projects: readonly ComposeProject[];
  readonly leftOut: readonly LeftOut[];
}

export function isCompose({ file, text }: SourceFile): boolean {
  return (
    /^(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$/i.test(posix.basename(file)) &&
    /^["']?services["']?\s*:/m.test(text)
  );
}

/** `files`: all files, which services mount. Never fails. */
export function readCompose(sources: readonly SourceFile[], files: readonly SourceFile[]): ComposeLayer {
  const leftOut: LeftOut[] = [];
  const projects = [...Map.groupBy(sources, ({ file }) => posix.dirname(file)).values()].flatMap(
    (siblings) => {
      const read = siblings.flatMap((source) => documentOf(source, leftOut) ?? []);
      const main = read.filter(({ file }) => isMain(file));
      const used = main.length > 0 ? main.slice(0, 1) : read;
      for (const one of read) if (!used.includes(one)) leftOut.push(notMerged(one, used[0]?.file ?? ""));
      return used.map((one) => projectOf(one, read, files, leftOut));
    },
  );
  return { projects, leftOut };
}

interface ComposeDocument {
  readonly file: string;
  readonly root: ComposeMap;
}

/** Found without `-f`. */
function isMain(file: string): boolean {
  return /^(?:docker-)?compose\.ya?ml$/i.test(posix.basename(file));
}

function documentOf(source: SourceFile, leftOut: LeftOut[]): ComposeDocument | undefined {
  const { documents, leftOut: faults } = readDocuments(source);
  leftOut.push(...faults);
  const [first] = documents;
  if (first === undefined || !isRecord(first.data)) return undefined;
  const { file } = source;
  return { file, root: composeMap(first.data, first.place, [], { file, line: 1, column: 1 }) };
}

function projectOf(
  { file, root }: ComposeDocument,
  siblings: readonly ComposeDocument[],
  files: readonly SourceFile[],
  leftOut: LeftOut[],
): ComposeProject {
  const all = root.map("services");
  const services: Workload[] = [];
  const others = siblings.filter((one) => one.file !== file).flatMap((one) => one.root.map("services").keys);
  const includes = root.get("include") !== undefined;
  const open = includes || !isMain(file);
  const faults = composeFaults(root, open || siblings.length > 1);
  const project = { file, services, others: new Set(others), open, faults };
  if (includes) leftOut.push(notRead("`include` is not read", root.at("include")));
  for (const name of all.keys) {
    const service = all.map(name);
    for (const field of ["extends", "profiles"])
      if (service.get(field) !== undefined)
        leftOut.push(notRead(`\`${field}\` of the service ${name} is not read`, service.at(field)));
    services.push(workloadOf({ name, service, root, project, files }));
  }
  return project;
}

function notRead(what: string, at: LeftOut["at"]): LeftOut {
  return {
    what,
    why: "Portico checks the services as this file alone describes them, and as if each one were started.",
    severity: "note",
    at,
  };
}

function notMerged({ file }: ComposeDocument, used: string): LeftOut {
  return {
    what: `is not merged into ${used}`,
    why: "Portico reads one Compose file per folder, and checks only the services, ports and mounts in it.",
    severity: "note",
    at: { file, line: 1, column: 1 },
  };
}
