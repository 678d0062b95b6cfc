// The folders in examples/: those with a description, each loaded and planned as the commands do, and the others.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type LoadedDescription, loadDescription } from "../../src/description/load.ts";
import type { Finding } from "../../src/findings/finding.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";

export const examplesFolder = fileURLToPath(new URL("../../examples/", import.meta.url));

const folders: readonly string[] = readdirSync(examplesFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

/** The folders with a description. */
export const exampleNames = folders.filter(isDescribed);

/** The folders of hand-written layers, without a description. */
export const layerExampleNames = folders.filter((name) => !isDescribed(name));

function isDescribed(name: string): boolean {
  return readdirSync(`${examplesFolder}${name}`).some((file) => /^portico\.(yaml|config\.ts)$/.test(file));
}

/** Throws with the findings where the example has any. */
export async function loadExample(name: string): Promise<LoadedDescription> {
  const { value, findings } = await loadDescription(undefined, { cwd: `${examplesFolder}${name}` });
  if (value === undefined || findings.length > 0) throw new Error(told(name, findings));
  return value;
}

export async function planExample(name: string): Promise<Plan> {
  const { edge, positionOf } = await loadExample(name);
  const { value, findings } = planEdge(edge, positionOf);
  if (value === undefined || findings.length > 0) throw new Error(told(name, findings));
  return value;
}

function told(name: string, findings: readonly Finding[]): string {
  return findings
    .map(({ at, code, what }) => `examples/${name}:${at[0]?.line ?? "?"} ${code}: ${what}`)
    .join("\n");
}
