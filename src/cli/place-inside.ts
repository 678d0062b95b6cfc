// Writing only in the folder that was named: links in it may lead to any file outside.
import { realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";

/** The path without links. Throws where it is not there, or leads out of the folder. */
export function realPathInside(folder: string, path: string): string {
  const real = realpathSync(path);
  const root = realpathSync(folder);
  if (real !== root && !real.startsWith(root.endsWith(sep) ? root : root + sep))
    throw new Error(`${path} is a link that leads out of the folder, to ${real}`);
  return real;
}

/** A new file next to a place in the folder, and the place itself, both without links above them. */
export interface Placed {
  readonly from: string;
  readonly to: string;
}

/** Where the file goes, and where it is written first. Throws where the folder above it leads out of `folder`. */
export function placeIn(folder: string, path: string): Placed {
  const to = join(realPathInside(folder, dirname(path)), basename(path));
  return { from: `${to}.portico-new`, to };
}

/** Writes the file next to its place. A link that waits there is removed, and not written through. */
export function writeNextTo({ from }: Placed, content: string, mode?: number): void {
  rmSync(from, { force: true });
  writeFileSync(from, content, { flag: "wx", ...(mode === undefined ? {} : { mode }) });
}

/** Throws where a folder above the place has become a link since. */
export function checkStillThere({ to }: Placed): void {
  if (realpathSync(dirname(to)) !== dirname(to)) throw new Error(`${dirname(to)} has become a link`);
}
