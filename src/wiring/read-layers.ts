// Layers as a command is given them: a folder, or one HAProxy configuration with the files that it names.
import { realpath, stat } from "node:fs/promises";
import { dirname, join, posix, resolve } from "node:path";
import type { SourceFile } from "../source/source-file.ts";
import { systemReason } from "../source/system-reason.ts";
import { looksLikeHaproxy } from "./join/config-paths.ts";
import { namedByConfig } from "./join/named-by.ts";
import { pathsBeside } from "./join/named-files.ts";
import { newReading, noteOver, type Reading, readAll } from "./read-files.ts";
import { type ReadFolder, readFolder } from "./read-folder.ts";

/**
 * `named` as the user wrote it, from `cwd`. Of a file, only the files that it names are read with it, from its folder. Never fails: what
 * cannot be read is in `leftOut`.
 */
export async function readLayers(named: string, { cwd }: { readonly cwd: string }): Promise<ReadFolder> {
  const stats = await stat(resolve(cwd, named)).catch(() => undefined);
  return stats === undefined || stats.isDirectory()
    ? readFolder(named, { cwd })
    : readConfigFile(named, resolve(cwd, named));
}

/** A link is followed: the user named it. */
async function readConfigFile(named: string, path: string): Promise<ReadFolder> {
  const file = posix.normalize(named.replaceAll("\\", "/"));
  try {
    const real = await realpath(path);
    const root = dirname(real);
    const reading = newReading({ root, real: root, shown: posix.dirname(file) });
    const [config] = await readAll(reading, [posix.basename(real)]);
    const leftOut = reading.leftOut.map((one) => ({ ...one, at: { ...one.at, file } }));
    if (config === undefined) return { files: [], leftOut };
    const files = await namedFiles(reading, config);
    noteOver(reading);
    const kind = looksLikeHaproxy(config.text) ? ("haproxy" as const) : undefined;
    return {
      files: [{ file, text: config.text, ...(kind === undefined ? {} : { kind }) }, ...files],
      leftOut: reading.leftOut,
    };
  } catch (error) {
    const what = `cannot be read: ${systemReason(error)}`;
    const at = { file, line: 1, column: 1 };
    return {
      files: [],
      leftOut: [{ what, why: "Nothing in it is known or checked.", severity: "error", at }],
    };
  }
}

/** The longest end of a path that a file in the folder has. */
async function namedFiles(reading: Reading, config: SourceFile): Promise<readonly SourceFile[]> {
  const found = new Set<string>();
  for (const path of new Set(namedByConfig(config)))
    for (const candidate of pathsBeside(path)) {
      if (!(await isFile(join(reading.root, candidate)))) continue;
      found.add(candidate);
      break;
    }
  return readAll(reading, [...found].sort());
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (stats) => stats.isFile(),
    () => false,
  );
}
