// Replacing files that people wrote: all of them or none, each at once, with its mode and behind its links.
import { readFileSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";

export interface Replacement {
  /** From the working directory. */
  readonly file: string;
  /** What was read; a file that has changed since is not replaced. */
  readonly before: string;
  readonly after: string;
}

/** Gives what stands in the way, and has changed nothing then; null: done. Throws where a rename fails in the middle. */
export function replaceFiles(cwd: string, replacements: readonly Replacement[]): string | null {
  const beside: { readonly from: string; readonly to: string }[] = [];
  try {
    for (const { file, before, after } of replacements) {
      const to = realpathSync(resolve(cwd, file));
      // Read as bytes: what is no UTF-8 would not come back as it was.
      if (!readFileSync(to).equals(Buffer.from(before, "utf8")))
        throw new Error(`${file} has changed, or is not UTF-8`);
      const from = `${to}.portico-new`;
      beside.push({ from, to });
      writeFileSync(from, after, { mode: statSync(to).mode });
    }
  } catch (error) {
    for (const { from } of beside) rmSync(from, { force: true });
    return error instanceof Error ? error.message : String(error);
  }
  for (const { from, to } of beside) renameSync(from, to);
  return null;
}
