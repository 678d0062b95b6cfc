// Writes only inside a given folder: links in it may point outside.
import { realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";

/** The path without links. Throws where it does not exist, or is outside of the folder. */
export function realPathInside(folder: string, path: string): string {
  const real = realpathSync(path);
  const root = realpathSync(folder);
  if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep))
    throw new Error(`${path} is a link that points outside of the folder, to ${real}`);
  return real;
}

/** A temporary file in the folder, and the place that it will replace, both without links above them. */
export interface Placed {
  readonly from: string;
  readonly to: string;
}

/** The target of the file, and its temporary name. Throws where the parent folder is outside of `folder`. */
export function placeIn(folder: string, path: string): Placed {
  const to = join(realPathInside(folder, dirname(path)), basename(path));
  return { from: `${to}.portico-new`, to };
}

/** Writes the temporary file. An existing link of its name is removed, not followed. */
export function writeNextTo({ from, to }: Placed, content: string, mode?: number): void {
  rmSync(from, { force: true });
  try {
    writeFileSync(from, content, { flag: "wx", ...(mode === undefined ? {} : { mode }) });
  } catch (error) {
    // A failed write does not name the file, and a failed open names the temporary one.
    throw Object.assign(error as Error, { path: to });
  }
}

/** Throws where a parent folder of the place has become a link in the meantime. */
export function checkStillThere({ to }: Placed): void {
  if (realpathSync(dirname(to)) !== dirname(to)) throw new Error(`${dirname(to)} has become a link`);
}
