// The first step of most commands: reads and plans the description, or shows its findings.
import { statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { LoadedDescription } from "../description/load.ts";
import type { Finding } from "../findings/finding.ts";
import type { Plan } from "../plan/plan.ts";
import type { CommandContext, Given } from "./command.ts";
import { showFailure } from "./findings-output.ts";

export interface Planned {
  readonly plan: Plan;
  readonly description: LoadedDescription;
  /** The description's folder; null: it comes from a pipe or a device, so no file is next to it. */
  readonly folder: string | null;
  readonly findings: readonly Finding[];
}

/** The plan of the named description. undefined: it is invalid, its findings were shown, and the exit status is 2. */
export async function loadPlan(
  context: CommandContext,
  given: Given,
  named: string | undefined = given.text("description"),
): Promise<Planned | undefined> {
  const { value, findings, sources } = await tryPlan(context, named);
  if (value !== undefined) return value;
  await showFailure(context, given, findings, sources);
  return undefined;
}

export interface TriedPlan {
  readonly value: Planned | undefined;
  readonly findings: readonly Finding[];
  readonly sources: ReadonlyMap<string, string>;
}

/** As `loadPlan`, without output. */
export async function tryPlan(context: CommandContext, named: string | undefined): Promise<TriedPlan> {
  const { loadDescription } = await import("../description/load.ts");
  const { planEdge } = await import("../plan/plan-edge.ts");
  const { inputOf, notDescription } = await import("./input.ts");
  const input = inputOf(context.cwd, named);
  if (input.kind !== "description") {
    const finding = input.kind === "neither" ? input.finding : notDescription(input.file);
    return { value: undefined, findings: [finding], sources: new Map() };
  }
  const { value: description, findings, sources } = await loadDescription(named, { cwd: context.cwd });
  if (description === undefined) return { value: undefined, findings, sources };
  const planned = planEdge(description.edge, description.positionOf);
  const all = [...findings, ...planned.findings];
  if (planned.value === undefined) return { value: undefined, findings: all, sources };
  const folder = folderOf(resolve(context.cwd, description.file));
  return { value: { plan: planned.value, description, folder, findings: all }, findings: all, sources };
}

/** `/dev/stdin` and `/dev/fd/63` may be regular files, but their folder belongs to the system. */
function folderOf(path: string): string | null {
  return /^\/(dev|proc)\//.test(path) || !statSync(path).isFile() ? null : dirname(path);
}

/** A path for output: relative to the working directory, when that is shorter. */
export function shown(context: CommandContext, path: string): string {
  const relative = path.startsWith(`${context.cwd}/`) ? path.slice(context.cwd.length + 1) : path;
  return relative === "" ? basename(path) : relative;
}
