// The layers that a plan renders to, read back and looked at as anybody's.
import { emitLayers } from "../../emit/layers.ts";
import type { Finding } from "../../findings/finding.ts";
import type { Plan } from "../../plan/plan.ts";
import { readWiring } from "../../wiring/read-wiring.ts";
import { checkLayers } from "./check-layers.ts";

export interface CheckedRendering {
  readonly findings: readonly Finding[];
  /** The rendered files that findings point into, by their rendered path. */
  readonly texts: ReadonlyMap<string, string>;
}

/** What the layer rules find in the rendered files; a code that the plan was reported for is not reported twice. */
export async function checkRendered(plan: Plan, known: readonly Finding[]): Promise<CheckedRendering> {
  const files = emitLayers(plan).map(({ path, content }) => ({ file: path, text: content }));
  const said = new Set(known.map(({ code }) => code));
  const wiring = await readWiring(files);
  const findings = checkLayers(wiring).filter(
    // What only the account knows is a variable of the Terraform, and meant to be one.
    ({ code }) => !said.has(code) && code !== "layer-not-understood",
  );
  return {
    findings,
    texts: new Map(files.map(({ file, text }) => [file, text])),
  };
}
