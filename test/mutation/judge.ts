// What detects a mutant: the layer rules and the second opinion on the plan; or, on a real HAProxy, the expectations and a request for each rule of the plan's space.
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { loadDescription } from "../../src/description/load.ts";
import type { EmittedFile } from "../../src/emit/file.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { HaproxyFailure } from "../../src/haproxy/process.ts";
import { runExpectations } from "../../src/lab/expectation.ts";
import { knownOf } from "../../src/lab/lab.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { contradictions } from "../oracle/planned-facts.ts";
import { applyMutant, type Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutants.ts";
import { differsFromModel, type RuleRequest, ruleRequests } from "./rule-requests.ts";

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
  const rendered = await wiringOf(files);
  const clean = new Set(findingsOf(rendered));
  const requests = await agreedRequests(plan, rendered, haproxy);
  return {
    mutants: mutantsOf(files),
    async findingsOf(mutant) {
      const wiring = await wiringOf(withMutant(plan, files, mutant));
      if (contradictions(plan, wiring).length > 0) return "check";
      if (findingsOf(wiring).some((finding) => !clean.has(finding))) return "check";
      return (await passes(plan, wiring, haproxy, requests)) ? "survived" : "test";
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

function findingsOf(wiring: Wiring): readonly string[] {
  return checkLayers(wiring).map(({ code, what }) => `${code} ${what}`);
}

/** Without those that the lab cannot send as they are. */
async function agreedRequests(
  plan: Plan,
  rendered: Wiring,
  haproxy: Haproxy,
): Promise<readonly RuleRequest[]> {
  const lab = await openLabOfLayers(rendered, { haproxy, ...knownOf(plan) });
  try {
    const agreed: RuleRequest[] = [];
    for (const request of ruleRequests(plan))
      if (!(await differsFromModel(lab, plan, request))) agreed.push(request);
    return agreed;
  } finally {
    await lab.close();
  }
}

async function passes(
  plan: Plan,
  wiring: Wiring,
  haproxy: Haproxy,
  requests: readonly RuleRequest[],
): Promise<boolean> {
  try {
    const lab = await openLabOfLayers(wiring, { haproxy, ...knownOf(plan) });
    try {
      const results = await runExpectations(lab, plan.expectations);
      if (results.some(({ differences }) => differences.length > 0)) return false;
      for (const request of requests) if (await differsFromModel(lab, plan, request)) return false;
      return true;
    } finally {
      await lab.close();
    }
  } catch (error) {
    // HAProxy refuses the file, or there is no haproxy.cfg.
    if (error instanceof HaproxyFailure || error instanceof RangeError) return false;
    throw error;
  }
}
