// Builds and pushes an image with the program that is there, line by line, and in its own words when it fails.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { makeTemporaryFolder } from "../temporary/temporary-folder.ts";
import { hasImage, type ImageTool } from "./tool.ts";

export interface Running {
  /** Every line that the program says, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Ends the program, and what it started. */
  readonly signal?: AbortSignal;
}

export interface FolderBuild extends Running {
  readonly reference: string;
  /** The build context; the Dockerfile is image/Dockerfile in it. */
  readonly folder: string;
}

export interface Build extends Running {
  /** With its tag, which follows from the files: an image of this name holds just these. */
  readonly reference: string;
  /** All that the build reads, image/Dockerfile among them. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** The program's last words; `lines`, oldest first, is what a person needs to see. */
export class ImageFailure extends Error {
  override readonly name = "ImageFailure";
  readonly lines: readonly string[];

  constructor(message: string, lines: readonly string[]) {
    super(message);
    this.lines = lines;
  }
}

/** How many lines of a failure are kept: HAProxy's own words, and the step that they were said in. */
const LAST_LINES = 15;

/** Builds the image of these files unless this machine has it already. Throws ImageFailure. */
export async function ensureImage(
  tool: ImageTool,
  { files, ...build }: Build,
): Promise<"built" | "already built"> {
  if (await hasImage(tool, build.reference)) return "already built";
  const { path: folder, remove } = makeTemporaryFolder();
  try {
    for (const { path, content } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await buildFolder(tool, { ...build, folder });
  } finally {
    remove();
  }
  return "built";
}

/** Builds what lies in a folder, whatever is there already. Throws ImageFailure. */
async function buildFolder(tool: ImageTool, { folder, reference, ...running }: FolderBuild): Promise<void> {
  // Layers are kept, so that a change of configuration installs no package again; the others do so unasked.
  const layers = tool.name === "buildah" ? ["--layers"] : [];
  const dockerfile = join(folder, "image/Dockerfile");
  await runTool(tool, ["build", ...layers, "--file", dockerfile, "--tag", reference, folder], running);
  // docker can be told to build somewhere else (`docker buildx use`), and keeps nothing then.
  if (!(await hasImage(tool, reference)))
    throw new ImageFailure(`${tool.name} built ${reference} and does not hold it`, []);
}

/** Pushes to the registry that the name says. Throws ImageFailure. */
export async function pushImage(tool: ImageTool, reference: string, running: Running = {}): Promise<void> {
  await runTool(tool, ["push", reference], running);
}

/** Whether a line says which step is being done, and not what a step prints. */
export function isStep(line: string): boolean {
  return /^(\[\d+\/\d+\] )?(STEP|Step) \d+|^#\d+ \[|^(COMMIT|Copying|The push refers) /.test(line);
}

async function runTool({ name, env }: ImageTool, args: readonly string[], running: Running): Promise<void> {
  if (running.signal?.aborted === true) throw new ImageFailure(`${name} ${args[0]} was not begun`, []);
  // A group of its own, so that an interrupt ends the build's own processes too.
  const child = spawn(name, args, { env: { ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const last: string[] = [];
  const hear = (line: string) => {
    if (line.trim() === "") return;
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    running.onLine?.(line);
  };
  createInterface({ input: child.stdout }).on("line", hear);
  createInterface({ input: child.stderr }).on("line", hear);
  const stop = () => endGroup(child);
  running.signal?.addEventListener("abort", stop, { once: true });
  try {
    const how = await new Promise<string | null>((resolve) => {
      child.once("error", ({ message }) => resolve(message));
      child.once("close", (code, signal) => resolve(code === 0 ? null : (signal ?? `exit status ${code}`)));
    });
    if (how !== null) throw new ImageFailure(`${name} ${args[0]} failed (${how})`, last);
  } finally {
    running.signal?.removeEventListener("abort", stop);
  }
}

function endGroup(child: ChildProcess): void {
  try {
    // Not there: it was never started, or has just ended.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
