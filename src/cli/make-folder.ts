// Makes a folder and its missing parents, one at a time.
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Node's own `recursive` never returns where a file system refuses to make a folder without an error code, as /proc does.
 * Throws what `mkdirSync` throws; ENOTDIR names the file that is not a folder.
 */
export function makeFolder(folder: string): void {
  const there = statSync(folder, { throwIfNoEntry: false });
  if (there === undefined) {
    makeFolder(dirname(folder));
    mkdirSync(folder);
  } else if (!there.isDirectory())
    throw Object.assign(new Error(), { code: "ENOTDIR", syscall: "mkdir", path: folder });
}
