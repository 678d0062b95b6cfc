// Checks out a git revision into a temporary folder.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { promisify } from "node:util";
import { makeTemporaryFolder } from "../temporary/temporary-folder.ts";

const run = promisify(execFile);

export interface Checkout {
  /** The folder that corresponds to the working directory. */
  readonly cwd: string;
  readonly remove: () => void;
}

/** The reason, in one line. */
export class RevisionRefused extends Error {
  override readonly name = "RevisionRefused";
}

/** Whether git knows it as a commit. */
export async function isRevision(cwd: string, name: string): Promise<boolean> {
  if (name.startsWith("-")) return false;
  return git(cwd, "rev-parse", "--verify", "--quiet", `${name}^{commit}`).then(
    () => true,
    () => false,
  );
}

/**
 * Writes the whole tree of a revision, because a description may import files from anywhere in it. Packages are those of
 * the working tree, as git does not have them. Rejects with RevisionRefused.
 */
export async function checkOut(cwd: string, revision: string): Promise<Checkout> {
  const top = realpathSync((await git(cwd, "rev-parse", "--show-toplevel")).trim());
  const { path: folder, remove } = makeTemporaryFolder();
  try {
    const archive = join(folder, "tree.tar");
    const tree = join(folder, "tree");
    mkdirSync(tree);
    await git(top, "archive", "--format=tar", `--output=${archive}`, revision);
    await run("tar", ["-xf", archive, "-C", tree]);
    const here = join(tree, relative(top, realpathSync(cwd)));
    mkdirSync(here, { recursive: true });
    const packages = packagesOf(cwd, top);
    if (packages !== undefined) symlinkSync(packages, join(tree, "node_modules"));
    return { cwd: here, remove };
  } catch (error) {
    remove();
    throw new RevisionRefused(wordsOf(error));
  }
}

function packagesOf(cwd: string, top: string): string | undefined {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const packages = join(folder, "node_modules");
    if (existsSync(packages)) return packages;
    if (folder === top || folder === dirname(folder)) return undefined;
  }
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await run("git", ["-C", cwd, ...args], { maxBuffer: 64 * 1024 * 1024 })).stdout;
  } catch (error) {
    throw new RevisionRefused(wordsOf(error));
  }
}

function wordsOf(error: unknown): string {
  const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
  return (stderr?.trim() || message).split("\n")[0] ?? message;
}
