// Makes a folder and what is missing above it, one at a time.
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** Node's own `recursive` never ends where a file system refuses to make a folder without saying why, as /proc does. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder);
}
