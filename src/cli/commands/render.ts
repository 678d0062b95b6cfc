// portico render: writes all layers, or none.
import { resolve } from "node:path";
import { maskedJson } from "../../findings/credentials.ts";
import type { CommandSpec } from "../command.ts";
import { showFindings } from "../findings-output.ts";
import { loadPlan, shown } from "../planned.ts";
import { registryNote } from "../publish-image.ts";

export const renderCommand: CommandSpec = {
  name: "render",
  arguments: "[description]",
  summary: "write every layer",
  options: [
    { flags: "-o, --out <dir>", about: "the output folder; default: out next to the description" },
    {
      flags: "--layer <layer>",
      about: "write only this layer",
      choices: ["haproxy", "image", "kubernetes", "cloud"],
    },
    { flags: "--verify", about: "write nothing; fail when the files on disk differ" },
    { flags: "--force", about: "replace files that were edited by hand" },
    { flags: "--json", about: "print the list of files as JSON" },
  ],
  examples: ["portico render", "portico render -o build/edge", "portico render --verify"],
  async run(context, given) {
    const planned = await loadPlan(context, given);
    if (planned === undefined) return 2;
    const { emitLayers } = await import("../../emit/layers.ts");
    const { compareFiles, writeFiles } = await import("../write-files.ts");
    const layer = given.text("layer");
    const files = emitLayers(planned.plan).filter(
      ({ path }) => layer === undefined || path.startsWith(`${layer}/`),
    );
    const out = given.text("out");
    if (out === undefined && planned.folder === null) {
      context.log(
        `portico: ${planned.description.file} is not a regular file, so there is no \`out\` folder next to it. Name a folder with --out.`,
      );
      return 2;
    }
    const folder = resolve(out === undefined ? (planned.folder ?? "") : context.cwd, out ?? "out");
    if (given.flag("verify")) {
      const differing = compareFiles(folder, files);
      if (given.flag("json")) context.print(maskedJson({ folder, differing }));
      else
        for (const { path, how } of differing)
          context.log(`${shown(context, resolve(folder, path))}: ${how}`);
      return differing.length === 0 ? 0 : 1;
    }
    const outcome = writeFiles(folder, files, { force: given.flag("force") });
    if (outcome.kind !== "written") {
      context.log(
        [
          `nothing was written: ${outcome.because}`,
          ...outcome.files.map((file) => `  ${shown(context, resolve(folder, file))}`),
          outcome.remedy,
        ].join("\n"),
      );
      return outcome.kind === "failed" ? 2 : 1;
    }
    const findings = files.some(({ path }) => path.startsWith("kubernetes/"))
      ? registryNote(planned.plan.image.repository.value)
      : [];
    if (given.flag("json"))
      context.print(
        maskedJson({
          folder,
          findings,
          files: files.map(({ path }) => path),
          written: outcome.written,
          removed: outcome.removed,
        }),
      );
    else {
      context.print(summary(files.length, outcome, shown(context, folder)));
      await showFindings(context, findings, new Map());
    }
    return 0;
  },
};

function summary(
  files: number,
  { written, removed }: { readonly written: readonly string[]; readonly removed: readonly string[] },
  folder: string,
): string {
  const changed = [
    ...written.map((path) => `\n  ${path}`),
    ...removed.map((path) => `\n  ${path} (removed)`),
  ];
  return `${files} files → ${folder}${changed.length === 0 ? ", unchanged" : changed.join("")}`;
}
