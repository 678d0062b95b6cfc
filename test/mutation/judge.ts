// What detects a mutant: the layer rules and the second opinion on the plan; on a real HAProxy, the expectations and a request for each rule of the plan's space; the comparison of all requests.
import { checkLayers } from "../../src/check/layers/check-layers.ts";
import { loadDescription } from "../../src/description/load.ts";
import { compareRequests } from "../../src/diff/compare-requests.ts";
import { type HaproxySide, haproxyPrograms } from "../../src/diff/haproxy-side.ts";
import type { EmittedFile } from "../../src/emit/file.ts";
import { emitLayers } from "../../src/emit/layers.ts";
import type { Haproxy } from "../../src/haproxy/find.ts";
import { HaproxyFailure } from "../../src/haproxy/process.ts";
import { testedHaproxy } from "../../src/lab/entrances.ts";
import { runExpectations } from "../../src/lab/expectation.ts";
import { knownOf } from "../../src/lab/lab.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { contradictions } from "../oracle/planned-facts.ts";
import { isEquivalent } from "./equivalent.ts";
import { applyMutant, type Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutants.ts";
import { type ForwardedRequest, findForwarded, refusesSwitching } from "./protocol-switch.ts";
import { differsFromModel, type RuleRequest, ruleRequests } from "./rule-requests.ts";

/** `same`: it has no effect. */
export type Verdict = "check" | "test" | "diff" | "same" | "survived";

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
  const tests = await testsOf(plan, rendered, haproxy);
  return {
    mutants: mutantsOf(files),
    async findingsOf(mutant) {
      const wiring = await wiringOf(withMutant(plan, files, mutant));
      if (contradictions(plan, wiring).length > 0) return "check";
      if (findingsOf(wiring).some((finding) => !clean.has(finding))) return "check";
      if (!(await passes(plan, wiring, haproxy, tests))) return "test";
      if (isEquivalent(mutant, files)) return "same";
      return mutant.file.startsWith("haproxy/") ? compared(rendered, wiring, mutant) : "survived";
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

interface Tests {
  /** Without those that the lab cannot send as they are. */
  readonly requests: readonly RuleRequest[];
  readonly forwarded: ForwardedRequest;
}

async function testsOf(plan: Plan, rendered: Wiring, haproxy: Haproxy): Promise<Tests> {
  const lab = await openLabOfLayers(rendered, { haproxy, ...knownOf(plan) });
  try {
    const requests: RuleRequest[] = [];
    for (const request of ruleRequests(plan))
      if (!(await differsFromModel(lab, plan, request))) requests.push(request);
    const forwarded = await findForwarded(lab, requests);
    if (forwarded === undefined || !(await refusesSwitching(lab, forwarded)))
      throw new Error("no request shows that a server must not switch protocols");
    return { requests, forwarded };
  } finally {
    await lab.close();
  }
}

async function passes(
  plan: Plan,
  wiring: Wiring,
  haproxy: Haproxy,
  { requests, forwarded }: Tests,
): Promise<boolean> {
  try {
    const lab = await openLabOfLayers(wiring, { haproxy, ...knownOf(plan) });
    try {
      const results = await runExpectations(lab, plan.expectations);
      if (results.some(({ differences }) => differences.length > 0)) return false;
      for (const request of requests) if (await differsFromModel(lab, plan, request)) return false;
      return await refusesSwitching(lab, forwarded);
    } finally {
      await lab.close();
    }
  } catch (error) {
    // HAProxy refuses the file, or there is no haproxy.cfg.
    if (error instanceof HaproxyFailure || error instanceof RangeError) return false;
    throw error;
  }
}

/** A map decides only answers, so that equal answers prove that its change has no effect. */
function compared(rendered: Wiring, wiring: Wiring, { file }: Mutant): Verdict {
  const { parts, undecided, incomplete } = compareRequests(haproxyPrograms(sideOf(rendered), sideOf(wiring)));
  if (parts.length > 0) return "diff";
  return file.endsWith(".map") && undecided.length + incomplete.length === 0 ? "same" : "survived";
}

function sideOf(wiring: Wiring): HaproxySide {
  const layer = testedHaproxy(wiring);
  if (layer === undefined) throw new RangeError("the layers have no HAProxy configuration");
  return { layer, trafficPaths: wiring.trafficPaths };
}
