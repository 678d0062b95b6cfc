// Layers in a folder, read and checked, and fixed with `--fix`.
import type { TrustOptions } from "../check/haproxy/validate-layer.ts";
import type { Finding } from "../findings/finding.ts";
import type { Haproxy } from "../haproxy/find.ts";
import type { Wiring, WiringFile } from "../wiring/wiring.ts";
import type { CommandContext } from "./command.ts";
import type { Planned } from "./planned.ts";
import { replaceFiles } from "./replace-files.ts";

export interface CheckedLayers {
  readonly findings: readonly Finding[];
  readonly sources: ReadonlyMap<string, string>;
  /** The folder contains nothing that can be checked. */
  readonly empty: boolean;
  readonly verdict: Verdict;
  readonly wiring: Wiring;
}

/** HAProxy's verdict on the configurations of a folder; `line-not-validated`: each needs a file that Portico does not read; `no-verdict`: it reached a limit. */
export type Verdict = "accepts" | "refuses" | "no-verdict" | "line-not-validated" | "no-configuration";

/** All findings about a folder; `haproxy` null: without HAProxy's own check; with a description, also every difference from its rendered files. */
export async function checkFolder(
  context: CommandContext,
  folder: string,
  haproxy: Haproxy | null,
  planned: Planned | null = null,
  options: TrustOptions = {},
): Promise<CheckedLayers> {
  const { noLayerIn } = await import("../wiring/read-folder.ts");
  const { readLayers } = await import("../wiring/read-layers.ts");
  const { readWiring } = await import("../wiring/read-wiring.ts");
  const { checkLayers } = await import("../check/layers/check-layers.ts");
  const asking = await import("../check/haproxy/check-with-haproxy.ts");
  const suppressing = await import("../check/suppressions.ts");
  const { files, leftOut } = await readLayers(folder, { cwd: context.cwd });
  const read = await readWiring(files, leftOut);
  const empty = isWithoutLayers(read);
  const unsaid = empty && !leftOut.some(({ severity }) => severity === "error");
  const wiring = unsaid ? { ...read, leftOut: [noLayerIn(folder), ...read.leftOut] } : read;
  const sources = new Map(wiring.files.map(({ file, text }) => [file, text]));
  const drift = planned === null ? [] : await driftIn(context, folder, planned, wiring);
  const ruleFindings = [...drift, ...checkLayers(wiring)];
  const haproxyFindings =
    haproxy === null ? [] : await asking.checkWithHaproxy(wiring, haproxy, { ...options, env: context.env });
  const found = asking.withoutDuplicates(ruleFindings, haproxyFindings);
  const verdict = verdictOf(
    haproxyFindings,
    wiring.haproxies.length,
    wiring.haproxies.filter((layer) => asking.canValidate(layer, options)).length,
  );
  const result = { sources, empty, verdict, wiring };
  if (planned === null)
    return { ...result, findings: suppressing.applySuppressions(found, suppressing.suppressionsIn(sources)) };
  const { suppressed } = await import("../check/suppressed-by-description.ts");
  const texts = new Map([...sources, ...planned.description.sources]);
  return { ...result, sources: texts, findings: suppressed(found, planned.description, texts) };
}

/** HAProxy's findings, if one of them replaces a less detailed finding. */
function verdictOf(haproxyFindings: readonly Finding[], configs: number, askable: number): Verdict {
  if (configs === 0) return "no-configuration";
  if (askable === 0) return "line-not-validated";
  if (haproxyFindings.some(({ code }) => code === "haproxy-limit-reached")) return "no-verdict";
  return haproxyFindings.some(({ code }) => code === "haproxy-refuses") ? "refuses" : "accepts";
}

/** Every difference of the folder from what the description renders. */
async function driftIn(
  context: CommandContext,
  folder: string,
  { plan, description }: Planned,
  wiring: Wiring,
): Promise<readonly Finding[]> {
  const { findDrift } = await import("../check/drift/drift.ts");
  const { describedIn } = await import("../check/drift/described.ts");
  const { emitLayers } = await import("../emit/layers.ts");
  const { readRendered } = await import("./rendered-folder.ts");
  const rendered = emitLayers(plan);
  const found = readRendered(context.cwd, folder, rendered, wiring.files);
  return findDrift(rendered, found, wiring, describedIn(rendered, description));
}

/** Other tools' YAML and JSON may be there, too. */
function isWithoutLayers({ files, objects, haproxies }: Wiring): boolean {
  return objects.length === 0 && haproxies.length === 0 && files.every(({ kind }) => !OWN_KINDS.has(kind));
}

const OWN_KINDS: ReadonlySet<WiringFile["kind"]> = new Set([
  "terraform",
  "compose",
  "dockerfile",
  "resolv-conf",
]);

/**
 * Applies safe fixes until none is left: some depend on others. Prints what was changed on stderr. false: a file could
 * not be replaced, and the reason was printed.
 */
export function fixFolder(context: CommandContext, folder: string): Promise<boolean> {
  return fixFindings(context, folder, () => checkFolder(context, folder, null));
}

/** The same for the findings of `look`; nothing outside of the folder is written. */
export async function fixFindings(
  context: CommandContext,
  folder: string,
  look: () => Promise<Pick<CheckedLayers, "findings" | "sources">>,
): Promise<boolean> {
  const { applyFixes } = await import("../check/apply-fixes.ts");
  const { folderOf } = await import("./input.ts");
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const { findings, sources } = await look();
    const { texts, fixed } = applyFixes(sources, findings);
    if (fixed.length === 0) {
      if (round === 0) context.log("nothing to fix: no finding has a safe fix");
      return true;
    }
    const failure = replaceFiles(
      context.cwd,
      folderOf(context, folder),
      [...texts].map(([file, after]) => ({ file, before: sources.get(file) ?? "", after })),
    );
    if (failure !== null) {
      context.log(`nothing ${round === 0 ? "" : "more "}was fixed: ${failure}`);
      return false;
    }
    for (const { code, fix } of fixed) {
      const first = fix?.edits[0];
      context.log(`fixed  ${first?.file}:${first?.line}  ${fix?.does}  (${code})`);
    }
  }
  return true;
}

/** A rule whose fix does not remove its finding is a defect, and must not loop here. */
const MOST_ROUNDS = 5;
