// Replaces files of layers: all or none, each atomically, with its mode, and only inside the named folder.
import { lstatSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { systemFailure } from "../source/system-reason.ts";
import { checkStillThere, type Placed, placeIn, realPathInside, writeNextTo } from "./place-inside.ts";

export interface Replacement {
  /** From the working directory. */
  readonly file: string;
  /** The text that was read: a file that has changed since is not replaced. undefined: a new file. */
  readonly before: string | undefined;
  readonly after: string;
}

/**
 * Follows links inside the folder, and refuses links to files outside. Returns the reason for not replacing anything;
 * null: done. Throws where a rename fails after others succeeded.
 */
export function replaceFiles(
  cwd: string,
  folder: string,
  replacements: readonly Replacement[],
): string | null {
  const root = resolve(cwd, folder);
  const temporary: Placed[] = [];
  try {
    for (const { file, before, after } of replacements) {
      const path = resolve(cwd, file);
      const placed = placeIn(root, before === undefined ? path : realPathInside(root, path));
      const mode = before === undefined ? modeOfNew(placed) : modeOfUnchanged(placed, file, before);
      temporary.push(placed);
      writeNextTo(placed, after, mode);
    }
    for (const placed of temporary) checkStillThere(placed);
  } catch (error) {
    for (const { from } of temporary) rmSync(from, { force: true });
    return systemFailure(error);
  }
  for (const { from, to } of temporary) renameSync(from, to);
  return null;
}

/** Throws where the file exists: also a link to a missing file. */
function modeOfNew({ to }: Placed): undefined {
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined)
    throw Object.assign(new Error(), { code: "EEXIST", path: to });
}

/** Compared as bytes: writing a file back that is not UTF-8 would change it. */
function modeOfUnchanged({ to }: Placed, file: string, before: string): number {
  if (!readFileSync(to).equals(Buffer.from(before, "utf8")))
    throw new Error(`${file} has changed, or is not UTF-8`);
  return statSync(to).mode;
}
