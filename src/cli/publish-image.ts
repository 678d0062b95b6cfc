// Makes the edge's image available to nodes: builds it, and pushes it or passes it to a command.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Rendered } from "../cluster/rendered.ts";
import type { Finding } from "../findings/finding.ts";
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
  const [{ findImageTool }, { ensureImage, ImageFailure, isStep, pushImage }] = await Promise.all([
    import("../images/tool.ts"),
    import("../images/build.ts"),
  ]);
  const { value: tool, findings } = await findImageTool(context.env);
  if (tool === undefined) {
    await showFindings(context, findings, new Map());
    return false;
  }
  const stopped = new AbortController();
  const ended = Promise.withResolvers<void>();
  const forget = context.onInterrupt(() => {
    stopped.abort();
    return ended.promise;
  });
  const progress = progressLine(context);
  const running = {
    signal: stopped.signal,
    onLine: (line: string) => {
      if (isStep(line)) progress.show(`  building     ${line}`);
    },
  };
  try {
    await ensureImage(tool, { reference: image.reference, files: image.files, ...running });
    if (load !== undefined) return await loadImage(context, load, image.reference);
    await pushImage(tool, image.reference, running);
    return true;
  } catch (error) {
    if (!(error instanceof ImageFailure)) throw error;
    progress.clear();
    context.log(`portico: ${[error.message, ...error.lines.map((line) => `  ${line}`)].join("\n")}`);
    return false;
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
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => said.push(String(chunk)));
  let broken = false;
  const forget = context.onInterrupt(async () => {
    broken = true;
    child.kill();
  });
  const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  forget();
  if (status === 0) return true;
  const end = status === null ? `was ended by ${signal}` : `ended with status ${status}`;
  const output = said.join("").trim();
  if (!broken)
    context.log(
      `portico: \`${command} ${reference}\` ${end}${output === "" ? ", without output" : `:\n${output}`}`,
    );
  return false;
}
