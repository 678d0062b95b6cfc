// Replaces files of layers: all of them or none, each atomically, with its mode, and none outside the folder that was named.
import { readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { checkStillThere, type Placed, placeIn, realPathInside, writeNextTo } from "./place-inside.ts";

export interface Replacement {
  /** From the working directory. */
  readonly file: string;
  /** What was read; a file that has changed since is not replaced. */
  readonly before: string;
  readonly after: string;
}

/**
 * A link in the folder is followed to the file of the folder that it leads to, and refused where it leads out of it.
 * Gives what prevents it, and has changed nothing then; null: done. Throws where a rename fails in the middle.
 */
export function replaceFiles(
  cwd: string,
  folder: string,
  replacements: readonly Replacement[],
): string | null {
  const root = resolve(cwd, folder);
  const beside: Placed[] = [];
  try {
    for (const { file, before, after } of replacements) {
      const placed = placeIn(root, realPathInside(root, resolve(cwd, file)));
      const { to } = placed;
      // Read as bytes: what is no UTF-8 would not come back as it was.
      if (!readFileSync(to).equals(Buffer.from(before, "utf8")))
        throw new Error(`${file} has changed, or is not UTF-8`);
      beside.push(placed);
      writeNextTo(placed, after, statSync(to).mode);
    }
    for (const placed of beside) checkStillThere(placed);
  } catch (error) {
    for (const { from } of beside) rmSync(from, { force: true });
    return error instanceof Error ? error.message : String(error);
  }
  for (const { from, to } of beside) renameSync(from, to);
  return null;
}
