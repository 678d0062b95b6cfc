// portico diff: which requests change their outcome between two edges, and which files.
import type { Comparison } from "../../diff/comparison.ts";
import type { Haproxy } from "../../haproxy/find.ts";
import type { CommandContext, CommandSpec, Given } from "../command.ts";
import { type DiffSides, loadSides } from "../diff-sides.ts";
import { RevisionRefused } from "../git-revision.ts";
import { haproxyFor } from "../played.ts";

const USAGE = 2;
const DEFECT = 3;

export const diffCommand: CommandSpec = {
  name: "diff",
  arguments: "<before> [after]",
  summary: "show which requests change their outcome, then which files",
  options: [
    {
      flags: "--haproxy <path>",
      about: "the HAProxy to play on; default $PORTICO_HAPROXY, then the one on PATH",
    },
    { flags: "--exit-code", about: "exit 1 when a request changes its outcome, or a raw line changes" },
    { flags: "--json", about: "every change as JSON" },
  ],
  examples: [
    "portico diff main                      this description, and as it was at a git revision",
    "portico diff main edge/portico.yaml",
    "portico diff old.yaml new.yaml         two descriptions",
    "portico diff layers/ new-layers/       two folders of layers, whoever wrote them",
  ],
  async run(context, given) {
    const { sides, close } = await open(context, given);
    try {
      if ("usage" in sides) {
        if (sides.usage !== null) context.complain(`portico diff: ${sides.usage}`);
        return USAGE;
      }
      if (sides.before.kind !== sides.after.kind) {
        context.complain(
          "portico diff: one is a description and the other a folder of layers; render the description first (`portico render -o DIR`).",
        );
        return USAGE;
      }
      const haproxy = await haproxyFor(context, given);
      if (haproxy === undefined) return USAGE;
      const comparison = await compare(sides, haproxy);
      await print(context, given.flag("json"), sides, comparison);
      if (comparison.disagreements.length > 0) return DEFECT;
      const { isUnchanged } = await import("../../diff/compare-files.ts");
      if (comparison.probes === 0 && !isUnchanged(comparison.files)) return USAGE;
      const { isChanged } = await import("../../diff/raw-effects.ts");
      const changes = comparison.changed.length > 0 || comparison.raw.some(isChanged);
      return given.flag("exitCode") && changes ? 1 : 0;
    } finally {
      close();
    }
  },
};

async function open(context: CommandContext, given: Given): ReturnType<typeof loadSides> {
  try {
    return await loadSides(context, given, given.text("before") ?? "", given.text("after"));
  } catch (error) {
    if (!(error instanceof RevisionRefused)) throw error;
    return { sides: { usage: error.message }, close: () => {} };
  }
}

async function compare({ before, after }: DiffSides, haproxy: Haproxy): Promise<Comparison> {
  if (before.kind === "description" && after.kind === "description")
    return (await import("../../diff/diff-descriptions.ts")).diffDescriptions(
      before.plan,
      after.plan,
      haproxy,
    );
  if (before.kind === "layers" && after.kind === "layers")
    return (await import("../../diff/diff-layers.ts")).diffLayers(before.wiring, after.wiring, haproxy);
  throw new Error("both sides are of one kind");
}

async function print(
  context: CommandContext,
  json: boolean,
  { before, after }: DiffSides,
  comparison: Comparison,
): Promise<void> {
  if (json) return context.print((await import("../screens/diff-json.ts")).diffJson(comparison));
  const { diffText } = await import("../screens/diff-text.ts");
  context.print(
    diffText(
      comparison,
      { before: before.prefix, after: after.prefix },
      { colour: context.colour.out, width: context.width },
    ),
  );
}
