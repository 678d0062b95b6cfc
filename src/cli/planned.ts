// What most commands begin with: the description read and planned, or its findings shown.
import { basename, dirname, resolve } from "node:path";
import type { LoadedDescription } from "../description/load.ts";
import type { Finding } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { CommandContext } from "./command.ts";

export interface Planned {
  readonly plan: Plan;
  readonly description: LoadedDescription;
  /** The folder that the description lies in. */
  readonly folder: string;
  readonly findings: readonly Finding[];
}

/** undefined when the description cannot be planned; its findings were shown then, and the exit status is 2. */
export async function loadPlan(
  context: CommandContext,
  named: string | undefined,
): Promise<Planned | undefined> {
  const { value, findings, sources } = await tryPlan(context, named);
  if (value !== undefined) return value;
  await showFindings(context, findings, sources);
  return undefined;
}

export interface TriedPlan {
  readonly value: Planned | undefined;
  readonly findings: readonly Finding[];
  readonly sources: ReadonlyMap<string, string>;
}

/** As `loadPlan`, but shows nothing. */
export async function tryPlan(context: CommandContext, named: string | undefined): Promise<TriedPlan> {
  const [{ loadDescription }, { planEdge }] = await Promise.all([
    import("../description/load.ts"),
    import("../plan/plan-edge.ts"),
  ]);
  const { value: description, findings, sources } = await loadDescription(named, { cwd: context.cwd });
  if (description === undefined) return { value: undefined, findings, sources };
  const planned = planEdge(description.edge, description.positionOf);
  const all = [...findings, ...planned.findings];
  if (planned.value === undefined) return { value: undefined, findings: all, sources };
  const folder = dirname(resolve(context.cwd, description.file));
  return { value: { plan: planned.value, description, folder, findings: all }, findings: all, sources };
}

/** Findings as text, on stderr: errors first. */
export async function showFindings(
  context: CommandContext,
  findings: readonly Finding[],
  sources: ReadonlyMap<string, string>,
): Promise<void> {
  if (findings.length === 0) return;
  const { renderText } = await import("../findings/render-text.ts");
  context.complain(
    renderText(findings, { sources, colour: context.colour.err, width: context.width }).trimEnd(),
  );
}

/** How a path is shown: relative to where the user stands, when that is shorter. */
export function shown(context: CommandContext, path: string): string {
  const relative = path.startsWith(`${context.cwd}/`) ? path.slice(context.cwd.length + 1) : path;
  return relative === "" ? basename(path) : relative;
}
