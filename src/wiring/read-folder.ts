// The files of a folder that describe an edge; files that are not read are named, with the reason.
import type { Dirent } from "node:fs";
import { lstat, readdir, realpath } from "node:fs/promises";
import { isAbsolute, join, posix } from "node:path";
import { MAX_ENTRIES, MAX_FOLDER_DEPTH, shownLimit } from "../source/limits.ts";
import type { SourceFile } from "../source/source-file.ts";
import { systemReason } from "../source/system-reason.ts";
import { isOtherDockerfile } from "./dockerfile/read.ts";
import { configFilesOf } from "./join/named-by.ts";
import {
  isInside,
  leaveOut,
  NOT_FOLLOWED,
  NOT_REGULAR,
  nameOf,
  newReading,
  noteOver,
  type Reading,
  readAll,
} from "./read-files.ts";
import { installedModules } from "./terraform/installed-modules.ts";
import type { LayerFile, LeftOut } from "./wiring.ts";

export interface ReadFolder {
  /** In the order of their names; the same for the same folder. */
  readonly files: readonly LayerFile[];
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
  const root = isAbsolute(folder) ? folder : join(cwd, folder);
  const walk: Walk = {
    ...newReading({ root, real: "", shown: folder.replaceAll("\\", "/") }),
    found: [],
    manifests: [],
    folders: new Map(),
    entries: 0,
  };
  await walkFolder(walk, "");
  walk.found.sort((a, b) => (a < b ? -1 : 1));
  const files = await readAll(walk, walk.found.filter(isLayerFile));
  const installed = await installedFiles(walk);
  const named = await namedFiles(walk, files);
  noteOver(walk);
  const all = [...files, ...installed, ...named].sort((a, b) => (a.file < b.file ? -1 : 1));
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

interface Walk extends Reading {
  /** Below the folder, with `/`. */
  readonly found: string[];
  /** Of the modules that `terraform init` installed. */
  readonly manifests: string[];
  /** Folders walked, by their real path. */
  readonly folders: Map<string, string>;
  entries: number;
}

const SKIPPED_FOLDERS: ReadonlySet<string> = new Set([".git", "node_modules", ".terraform"]);
const TERRAFORM_FILES = /\.tf(?:\.json)?$/;
const LAYER_FILES =
  /(?:\.(?:ya?ml|json|tf|tfvars|cfg|map|lst|dockerfile|containerfile)|^(?:dockerfile|containerfile|resolv\.conf).*|^haproxy.*\.conf|^kustomization)$/i;

function isLayerFile(path: string): boolean {
  const name = posix.basename(path);
  return LAYER_FILES.test(name) && !isOtherDockerfile(name);
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
        "Following it would read the same files again, or never end.",
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
  // Real folders before links, so that of two paths to one folder the link is skipped.
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

const NOTHING_IN_IT = "Nothing in it was examined.";

async function visit(walk: Walk, path: string, entry: Dirent): Promise<void> {
  if (entry.isDirectory()) {
    if (entry.name === ".terraform") walk.manifests.push(`${path}/modules/modules.json`);
    if (!SKIPPED_FOLDERS.has(entry.name)) await walkFolder(walk, path);
  } else if (entry.isSymbolicLink()) await visitLink(walk, path, entry);
  else if (entry.isFile()) walk.found.push(path);
  else if (isLayerFile(path)) leaveOut(walk, path, NOT_REGULAR);
}

/** A link to a target inside the folder is treated like its target. */
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

/** The files of Terraform in the folders of installed modules, and the lists of these modules. */
async function installedFiles(walk: Walk): Promise<readonly SourceFile[]> {
  const present: string[] = [];
  for (const manifest of walk.manifests) if (await exists(join(walk.root, manifest))) present.push(manifest);
  const manifests = await readAll(walk, present);
  const below = nameOf(walk, "");
  const folders = new Set(manifests.flatMap(installedModules).map(({ path }) => posix.relative(below, path)));
  const found: string[] = [];
  for (const folder of folders) {
    const real = await realpath(join(walk.root, folder)).catch(() => undefined);
    if (real === undefined) continue;
    if (!isInside(walk, real)) {
      leaveOut(walk, folder, "is a link to a folder outside, which is not followed", NOT_FOLLOWED, "note");
      continue;
    }
    const names = await readdir(real).catch((): string[] => []);
    found.push(...names.filter((name) => TERRAFORM_FILES.test(name)).map((name) => `${folder}/${name}`));
  }
  return [...manifests, ...(await readAll(walk, found.toSorted()))];
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

/** Files that a HAProxy configuration or a kustomization names, with any name: maps without an ending, error pages, bodies. */
async function namedFiles(walk: Walk, files: readonly SourceFile[]): Promise<readonly SourceFile[]> {
  const names = new Set(files.flatMap(configFilesOf).map((path) => posix.basename(path)));
  return readAll(
    walk,
    walk.found.filter((path) => !isLayerFile(path) && names.has(posix.basename(path))),
  );
}
