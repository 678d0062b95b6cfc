// Finds the program that builds images: docker, podman or buildah.
import { execFile } from "node:child_process";
import type { Finding, Outcome } from "../findings/finding.ts";

export const IMAGE_TOOLS = ["docker", "podman", "buildah"] as const;
export type ImageToolName = (typeof IMAGE_TOOLS)[number];

export type Environment = Readonly<Record<string, string | undefined>>;

export interface ImageTool {
  readonly name: ImageToolName;
  readonly version: string;
  readonly env: Environment;
}

/** The command that verifies that the program and its service work: docker's daemon, podman's machine. */
const QUESTIONS: Readonly<Record<ImageToolName, readonly string[]>> = {
  docker: ["version", "--format", "{{.Server.Version}}"],
  podman: ["info", "--format", "{{.Version.Version}}"],
  buildah: ["--version"],
};

/** The named one, or the first that works. Finding: `image-tool-missing`, with the reason for each. */
export async function findImageTool(env: Environment, named?: ImageToolName): Promise<Outcome<ImageTool>> {
  const problems: string[] = [];
  for (const name of named === undefined ? IMAGE_TOOLS : [named]) {
    const answer = await run(name, QUESTIONS[name], env);
    if (answer.ok) {
      const version = /\d+(\.\d+)+\S*/.exec(answer.stdout)?.[0] ?? "of unknown version";
      return { value: { name, version, env }, findings: [] };
    }
    problems.push(`${name}: ${answer.problem}`);
  }
  return { findings: [missing(problems)] };
}

/** Whether an image of this name is on this machine. */
export async function hasImage(tool: ImageTool, reference: string): Promise<boolean> {
  const question = {
    docker: ["image", "inspect", reference],
    podman: ["image", "exists", reference],
    buildah: ["inspect", "--type", "image", reference],
  }[tool.name];
  return (await run(tool.name, question, tool.env)).ok;
}

type Answer =
  | { readonly ok: true; readonly stdout: string }
  | { readonly ok: false; readonly problem: string };

function run(name: string, args: readonly string[], env: Environment): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(
      name,
      args,
      { encoding: "utf8", env: { ...env }, maxBuffer: 1 << 24 },
      (error, stdout, stderr) => {
        if (error === null) resolve({ ok: true, stdout });
        else if (error.code === "ENOENT") resolve({ ok: false, problem: "not on PATH" });
        else resolve({ ok: false, problem: lastLine(stderr) ?? lastLine(stdout) ?? error.message });
      },
    );
  });
}

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1) || undefined;
}

function missing(problems: readonly string[]): Finding {
  return {
    code: "image-tool-missing",
    severity: "error",
    what: `no program that builds images works on this machine (${problems.join("; ")})`,
    why: "docker, podman or buildah builds an image; Portico only writes its Dockerfile and files.",
    remedy:
      "Install one (`sudo apt-get install -y buildah`, `sudo dnf install -y buildah`, `brew install podman`) or start docker's daemon.",
    at: [],
  };
}
