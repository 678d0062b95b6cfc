// Replaces files of layers: all or none, each atomically, with its mode, and only inside the named folder.
import { readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { systemFailure } from "../source/system-reason.ts";
import { checkStillThere, type Placed, placeIn, realPathInside, writeNextTo } from "./place-inside.ts";

export interface Replacement {
  /** From the working directory. */
  readonly file: string;
  /** The text that was read; a file that has changed since is not replaced. */
  readonly before: string;
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
      const placed = placeIn(root, realPathInside(root, resolve(cwd, file)));
      const { to } = placed;
      // Compared as bytes: writing a file back that is not UTF-8 would change it.
      if (!readFileSync(to).equals(Buffer.from(before, "utf8")))
        throw new Error(`${file} has changed, or is not UTF-8`);
      temporary.push(placed);
      writeNextTo(placed, after, statSync(to).mode);
    }
    for (const placed of temporary) checkStillThere(placed);
  } catch (error) {
    for (const { from } of temporary) rmSync(from, { force: true });
    return systemFailure(error);
  }
  for (const { from, to } of temporary) renameSync(from, to);
  return null;
}
