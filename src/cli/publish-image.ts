// Makes the edge's image available to nodes: builds it, and pushes it or passes it to a command.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Rendered } from "../cluster/rendered.ts";
import type { TextFile } from "../emit/file.ts";
import type { Finding } from "../findings/finding.ts";
import type { ImageTool } from "../images/tool.ts";
import type { CommandContext } from "./command.ts";
import { showFindings } from "./findings-output.ts";
import { progressLine } from "./progress-line.ts";

export interface PublishOptions {
  readonly build: boolean;
  /** A command line that gets the image's name as its last argument, instead of a push. */
  readonly load?: string;
}

/** Whether this machine has the image, for the confirmation; empty where that does not matter. */
export async function imageState(
  context: CommandContext,
  image: Rendered["image"],
  { build }: Pick<PublishOptions, "build">,
): Promise<string> {
  if (image.files === undefined) return "as named";
  if (!build) return "not built here";
  const { findImageTool, hasImage } = await import("../images/tool.ts");
  const { value: tool } = await findImageTool(context.env);
  if (tool === undefined) return "";
  return (await hasImage(tool, image.reference)) ? "already built" : "to be built";
}

/** A name without a registry is an official image of Docker Hub (distribution's reference grammar): only Docker pushes there. */
export function registryNote(repository: string): readonly Finding[] {
  if (repository.includes("/")) return [];
  return [
    {
      code: "image-without-registry",
      severity: "note",
      what: `the image ${repository} has no registry that nodes could pull it from`,
      why: "After `kubectl apply -k`, no pod starts on a node that does not have the image yet: ImagePullBackOff.",
      remedy: `Write \`image: { repository: registry.example.com/${repository} }\` with your registry, and push the image with \`portico image build --push\`; or load the image into the nodes.`,
      at: [],
    },
  ];
}

/** What prevents publishing, as far as it is known in advance. */
export function publishingFindings(
  { files, reference }: Pick<Rendered["image"], "files" | "reference">,
  { build, load }: PublishOptions,
): readonly Finding[] {
  if (files === undefined || !build || load !== undefined || reference.includes("/")) return [];
  return [
    {
      code: "image-without-registry",
      severity: "error",
      what: `${reference} has no registry that nodes could pull it from`,
      why: "The image is built on this machine, and nodes must be able to pull it.",
      remedy: `Describe one (\`image: { repository: registry.example.com/${reference.split(":")[0]}\` }), load the image with --load COMMAND, or write --no-build when the nodes have it.`,
      at: [],
    },
  ];
}

/** Whether the image is available; otherwise the reason was printed. */
export async function publishImage(
  context: CommandContext,
  image: Rendered["image"],
  { build, load }: PublishOptions,
): Promise<boolean> {
  if (image.files === undefined || !build)
    return load === undefined || loadImage(context, load, image.reference);
  const { findImageTool } = await import("../images/tool.ts");
  const { value: tool, findings } = await findImageTool(context.env);
  if (tool === undefined) {
    await showFindings(context, findings, new Map());
    return false;
  }
  const { failed } = await buildImage(
    context,
    tool,
    { reference: image.reference, files: image.files, push: load === undefined },
    "  building     ",
  );
  if (failed !== null) {
    context.log(`portico: ${[failed.message, ...failed.lines.map((line) => `  ${line}`)].join("\n")}`);
    return false;
  }
  return load === undefined || loadImage(context, load, image.reference);
}

interface ImageToBuild {
  readonly reference: string;
  readonly files: readonly TextFile[];
  readonly push: boolean;
}

export interface BuiltImage {
  /** Whether it was built now. */
  readonly built: boolean;
  readonly pushed: boolean;
  readonly failed: { readonly message: string; readonly lines: readonly string[] } | null;
}

/** Builds the image unless it is there, and pushes it; `prefix` begins the progress line. Ctrl-C ends the programs. */
export async function buildImage(
  context: CommandContext,
  tool: ImageTool,
  { reference, files, push }: ImageToBuild,
  prefix = "",
): Promise<BuiltImage> {
  const { ensureImage, ImageFailure, isStep, pushImage } = await import("../images/build.ts");
  const progress = progressLine(context);
  const interrupted = new AbortController();
  const ended = Promise.withResolvers<void>();
  const forget = context.onInterrupt(() => {
    interrupted.abort();
    return ended.promise;
  });
  const running = {
    signal: interrupted.signal,
    onLine: (line: string) => {
      if (isStep(line)) progress.show(`${prefix}${line}`);
    },
  };
  let built = false;
  try {
    built = (await ensureImage(tool, { reference, files, ...running })) === "built";
    if (push) await pushImage(tool, reference, running);
    return { built, pushed: push, failed: null };
  } catch (error) {
    if (!(error instanceof ImageFailure)) throw error;
    return { built, pushed: false, failed: { message: error.message, lines: error.lines } };
  } finally {
    progress.clear();
    forget();
    ended.resolve();
  }
}

async function loadImage(context: CommandContext, command: string, reference: string): Promise<boolean> {
  // A shell parses the command line; the name is passed as an argument.
  const child = spawn("/bin/sh", ["-c", `${command} "$1"`, "sh", reference], {
    cwd: context.cwd,
    env: { ...context.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => chunks.push(String(chunk)));
  let broken = false;
  const forget = context.onInterrupt(async () => {
    broken = true;
    child.kill();
  });
  const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  forget();
  if (status === 0) return true;
  const end = status === null ? `was terminated by ${signal}` : `exited with status ${status}`;
  const output = chunks.join("").trim();
  if (!broken)
    context.log(
      `portico: \`${command} ${reference}\` ${end}${output === "" ? ", without output" : `:\n${output}`}`,
    );
  return false;
}
