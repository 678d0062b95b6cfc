// Reads files of a folder as text, within limits; a file that is not read is named, with the reason.
import { constants, type FileHandle, open, realpath } from "node:fs/promises";
import { join, posix, sep } from "node:path";
import {
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_FOLDER_BYTES,
  MAX_PARTS,
  shownBytes,
  shownLimit,
} from "../source/limits.ts";
import type { SourceFile } from "../source/source-file.ts";
import { systemReason } from "../source/system-reason.ts";
import { partsIn } from "./parts.ts";
import type { LeftOut } from "./wiring.ts";

/** One folder whose files are read, and what was read of it so far. */
export interface Reading {
  readonly root: string;
  /** Of `root`, without links. */
  real: string;
  /** The folder as the user wrote it. */
  readonly shown: string;
  readonly leftOut: LeftOut[];
  bytes: number;
  parts: number;
  read: number;
  /** The limit of the whole folder that was passed, the first file that was not read for it, and how many were not. */
  over: { readonly limit: string; readonly first: string; count: number } | undefined;
}

export function newReading({ root, real, shown }: Pick<Reading, "root" | "real" | "shown">): Reading {
  return { root, real, shown, leftOut: [], bytes: 0, parts: 0, read: 0, over: undefined };
}

export const NOT_FOLLOWED =
  "Only files in the named folder are read: the target of the link was not examined.";
export const NOT_REGULAR = "not read: not a regular file";

export function nameOf({ shown }: Reading, path: string): string {
  return path === "" ? shown : posix.join(shown, path);
}

export function leaveOut(
  reading: Reading,
  path: string,
  what: string,
  why = "Its content is not known.",
  severity: LeftOut["severity"] = "error",
): void {
  reading.leftOut.push({ what, why, severity, at: { file: nameOf(reading, path), line: 1, column: 1 } });
}

export function isInside({ real: root }: Reading, real: string): boolean {
  return real === root || real.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** Paths below the folder, with `/`. */
export async function readAll(reading: Reading, found: readonly string[]): Promise<readonly SourceFile[]> {
  const files: SourceFile[] = [];
  for (const path of found) {
    const text = reading.over === undefined ? await readText(reading, path) : undefined;
    if (reading.over !== undefined) reading.over.count += 1;
    if (text === undefined) continue;
    reading.read += 1;
    files.push({ file: nameOf(reading, path), text });
  }
  return files;
}

async function readText(reading: Reading, path: string): Promise<string | undefined> {
  if (reading.read >= MAX_FILES) return passed(reading, path, `${shownLimit(MAX_FILES)} files of layers`);
  try {
    const bytes = await readBytes(reading, path);
    if (bytes === undefined) return undefined;
    if (bytes.includes(0)) {
      leaveOut(reading, path, "not read: it is not text");
      return undefined;
    }
    reading.bytes += bytes.length;
    if (reading.bytes > MAX_FOLDER_BYTES)
      return passed(reading, path, `${shownBytes(MAX_FOLDER_BYTES)} of text`);
    const text = bytes.toString("utf8");
    reading.parts += partsIn({ file: path, text });
    if (reading.parts > MAX_PARTS)
      return passed(reading, path, `${shownLimit(MAX_PARTS)} lines, and entries of lists and maps`);
    return text;
  } catch (error) {
    leaveOut(reading, path, `cannot be read: ${systemReason(error)}`);
    return undefined;
  }
}

/**
 * The bytes of the file that the path leads to now; undefined: it is not a regular file of the folder, or is too large, and a finding
 * reports it. Opening does not wait for the other end of a pipe.
 */
async function readBytes(reading: Reading, path: string): Promise<Buffer | undefined> {
  const real = await realpath(join(reading.root, path));
  if (!isInside(reading, real)) {
    leaveOut(reading, path, "is a link to a file outside, which is not followed", NOT_FOLLOWED);
    return undefined;
  }
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    const { size } = stats;
    if (!stats.isFile()) {
      leaveOut(reading, path, NOT_REGULAR);
      return undefined;
    }
    // Files of /proc have no size before they are read.
    const bytes = size > MAX_FILE_BYTES ? undefined : await readAtMost(file, size, MAX_FILE_BYTES);
    if (bytes !== undefined) return bytes;
    leaveOut(reading, path, `not read: it is larger than ${shownBytes(MAX_FILE_BYTES)}`);
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
function passed(reading: Reading, path: string, limit: string): undefined {
  reading.over = { limit, first: path, count: 0 };
}

export function noteOver(reading: Reading): void {
  const { over } = reading;
  if (over === undefined) return;
  const others = over.count - 1;
  const more = others === 0 ? "" : `, nor ${shownLimit(others)} more after it by name`;
  leaveOut(
    reading,
    over.first,
    `not read: the files of this folder exceed the limit of ${over.limit}`,
    `The file was not examined${more}. Check the folders one by one.`,
  );
}
