// Makes a folder and its missing parents, one at a time.
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Node's own `recursive` never returns where a file system refuses to make a folder without an error code, as /proc does. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}
