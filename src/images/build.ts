// Builds and pushes an image with an installed program, reports its output line by line, and its last lines when it fails.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { makeTemporaryFolder } from "../temporary/temporary-folder.ts";
import { hasImage, type ImageTool } from "./tool.ts";

export interface Running {
  /** Called with every line of the program's output. */
  readonly onLine?: (line: string) => void;
  /** Ends the program and its child processes. */
  readonly signal?: AbortSignal;
}

export interface FolderBuild extends Running {
  readonly reference: string;
  /** The build context; the Dockerfile is image/Dockerfile in it. */
  readonly folder: string;
}

export interface Build extends Running {
  /** With its tag, which is computed from the files: an image of this name has exactly this content. */
  readonly reference: string;
  /** All files of the build, image/Dockerfile included. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

/** `lines`, oldest first, are the last lines of output that explain the failure. */
export class ImageFailure extends Error {
  override readonly name = "ImageFailure";
  readonly lines: readonly string[];

  constructor(message: string, lines: readonly string[]) {
    super(message);
    this.lines = lines;
  }
}

/** How many lines of a failed build are kept: HAProxy's messages, and the step that they belong to. */
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

/** Builds a folder, even when its image exists already. Throws ImageFailure. */
async function buildFolder(tool: ImageTool, { folder, reference, ...running }: FolderBuild): Promise<void> {
  // Layers are cached, so that a change of configuration does not install packages again; docker and podman do so by default.
  const layers = tool.name === "buildah" ? ["--layers"] : [];
  const dockerfile = join(folder, "image/Dockerfile");
  await runTool(tool, ["build", ...layers, "--file", dockerfile, "--tag", reference, folder], running);
  // docker can be configured to build elsewhere (`docker buildx use`), and keeps nothing locally then.
  if (!(await hasImage(tool, reference)))
    throw new ImageFailure(`${tool.name} built ${reference} but does not have the image`, []);
}

/** Pushes to the registry in the image's name. Throws ImageFailure. */
export async function pushImage(tool: ImageTool, reference: string, running: Running = {}): Promise<void> {
  await runTool(tool, ["push", reference], running);
}

/** Whether a line names a build step, as opposed to a step's output. */
export function isStep(line: string): boolean {
  return /^(\[\d+\/\d+\] )?(STEP|Step) \d+|^#\d+ \[|^(COMMIT|Copying|The push refers) /.test(line);
}

async function runTool({ name, env }: ImageTool, args: readonly string[], running: Running): Promise<void> {
  if (running.signal?.aborted === true) throw new ImageFailure(`${name} ${args[0]} was not started`, []);
  // A process group of its own, so that an interrupt also ends the build's child processes.
  const child = spawn(name, args, { env: { ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
  const last: string[] = [];
  const onLine = (line: string) => {
    if (line.trim() === "") return;
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
    running.onLine?.(line);
  };
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", onLine);
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
    // Never started, or just ended.
    if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
