// portico image build: builds the image, whose name is computed from its content, with an installed program.
import type { ImageTool, ImageToolName } from "../../images/tool.ts";
import type { CommandContext, CommandSpec } from "../command.ts";
import { showFailure } from "../findings-output.ts";
import { loadPlan } from "../planned.ts";
import { type BuiltImage, buildImage } from "../publish-image.ts";

export const imageBuildCommand: CommandSpec = {
  name: "image build",
  arguments: "[description]",
  summary: "build the container image, unless this machine has it",
  options: [
    { flags: "--push", about: "push it to the registry of image.repository" },
    {
      flags: "--with <tool>",
      about: "the program that builds; default the first of these that works",
      choices: ["docker", "podman", "buildah"] satisfies ImageToolName[],
    },
    { flags: "--json", about: "print the image's name and what was done as JSON" },
  ],
  examples: ["portico image build", "portico image build --push --with podman"],
  async run(context, given) {
    const planned = await loadPlan(context, given);
    if (planned === undefined) return 2;
    const { repository } = planned.plan.image;
    if (given.flag("push") && !repository.value.includes("/")) {
      context.log(
        `portico: \`${repository.value}\` has no registry to push to. Describe one: image: { repository: registry.example.com/${repository.value} }`,
      );
      return 2;
    }
    const { emitLayers } = await import("../../emit/layers.ts");
    const { imageFiles, imageReference } = await import("../../emit/image/image-reference.ts");
    const { findImageTool } = await import("../../images/tool.ts");
    const named = given.text("with") as ImageToolName | undefined;
    const { value: tool, findings } = await findImageTool(context.env, named);
    if (tool === undefined) {
      await showFailure(context, given, findings, new Map());
      return 2;
    }
    const layers = emitLayers(planned.plan);
    const layer = (name: string) => layers.filter(({ path }) => path.startsWith(`${name}/`));
    const sources = { image: layer("image"), config: layer("haproxy") };
    const reference = imageReference(planned.plan.image, sources);
    const made = await buildImage(context, tool, {
      reference,
      files: imageFiles(planned.plan.image, sources),
      push: given.flag("push"),
    });
    if (given.flag("json"))
      context.print(
        JSON.stringify({ reference, tool: { name: tool.name, version: tool.version }, ...made }, null, 2),
      );
    else if (made.failed === null) context.print(summary(reference, tool, made));
    if (made.failed !== null && !given.flag("json")) complainOf(context, made.failed);
    return made.failed === null ? 0 : 1;
  },
};

function summary(reference: string, { name, version }: ImageTool, { built, pushed }: BuiltImage): string {
  return `${reference}  ${built ? `built by ${name} ${version}` : "already built"}${pushed ? ", pushed" : ""}`;
}

function complainOf(context: CommandContext, { message, lines }: NonNullable<BuiltImage["failed"]>): void {
  context.log(
    `portico: ${message}${lines.length === 0 ? "" : `; its last lines:\n\n${lines.map((line) => `  ${line}`).join("\n")}`}`,
  );
}
