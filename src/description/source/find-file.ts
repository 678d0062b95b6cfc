// The file of the description: the named one, or the one in the folder.
import { readdirSync, type Stats, statSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { FindingCode } from "../../findings/codes.ts";
import type { Finding, Outcome } from "../../findings/finding.ts";
import { nearest } from "../../findings/nearest.ts";

/** Looked for in a folder, in this order. */
const NAMES = [
  "portico.yaml",
  "portico.yml",
  "portico.config.ts",
  "portico.config.mts",
  "portico.config.js",
  "portico.config.mjs",
];

/** A description's file: as findings name it, and as the system finds it. */
export interface DescriptionFile {
  readonly name: string;
  readonly path: string;
  readonly kind: "yaml" | "config";
  readonly bytes: number;
}

/** Finds the description. `named` is a file or a folder as the user wrote it, relative to `cwd`; undefined means `cwd` itself. */
export function findDescriptionFile(named: string | undefined, cwd: string): Outcome<DescriptionFile> {
  if (named?.includes("\0"))
    return failed(
      "description-not-found",
      "the name of the description contains a NUL character",
      "No file can have that name.",
      "Name a file.",
    );
  const path = resolve(cwd, named ?? ".");
  const found = statOf(path);
  if (typeof found === "string")
    return failed(
      "description-unreadable",
      `${named ?? "."} cannot be opened: ${found}`,
      "The operating system denies access.",
      "Check the permissions of the file and its folders.",
    );
  if (found === undefined)
    return failed(
      "description-not-found",
      `${named ?? "."} does not exist`,
      "Every command needs a description.",
      remedyFor(path, cwd),
    );
  if (!found.isDirectory()) return named === undefined ? { findings: [] } : fileFound(named, path, found);
  return findInFolder(named, path);
}

function findInFolder(named: string | undefined, folder: string): Outcome<DescriptionFile> {
  const present = NAMES.flatMap((name) => {
    const stats = statOf(join(folder, name));
    return typeof stats === "object" && !stats.isDirectory() ? [{ name, stats }] : [];
  });
  const [first, ...others] = present;
  const where = named === undefined ? "here" : `in ${named}`;
  if (first === undefined) {
    return failed(
      "description-not-found",
      `no description ${where}`,
      `Looked for ${NAMES.slice(0, -1).join(", ")} and ${NAMES.at(-1)}.`,
      named === undefined
        ? "Name the file, or let `portico init` write a first one."
        : `Name the file; for hand-written layers, write \`--layers ${named}\`.`,
    );
  }
  if (others.length > 0) {
    const names = present.map(({ name }) => name);
    return failed(
      "description-ambiguous",
      `several descriptions ${where}: ${names.join(", ")}`,
      "Portico reads one description, and does not choose between several.",
      "Name one of them on the command line, or remove the others.",
    );
  }
  return fileFound(
    named === undefined ? first.name : join(named, first.name),
    join(folder, first.name),
    first.stats,
  );
}

function fileFound(name: string, path: string, stats: Stats): Outcome<DescriptionFile> {
  if (!stats.isFile() && !stats.isFIFO() && !stats.isCharacterDevice())
    return failed(
      "description-unreadable",
      `${name} is not a file`,
      "A description is read from a file.",
      "Name a file.",
    );
  return {
    value: { name, path, kind: /\.[cm]?[jt]s$/.test(path) ? "config" : "yaml", bytes: stats.size },
    findings: [],
  };
}

function statOf(path: string): Stats | string | undefined {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === "ENOENT" || code === "ENOTDIR" ? undefined : (code ?? String(error));
  }
}

function remedyFor(path: string, cwd: string): string {
  try {
    const folder = join(path, "..");
    const near = nearest(relative(folder, path), readdirSync(folder));
    if (near !== undefined) return `Did you mean ${relative(cwd, join(folder, near))}?`;
  } catch {
    // The folder does not exist either, or is unreadable: then there is no suggestion.
  }
  return "Name a file that exists, or run `portico init` to write a first one.";
}

function failed(code: FindingCode, what: string, why: string, remedy: string): Outcome<DescriptionFile> {
  const finding: Finding = { code, severity: "error", what, why, remedy, at: [] };
  return { findings: [finding] };
}
