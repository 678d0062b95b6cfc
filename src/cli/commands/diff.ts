// portico diff: which requests have another outcome in the later edge, and which files differ.
import type { Comparison } from "../../diff/comparison.ts";
import type { Finding } from "../../findings/finding.ts";
import type { Haproxy } from "../../haproxy/find.ts";
import type { HaproxyFailure } from "../../haproxy/process.ts";
import { type CommandContext, type CommandSpec, type Given, screenOf } from "../command.ts";
import { type DiffSide, type DiffSides, loadSides } from "../diff-sides.ts";
import { printAnnotations, showFindings } from "../findings-output.ts";
import { RevisionRefused } from "../git-revision.ts";
import { TRUST, trustOf } from "../trust.ts";
import { VERBOSE } from "../verbose.ts";
import { HAPROXY, haproxyFor } from "../with-lab.ts";

const USAGE = 2;
const DEFECT = 3;

export const diffCommand: CommandSpec = {
  name: "diff",
  arguments: "<before> [after]",
  summary: "show which requests change their outcome, then which files",
  options: [
    HAPROXY,
    {
      flags: "--exit-code",
      about: "exit 1 when a request changes, or a difference was not examined",
    },
    TRUST,
    VERBOSE,
    { flags: "--json", about: "every change as JSON" },
    { flags: "--sarif", about: "the changed requests as SARIF 2.1.0" },
    { flags: "--github", about: "the changed requests as annotations of GitHub Actions" },
  ],
  examples: [
    "portico diff main                      this description, and its version at a git revision",
    "portico diff main edge/portico.yaml",
    "portico diff main:edge/portico.yaml release:edge/portico.yaml",
    "portico diff old.yaml new.yaml         two descriptions",
    "portico diff layers/ new-layers/       two folders of layers",
    "portico diff main haproxy.cfg          a haproxy.cfg without other layers, and its version at a git revision",
    "portico diff old.cfg new.cfg",
  ],
  async run(context, given) {
    const { sides, close } = await open(context, given);
    try {
      if ("usage" in sides) {
        if (sides.usage !== null) context.log(`portico diff: ${sides.usage}`);
        return USAGE;
      }
      const mixed = mixedText(sides);
      if (mixed !== undefined) {
        context.log(`portico diff: ${mixed}`);
        return USAGE;
      }
      const haproxy = await haproxyFor(context, given);
      if (haproxy === undefined) return USAGE;
      const { comparison, findings } = await compare(context, given, sides, haproxy);
      await print(context, given, sides, comparison, findings);
      if (findings.length > 0) return USAGE;
      if (comparison.disagreements.length > 0) return DEFECT;
      return given.flag("exitCode") && hasChanges(comparison) ? 1 : 0;
    } finally {
      close();
    }
  },
};

function hasChanges({ changed, undecided, incomplete, otherChanges }: Comparison): boolean {
  return [changed, undecided, incomplete, otherChanges].some(({ length }) => length > 0);
}

/** Why the two sides cannot be compared. */
function mixedText({ before, after }: DiffSides): string | undefined {
  if (before.kind !== after.kind)
    return "one side is a description and the other a configuration or a folder of layers; render the description first (`portico render -o DIR`).";
  if (before.kind === "layers" && after.kind === "layers" && before.single !== after.single)
    return "one side is a single haproxy.cfg and the other a folder of layers; name the haproxy.cfg of the folder.";
  return undefined;
}

async function open(context: CommandContext, given: Given): ReturnType<typeof loadSides> {
  try {
    return await loadSides(context, given, given.text("before") ?? "", given.text("after"));
  } catch (error) {
    if (!(error instanceof RevisionRefused)) throw error;
    return { sides: { usage: error.message }, close: () => {} };
  }
}

interface Compared {
  readonly comparison: Comparison;
  /** Why HAProxy does not start with a side: then no request was sent. */
  readonly findings: readonly Finding[];
}

async function compare(
  context: CommandContext,
  given: Given,
  { before, after }: DiffSides,
  haproxy: Haproxy,
): Promise<Compared> {
  if (before.kind === "description" && after.kind === "description") {
    const { diffDescriptions } = await import("../../diff/diff-descriptions.ts");
    const comparison = await diffDescriptions(before.plan, after.plan, haproxy, trustOf(given));
    return { comparison, findings: [] };
  }
  if (before.kind !== "layers" || after.kind !== "layers") throw new Error("both sides are of one kind");
  const { diffLayers } = await import("../../diff/diff-layers.ts");
  const comparison = await diffLayers(before.wiring, after.wiring, haproxy, trustOf(given));
  const { refused } = comparison;
  const findings: Finding[] = [];
  for (const [side, failure] of [
    [before, refused.before],
    [after, refused.after],
  ] as const)
    if (failure !== undefined) findings.push(...(await refusalIn(context, given, side, failure, haproxy)));
  return { comparison, findings };
}

/** With positions in the side's own file, in the user's spelling: `main:layers/haproxy.cfg`. */
async function refusalIn(
  context: CommandContext,
  given: Given,
  { nameOf, wiring }: DiffSide & { readonly kind: "layers" },
  failure: HaproxyFailure,
  haproxy: Haproxy,
): Promise<readonly Finding[]> {
  const { givenEnvironment, refusalOf } = await import("../haproxy-refusal.ts");
  const { testedHaproxy } = await import("../../lab/entrances.ts");
  const layer = testedHaproxy(wiring);
  if (layer === undefined) throw failure;
  const env = givenEnvironment(context, given);
  const findings = await refusalOf(failure, { haproxy, config: layer.config, env });
  return findings.map((finding) => ({
    ...finding,
    at: finding.at.map((place) => ({ ...place, file: nameOf(place.file) })),
  }));
}

function formatForPrograms(given: Given): "sarif" | "github" | undefined {
  if (given.flag("sarif")) return "sarif";
  return given.flag("github") ? "github" : undefined;
}

async function print(
  context: CommandContext,
  given: Given,
  { before, after }: DiffSides,
  comparison: Comparison,
  findings: readonly Finding[],
): Promise<void> {
  if (given.flag("json"))
    return context.print((await import("../screens/diff-json.ts")).diffJson(comparison, findings));
  if (findings.length > 0) {
    const sources = [before, after].flatMap((side) =>
      side.kind === "layers"
        ? side.wiring.files.map(({ file, text }) => [side.nameOf(file), text] as const)
        : [],
    );
    await showFindings(context, findings, new Map(sources));
  }
  const format = formatForPrograms(given);
  if (format !== undefined) {
    const { diffAnnotations } = await import("../screens/diff-annotations.ts");
    return printAnnotations(context, format, diffAnnotations(comparison), findings);
  }
  const { diffText } = await import("../screens/diff-text.ts");
  context.print(diffText(comparison, { before: before.nameOf, after: after.nameOf }, screenOf(context)));
}
