// What detects a mutant: the layer rules and the second opinion on the plan, or the expectations on a real HAProxy.
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { loadDescription } from "../../src/description/load.ts";
import type { EmittedFile } from "../../src/emit/file.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { HaproxyFailure } from "../../src/haproxy/process.ts";
import { runExpectations } from "../../src/lab/expectation.ts";
import { knownOf } from "../../src/lab/lab.ts";
import { openLabOfLayers } from "../../src/lab/layers-lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { contradictions } from "../oracle/planned-facts.ts";
import { applyMutant, type Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutants.ts";

export type Verdict = "check" | "test" | "survived";

export interface Subject {
  readonly mutants: readonly Mutant[];
  readonly findingsOf: (mutant: Mutant) => Promise<Verdict>;
}

/** The description in a folder, rendered. */
export async function openSubject(folder: string, haproxy: Haproxy): Promise<Subject> {
  const { value } = await loadDescription(undefined, { cwd: folder });
  const plan = value === undefined ? undefined : planEdge(value.edge, value.positionOf).value;
  if (plan === undefined) throw new Error(`${folder} has no plan`);
  const files = emitLayers(plan);
  const clean = new Set(findingsOf(plan, await wiringOf(files)));
  return {
    mutants: mutantsOf(files),
    async findingsOf(mutant) {
      const wiring = await wiringOf(withMutant(plan, files, mutant));
      if (findingsOf(plan, wiring).some((finding) => !clean.has(finding))) return "check";
      return (await passes(plan, wiring, haproxy)) ? "survived" : "test";
    },
  };
}

/** haproxy.cfg and its maps are in the ConfigMap, too: an emitter's fault is in both. */
function withMutant(plan: Plan, files: readonly EmittedFile[], mutant: Mutant): readonly EmittedFile[] {
  const changed = applyMutant(files, mutant);
  return mutant.file.startsWith("haproxy/")
    ? emitLayers(plan, { haproxy: changed.filter(({ path }) => path.startsWith("haproxy/")) })
    : changed;
}

function wiringOf(files: readonly EmittedFile[]): Promise<Wiring> {
  return readWiring(files.map(({ path, content }) => ({ file: path, text: content })));
}

function findingsOf(plan: Plan, wiring: Wiring): readonly string[] {
  return [
    ...contradictions(plan, wiring).map(({ what }) => what),
    ...checkLayers(wiring).map(({ code, what }) => `${code} ${what}`),
  ];
}

async function passes(plan: Plan, wiring: Wiring, haproxy: Haproxy): Promise<boolean> {
  try {
    const lab = await openLabOfLayers(wiring, { haproxy, ...knownOf(plan) });
    try {
      const results = await runExpectations(lab, plan.expectations);
      return results.every(({ differences }) => differences.length === 0);
    } finally {
      await lab.close();
    }
  } catch (error) {
    // HAProxy refuses the file, or there is no haproxy.cfg.
    if (error instanceof HaproxyFailure || error instanceof RangeError) return false;
    throw error;
  }
}
