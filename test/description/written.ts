// Descriptions as files: a folder with the files given, loaded as the command line does, and the findings as a person reads them.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type LoadOptions, type LoadOutcome, loadDescription } from "../../src/description/load.ts";
import { renderText } from "../../src/findings/render-text.ts";

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes the files, calls with their folder, and takes them away again. */
export async function inFolder<T>(files: Files, use: (cwd: string) => Promise<T>): Promise<T> {
  const cwd = await mkdtemp(join(tmpdir(), "portico-description-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(cwd, name)), { recursive: true });
      await writeFile(join(cwd, name), content);
    }
    return await use(cwd);
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}

export function load(files: Files, named?: string, options: Partial<LoadOptions> = {}): Promise<LoadOutcome> {
  return inFolder(files, (cwd) => loadDescription(named, { cwd, ...options }));
}

/** What a person reads on a terminal of 100 columns. */
export async function shown(
  files: Files,
  named?: string,
  options: Partial<LoadOptions> = {},
): Promise<string> {
  const { findings, sources } = await load(files, named, options);
  return renderText(findings, { sources, width: 100 });
}
