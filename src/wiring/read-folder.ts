// The files of a folder that describe an edge; files that are not read are named, with the reason.
import type { Dirent } from "node:fs";
import { constants, type FileHandle, lstat, open, readdir, realpath } from "node:fs/promises";
import { isAbsolute, join, posix, sep } from "node:path";
import {
  MAX_ENTRIES,
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_FOLDER_BYTES,
  MAX_FOLDER_DEPTH,
  MAX_PARTS,
  shownBytes,
  shownLimit,
} from "../source/limits.ts";
import type { SourceFile } from "../source/source-file.ts";
import { systemReason } from "../source/system-reason.ts";
import { configFilesOf } from "./join/named-by.ts";
import { partsIn } from "./parts.ts";
import type { LeftOut } from "./wiring.ts";

export interface ReadFolder {
  /** In the order of their names; the same for the same folder. */
  readonly files: readonly SourceFile[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * `folder` as the user wrote it, from `cwd` (by default the process's own working directory): files are named with it in front.
 * A link that leads out of the folder is not followed. Never fails: a folder that is not there is in `leftOut`.
 */
export async function readFolder(
  folder: string,
  { cwd = "" }: { readonly cwd?: string } = {},
): Promise<ReadFolder> {
  const walk: Walk = {
    root: isAbsolute(folder) ? folder : join(cwd, folder),
    real: "",
    shown: folder.replaceAll("\\", "/"),
    found: [],
    leftOut: [],
    folders: new Map(),
    entries: 0,
    bytes: 0,
    parts: 0,
    read: 0,
    over: undefined,
  };
  await walkFolder(walk, "");
  walk.found.sort((a, b) => (a < b ? -1 : 1));
  const files = await readAll(walk, walk.found.filter(isLayerFile));
  const named = await namedFiles(walk, files);
  noteOver(walk);
  const all = [...files, ...named].sort((a, b) => (a.file < b.file ? -1 : 1));
  if (all.length === 0 && walk.leftOut.length === 0) walk.leftOut.push(noLayerIn(folder));
  return { files: all, leftOut: walk.leftOut };
}

/** A folder, as the user wrote it, without a file that describes an edge. */
export function noLayerIn(folder: string): LeftOut {
  const shown = folder.replaceAll("\\", "/");
  return {
    what: `no layer of an edge is in ${shown}`,
    why: "Looked for haproxy.cfg, a Dockerfile, Kubernetes objects in YAML or JSON, and Terraform; nothing can be checked.",
    severity: "error",
    at: { file: shown, line: 1, column: 1 },
  };
}

interface Walk {
  readonly root: string;
  /** Of `root`, without links. */
  real: string;
  readonly shown: string;
  /** Below the folder, with `/`. */
  readonly found: string[];
  readonly leftOut: LeftOut[];
  /** Folders walked, by their real path. */
  readonly folders: Map<string, string>;
  entries: number;
  bytes: number;
  parts: number;
  read: number;
  /** The limit of the whole folder that was passed, the first file that was not read for it, and how many were not. */
  over: { readonly limit: string; readonly first: string; count: number } | undefined;
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

function leaveOut(
  walk: Walk,
  path: string,
  what: string,
  why = "What it says is not known.",
  severity: LeftOut["severity"] = "error",
): void {
  walk.leftOut.push({ what, why, severity, at: { file: nameOf(walk, path), line: 1, column: 1 } });
}

async function walkFolder(walk: Walk, path: string): Promise<void> {
  const folder = join(walk.root, path);
  let entries: Dirent[];
  try {
    const real = await realpath(folder);
    if (path === "") walk.real = real;
    if (!isInside(walk, real)) {
      leaveOut(walk, path, "is a link to a folder outside, which is not followed", NOT_FOLLOWED, "note");
      return;
    }
    const before = walk.folders.get(real);
    if (before !== undefined) {
      leaveOut(
        walk,
        path,
        `leads back to ${before}, which is read already`,
        "Following it once more would read the same files again, or never end.",
        "note",
      );
      return;
    }
    walk.folders.set(real, nameOf(walk, path));
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    leaveOut(walk, path, `cannot be read: ${systemReason(error)}`, "Nothing in it is known or checked.");
    return;
  }
  if (path.split("/").length > MAX_FOLDER_DEPTH) {
    leaveOut(walk, path, `not read: it is more than ${MAX_FOLDER_DEPTH} folders deep`, NOTHING_IN_IT);
    return;
  }
  // Real folders before links, so that of two paths to one folder the link is the one that is left out.
  const sorted = entries.sort(
    (a, b) => Number(a.isSymbolicLink()) - Number(b.isSymbolicLink()) || (a.name < b.name ? -1 : 1),
  );
  for (const entry of sorted) {
    walk.entries += 1;
    if (walk.entries > MAX_ENTRIES) {
      if (walk.entries === MAX_ENTRIES + 1)
        leaveOut(
          walk,
          path,
          `not read to the end: there are more than ${shownLimit(MAX_ENTRIES)} files and folders`,
          `\`${entry.name}\` and what comes after it by name, here and in the folders above, was not examined.`,
        );
      return;
    }
    await visit(walk, path === "" ? entry.name : `${path}/${entry.name}`, entry);
  }
}

const NOT_FOLLOWED =
  "Only files in the folder that was named are read: what the link leads to was not examined.";
const NOTHING_IN_IT = "Nothing in it was examined.";

async function visit(walk: Walk, path: string, entry: Dirent): Promise<void> {
  if (entry.isDirectory()) {
    if (!SKIPPED_FOLDERS.has(entry.name)) await walkFolder(walk, path);
  } else if (entry.isSymbolicLink()) await visitLink(walk, path, entry);
  else if (entry.isFile()) walk.found.push(path);
  else if (isLayerFile(path)) leaveOut(walk, path, NOT_REGULAR);
}

const NOT_REGULAR = "not read: not a regular file";

/** A link in the folder that leads to something in the folder is as good as what it leads to. */
async function visitLink(walk: Walk, path: string, entry: Dirent): Promise<void> {
  const full = join(walk.root, path);
  try {
    const real = await realpath(full);
    if (await isFolder(real)) {
      if (!SKIPPED_FOLDERS.has(entry.name)) await walkFolder(walk, path);
    } else if (isInside(walk, real)) walk.found.push(path);
    else if (isLayerFile(path))
      leaveOut(walk, path, "is a link to a file outside, which is not followed", NOT_FOLLOWED);
  } catch (error) {
    leaveOut(walk, path, `cannot be read: ${systemReason(error)}`);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path)).isDirectory();
}

function isInside({ real: root }: Walk, real: string): boolean {
  return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
}

async function readAll(walk: Walk, found: readonly string[]): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of found) {
    const text = walk.over === undefined ? await readText(walk, path) : undefined;
    if (walk.over !== undefined) walk.over.count += 1;
    if (text === undefined) continue;
    walk.read += 1;
    files.push({ file: nameOf(walk, path), text });
  }
  return files;
}

async function readText(walk: Walk, path: string): Promise<string | undefined> {
  if (walk.read >= MAX_FILES) return passed(walk, path, `${shownLimit(MAX_FILES)} files of layers`);
  try {
    const bytes = await readBytes(walk, path);
    if (bytes === undefined) return undefined;
    if (bytes.includes(0)) {
      leaveOut(walk, path, "not read: it is not text");
      return undefined;
    }
    walk.bytes += bytes.length;
    if (walk.bytes > MAX_FOLDER_BYTES) return passed(walk, path, `${shownBytes(MAX_FOLDER_BYTES)} of text`);
    const text = bytes.toString("utf8");
    walk.parts += partsIn({ file: path, text });
    if (walk.parts > MAX_PARTS)
      return passed(walk, path, `${shownLimit(MAX_PARTS)} lines, and entries of lists and maps`);
    return text;
  } catch (error) {
    leaveOut(walk, path, `cannot be read: ${systemReason(error)}`);
    return undefined;
  }
}

/**
 * The bytes of the file that the path leads to now; undefined: it is not a regular file of the folder, or is too large, and a finding
 * reports it. Opening does not wait for the other end of a pipe.
 */
async function readBytes(walk: Walk, path: string): Promise<Buffer | undefined> {
  const real = await realpath(join(walk.root, path));
  if (!isInside(walk, real)) {
    leaveOut(walk, path, "is a link to a file outside, which is not followed", NOT_FOLLOWED);
    return undefined;
  }
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    const { size } = stats;
    if (!stats.isFile()) {
      leaveOut(walk, path, NOT_REGULAR);
      return undefined;
    }
    // Files of /proc have no size before they are read.
    const bytes = size > MAX_FILE_BYTES ? undefined : await readAtMost(file, size, MAX_FILE_BYTES);
    if (bytes !== undefined) return bytes;
    leaveOut(walk, path, `not read: it is larger than ${shownBytes(MAX_FILE_BYTES)}`);
    return undefined;
  } finally {
    await file.close();
  }
}

/** All of an open file, of about `size` bytes; undefined: it has more than the limit. */
async function readAtMost(file: FileHandle, size: number, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(Math.max(4096, size + 1 - total));
    const { bytesRead } = await file.read(chunk);
    if (bytesRead === 0) return Buffer.concat(chunks, total);
    chunks.push(chunk.subarray(0, bytesRead));
    total += bytesRead;
    if (total > limit) return undefined;
  }
}

/** From here on nothing is read: a limit of the whole folder is passed. */
function passed(walk: Walk, path: string, limit: string): undefined {
  walk.over = { limit, first: path, count: 0 };
}

function noteOver(walk: Walk): void {
  const { over } = walk;
  if (over === undefined) return;
  const others = over.count - 1;
  const more = others === 0 ? "" : `, nor ${shownLimit(others)} more after it by name`;
  leaveOut(
    walk,
    over.first,
    `not read: the files of this folder pass the limit of ${over.limit}`,
    `The file was not examined${more}. Check the folders one by one.`,
  );
}

/** What a HAProxy configuration or a kustomization names, whatever it is called: maps without an ending, error pages, bodies. */
async function namedFiles(walk: Walk, files: readonly SourceFile[]): Promise<readonly SourceFile[]> {
  const names = new Set(files.flatMap(configFilesOf).map((path) => posix.basename(path)));
  return readAll(
    walk,
    walk.found.filter((path) => !isLayerFile(path) && names.has(posix.basename(path))),
  );
}
