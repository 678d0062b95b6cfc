// The files of a folder that say something about an edge; what is not read is named, with the reason.
import type { Dirent, Stats } from "node:fs";
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";
import { configFilesOf } from "./join/named-by.ts";
import type { SourceFile } from "./source-file.ts";
import type { LeftOut } from "./wiring.ts";

export interface ReadFolder {
  /** In the order of their names; the same for the same folder. */
  readonly files: readonly SourceFile[];
  readonly leftOut: readonly LeftOut[];
}

/** A description has 8 MiB at most, and the largest map that it renders to is about twice as large. */
export const MAX_FILE_BYTES = 32 * 1024 * 1024;

/**
 * `folder` as the user wrote it, from `cwd` (by default the process's own working directory): files are named with it in front.
 * Never fails: a folder that is not there is in `leftOut`.
 */
export async function readFolder(
  folder: string,
  { cwd = "" }: { readonly cwd?: string } = {},
): Promise<ReadFolder> {
  const walk: Walk = {
    root: isAbsolute(folder) ? folder : join(cwd, folder),
    shown: folder.replaceAll("\\", "/"),
    found: [],
    leftOut: [],
    folders: new Map(),
  };
  await walkFolder(walk, "");
  walk.found.sort((a, b) => (a.path < b.path ? -1 : 1));
  const files = await readAll(
    walk,
    walk.found.filter(({ path }) => isLayerFile(path)),
  );
  const named = await namedFiles(walk, files);
  const all = [...files, ...named].sort((a, b) => (a.file < b.file ? -1 : 1));
  if (all.length === 0 && walk.leftOut.length === 0) walk.leftOut.push(noLayerIn(folder));
  return { files: all, leftOut: walk.leftOut };
}

/** A folder, as the user wrote it, without a file that says something about an edge. */
export function noLayerIn(folder: string): LeftOut {
  const shown = folder.replaceAll("\\", "/");
  return {
    what: `no layer of an edge lies in ${shown}`,
    why: "Looked for haproxy.cfg, a Dockerfile, Kubernetes objects in YAML or JSON, and Terraform; nothing can be checked.",
    severity: "error",
    at: { file: shown, line: 1, column: 1 },
  };
}

interface Found {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
}

interface Walk {
  readonly root: string;
  readonly shown: string;
  readonly found: Found[];
  readonly leftOut: LeftOut[];
  /** Folders walked, by their real path. */
  readonly folders: Map<string, string>;
}

const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([".git", "node_modules", ".terraform"]);
const LAYER_FILES =
  /(?:\.(?:ya?ml|json|tf|tfvars|cfg|map|lst|dockerfile|containerfile)|^(?:dockerfile|containerfile|resolv\.conf).*|^haproxy.*\.conf|^kustomization)$/i;

function isLayerFile(path: string): boolean {
  return LAYER_FILES.test(posix.basename(path));
}

function nameOf({ shown }: Walk, path: string): string {
  return path === "" ? shown : posix.join(shown, path);
}

function leaveOut(walk: Walk, path: string, what: string, why = "What it says is not known."): void {
  const at = { file: nameOf(walk, path), line: 1, column: 1 };
  walk.leftOut.push({ what, why, severity: "error", at });
}

async function walkFolder(walk: Walk, path: string): Promise<void> {
  const folder = join(walk.root, path);
  let entries: Dirent[];
  try {
    const real = await realpath(folder);
    const before = walk.folders.get(real);
    if (before !== undefined) {
      walk.leftOut.push({
        what: `leads back to ${before}, which is read already`,
        why: "Following it once more would read the same files again, or never end.",
        severity: "note",
        at: { file: nameOf(walk, path), line: 1, column: 1 },
      });
      return;
    }
    walk.folders.set(real, nameOf(walk, path));
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    leaveOut(walk, path, `cannot be read: ${reasonOf(error)}`, "Nothing in it is known or checked.");
    return;
  }
  // Real folders before links, so that of two ways to one folder the link is the one that is left out.
  const sorted = entries.sort(
    (a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1),
  );
  for (const entry of sorted) await visit(walk, path === "" ? entry.name : `${path}/${entry.name}`, entry);
}

async function visit(walk: Walk, path: string, entry: Dirent): Promise<void> {
  if (entry.isDirectory()) {
    if (!SKIPPED_FOLDERS.has(entry.name)) await walkFolder(walk, path);
    return;
  }
  if (!entry.isFile() && !entry.isSymbolicLink()) {
    if (isLayerFile(path)) leaveOut(walk, path, "not read: not a regular file");
    return;
  }
  let found: Stats;
  try {
    found = await stat(join(walk.root, path));
  } catch (error) {
    leaveOut(walk, path, `cannot be read: ${reasonOf(error)}`);
    return;
  }
  if (found.isFile()) walk.found.push({ path, sizeBytes: found.size });
  else if (!found.isDirectory()) {
    if (isLayerFile(path)) leaveOut(walk, path, "not read: not a regular file");
  } else if (!SKIPPED_FOLDERS.has(entry.name)) await walkFolder(walk, path);
}

async function readAll(walk: Walk, found: readonly Found[]): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for (const one of found) {
    const text = await readText(walk, one);
    if (text !== undefined) files.push({ file: nameOf(walk, one.path), text });
  }
  return files;
}

async function readText(walk: Walk, { path, sizeBytes }: Found): Promise<string | undefined> {
  if (sizeBytes > MAX_FILE_BYTES) {
    const size = `${Math.round(sizeBytes / 1024 / 1024)} MiB`;
    leaveOut(walk, path, `not read: ${size} are more than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
    return undefined;
  }
  try {
    const bytes = await readFile(join(walk.root, path));
    if (bytes.includes(0)) {
      leaveOut(walk, path, "not read: it is no text");
      return undefined;
    }
    return bytes.toString("utf8");
  } catch (error) {
    leaveOut(walk, path, `cannot be read: ${reasonOf(error)}`);
    return undefined;
  }
}

/** What a HAProxy configuration or a kustomization names, whatever it is called: maps without an ending, error pages, bodies. */
async function namedFiles(walk: Walk, files: readonly SourceFile[]): Promise<readonly SourceFile[]> {
  const names = new Set(files.flatMap(configFilesOf).map((path) => posix.basename(path)));
  return readAll(
    walk,
    walk.found.filter(({ path }) => !isLayerFile(path) && names.has(posix.basename(path))),
  );
}

function reasonOf(error: unknown): string {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  if (code === "ENOENT") return "there is no such file or folder";
  if (code === "EACCES" || code === "EPERM") return "permission denied";
  if (code === "ELOOP") return "its links lead in a circle";
  if (code === "ENOTDIR") return "it is no folder";
  return error instanceof Error ? error.message : String(error);
}
