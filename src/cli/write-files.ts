// Writes rendered files: all or none, and never over files that were edited by hand.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import type { TextFile } from "../emit/file.ts";
import { systemFailure } from "../source/system-reason.ts";
import { makeFolder } from "./make-folder.ts";
import { type Placed, placeIn, realPathInside, writeNextTo } from "./place-inside.ts";

/** Record of the written files, with the SHA-256 of each: shows a later render which were edited since. */
export const RECORD = ".portico-rendered.json";

export type WriteOutcome =
  | { readonly kind: "written"; readonly written: readonly string[]; readonly removed: readonly string[] }
  | {
      /** `refused`: the user's files would be overwritten; `failed`: the system cannot write them. */
      readonly kind: "refused" | "failed";
      readonly because: string;
      readonly files: readonly string[];
      readonly remedy: string;
    };

/**
 * Writes files below a folder. First every new content is written to a temporary file next to its target, then all are
 * renamed: when the disk is full or a folder is not writable, nothing is replaced. The renames are one by one: when one
 * fails, which throws, or the process is killed among them, the earlier ones are done, and rendering again does the rest.
 */
export function writeFiles(
  folder: string,
  files: readonly TextFile[],
  { force }: { readonly force: boolean },
): WriteOutcome {
  const strange = [...files.map(({ path }) => path), RECORD].filter((path) => isStrange(join(folder, path)));
  if (strange.length > 0)
    return {
      kind: "failed",
      because: "these are pipes, devices or folders instead of regular files",
      files: strange,
      remedy: "Remove them, or name another folder with --out.",
    };
  const recorded = readRecord(folder);
  const wanted = new Map(files.map(({ path, content }) => [path, content]));
  const ours = [...recorded.keys()].filter((path) => sameLayer(path, files));
  const edited = [...new Set([...wanted.keys(), ...ours])].filter((path) =>
    isEdited(folder, path, recorded.get(path), wanted.get(path)),
  );
  if (edited.length > 0 && !force) {
    return {
      kind: "refused",
      because: "these files were edited since Portico wrote them, or were not written by it",
      files: edited,
      remedy: "Write the change into the description, move the file away, or replace it with --force.",
    };
  }
  const changed = files.filter(
    ({ path, content, secret }) =>
      readIfThere(join(folder, path)) !== content || (secret && isReadByOthers(join(folder, path))),
  );
  const stale = ours.filter((path) => !wanted.has(path));
  const record = {
    path: RECORD,
    content: recordOf([
      ...unrelated(recorded, files),
      ...files.map(({ path, content }) => [path, digest(content)] as const),
    ]),
    // A hash of a password would allow guessing it offline.
    secret: files.some(({ secret }) => secret === true),
  };
  let placed: readonly Placed[];
  let gone: readonly Placed[];
  try {
    gone = stale
      .map((path) => join(folder, path))
      .filter((file) => existsSync(dirname(file)))
      .map((file) => placeIn(folder, file));
    placed = placeTemporaries(folder, [...changed, record]);
  } catch (error) {
    return {
      kind: "failed",
      because: systemFailure(error),
      files: (error as NodeJS.ErrnoException).code === "ENOTDIR" ? [] : changed.map(({ path }) => path),
      remedy: "Make room and grant write permission, or name another folder with --out.",
    };
  }
  for (const { from, to } of placed) renameSync(from, to);
  for (const { to } of gone) rmSync(to, { force: true });
  return { kind: "written", written: changed.map(({ path }) => path), removed: stale };
}

/** The differences between the files on disk and the rendered ones. */
export function compareFiles(
  folder: string,
  files: readonly TextFile[],
): readonly { readonly path: string; readonly how: string }[] {
  const wanted = new Set(files.map(({ path }) => path));
  const stale = [...readRecord(folder).keys()].filter(
    (path) => !wanted.has(path) && sameLayer(path, files) && existsSync(join(folder, path)),
  );
  return [
    ...files.flatMap(({ path, content }) => {
      if (isStrange(join(folder, path))) return [{ path, how: "is not a regular file" }];
      const there = readIfThere(join(folder, path));
      return there === content ? [] : [{ path, how: there === undefined ? "is missing" : "differs" }];
    }),
    ...stale.map((path) => ({ path, how: "is no longer rendered" })),
  ];
}

/** Writes every temporary file; removes them all where one cannot be written. */
function placeTemporaries(folder: string, files: readonly TextFile[]): readonly Placed[] {
  const temporary: Placed[] = [];
  try {
    for (const { path, content, secret } of files) {
      const to = join(folder, path);
      makeFolderIn(folder, dirname(to));
      const placed = placeIn(folder, to);
      temporary.push(placed);
      writeNextTo(placed, content, secret === true ? OWNER_ONLY : EVERYBODY_READS);
    }
  } catch (error) {
    for (const { from } of temporary) rmSync(from, { force: true });
    throw error;
  }
  return temporary;
}

/** Mode of a file; the umask restricts it. */
const OWNER_ONLY = 0o600;
const EVERYBODY_READS = 0o666;

/** A secret that was written as a plain file, or whose mode has changed since. */
function isReadByOthers(file: string): boolean {
  return ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0;
}

/** Makes no folder through a link to outside of `folder`. */
function makeFolderIn(folder: string, below: string): void {
  if (below === folder) {
    makeFolder(folder);
    return;
  }
  makeFolderIn(folder, dirname(below));
  if (!existsSync(below)) mkdirSync(below);
  realPathInside(folder, below);
}

/** Differs from the record and from the rendered content. */
function isEdited(
  folder: string,
  path: string,
  recorded: string | undefined,
  wanted: string | undefined,
): boolean {
  const there = readIfThere(join(folder, path));
  return there !== undefined && there !== wanted && digest(there) !== recorded;
}

/** Rendering one layer leaves the others unchanged. */
function sameLayer(path: string, files: readonly TextFile[]): boolean {
  const layer = path.split("/")[0];
  return files.some((file) => file.path.split("/")[0] === layer);
}

function unrelated(
  recorded: ReadonlyMap<string, string>,
  files: readonly TextFile[],
): readonly (readonly [string, string])[] {
  return [...recorded].filter(([path]) => !sameLayer(path, files));
}

function readRecord(folder: string): ReadonlyMap<string, string> {
  const text = readIfThere(join(folder, RECORD));
  if (text === undefined) return new Map();
  try {
    const { files } = JSON.parse(text) as { files: Record<string, string> };
    return new Map(Object.entries(files).filter(([path]) => isBelow(path)));
  } catch {
    // An unreadable record protects every file, as if Portico had written none.
    return new Map();
  }
}

/** The record is untrusted, and files that it names are removed: `../x` is not allowed. */
function isBelow(path: string): boolean {
  return (
    posix.normalize(path) === path && !path.startsWith("../") && !path.startsWith("/") && !path.includes("\\")
  );
}

function recordOf(files: readonly (readonly [string, string])[]): string {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1));
  return `${JSON.stringify({ about: "What portico render wrote here, with the SHA-256 of each file.", files: Object.fromEntries(sorted) }, null, 2)}\n`;
}

/** Not a regular file: reading a pipe would wait for its writer, and a device may never end. */
function isStrange(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
  } catch (error) {
    // A file, or a circular link, in place of a folder: making the folder reports it.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return false;
  }
}

/** undefined where no file of that name exists. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "EISDIR"].includes(code)) return undefined;
    throw error;
  }
}

function digest(content: string): string {
  return createHash("sha256").update(content).digest("hex");
}
