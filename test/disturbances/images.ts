// The images of cluster tests: built here, and loaded on the cluster's nodes without a registry.
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { emitLayers } from "../../src/emit/layers.ts";
import { ensureImage } from "../../src/images/build.ts";
import { findImageTool, type ImageTool } from "../../src/images/tool.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { CLUSTER_TOOLS } from "./kubectl.ts";

const run = promisify(execFile);
const env = { BUILDAH_ISOLATION: "chroot", ...process.env };

const ECHO = "portico-echo:test";

/** The image of a plan as `portico image build` makes it. */
export async function edgeImage(plan: Plan): Promise<string> {
  const files = emitLayers(plan);
  const reference = /image: "?([^"\s]+)/.exec(
    files.find(({ path }) => /\/(deployment|daemonset)\.yaml$/.test(path))?.content ?? "",
  )?.[1];
  if (reference === undefined) throw new Error("the workload names no image");
  const tool = await theTool();
  await base(plan.image.from.value);
  await ensureImage(tool, { files, reference });
  await give(reference);
  return reference;
}

/** The backend of the tests: a program in Go, in an image with nothing else. */
export async function echoImage(): Promise<string> {
  await inFolder(async (folder) => {
    const source = join(import.meta.dirname, "echo");
    await run("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", join(folder, "echo"), "."], {
      cwd: source,
      env: { ...process.env, CGO_ENABLED: "0" },
    });
    copyFileSync(join(source, "Dockerfile"), join(folder, "Dockerfile"));
    await run((await theTool()).name, ["build", "--tag", ECHO, folder], { env });
  });
  await give(ECHO);
  return ECHO;
}

async function theTool(): Promise<ImageTool> {
  const { value, findings } = await findImageTool(env);
  if (value === undefined)
    throw new Error(findings.map(({ what, remedy }) => `${what}: ${remedy}`).join("\n"));
  return value;
}

/** Where there is no registry, the test cluster builds Debian's images itself. */
async function base(from: string): Promise<void> {
  const suite = /^debian:(\w+)-slim$/.exec(from)?.[1];
  if (suite !== undefined && CLUSTER_TOOLS !== undefined) await run(join(CLUSTER_TOOLS, "base"), [suite]);
}

/** Into every node: with the test cluster's own program, or with $PORTICO_CLUSTER_LOAD, such as `kind load docker-image`. */
async function give(reference: string): Promise<void> {
  const own = CLUSTER_TOOLS === undefined ? undefined : [join(CLUSTER_TOOLS, "load")];
  const [program, ...args] = process.env.PORTICO_CLUSTER_LOAD?.split(" ") ?? own ?? [];
  if (program === undefined)
    throw new Error(
      "set PORTICO_TEST_CLUSTER to the folder of the cluster's programs, or PORTICO_CLUSTER_LOAD to a command that loads an image",
    );
  await run(program, [...args, reference]);
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "portico-image-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
