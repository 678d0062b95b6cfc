// Compares two folders of layers: both run on a real HAProxy, behind simulators of the load balancers that they describe.
import type { Haproxy } from "../haproxy/find.ts";
import { HaproxyFailure } from "../haproxy/process.ts";
import { withBindPaths } from "../lab/bind-entrances.ts";
import { inParallel } from "../lab/in-parallel.ts";
import type { LabOptions } from "../lab/lab.ts";
import { openLabOfLayers } from "../lab/layers-lab.ts";
import type { NotRun } from "../lab/not-run.ts";
import { readWiring } from "../wiring/read-wiring.ts";
import type { Wiring } from "../wiring/wiring.ts";
import { compareFiles, contentsOf } from "./compare-files.ts";
import type { Cause, ChangedProbe } from "./compare-plans.ts";
import type { Comparison } from "./comparison.ts";
import { examinedOfLayers } from "./examined.ts";
import { hunksOf, unlessRefused, withHunk } from "./hunk-causes.ts";
import { layerProbes } from "./layer-probes.ts";
import { compareNotRun, notRunTexts } from "./not-run-texts.ts";
import { type Outcome, outcomeOfAnswer, sameOutcome } from "./outcome.ts";
import { distinctProbes, type Probe, requestOf } from "./probe.ts";
import type { RunPlanOptions } from "./run-plan.ts";
import { placeOfHunk, untracedPlaces } from "./untraced.ts";

/** At most this many changed places are tested one by one for their effect. */
const MOST_HUNKS = 24;

/**
 * Files are named relative to their folder, so that those of two folders can be compared. Rejects with SideRefused when one
 * of them does not start. There is no model of hand-written files: HAProxy's answers decide.
 */
export async function diffLayers(
  earlier: Wiring,
  later: Wiring,
  haproxy: Haproxy,
  options: RunPlanOptions = {},
): Promise<Comparison> {
  const [before, after] = [withBindPaths(earlier), withBindPaths(later)];
  const probes = distinctProbes([...layerProbes(before), ...layerProbes(after)]);
  const lab = { haproxy, ...options };
  const old = await runSide("before", before, probes, lab);
  const now = await runSide("after", after, probes, lab);
  const changed = changesOf(probes, old.outcomes, now.outcomes);
  const causes = await causesOf(before, after, changed, lab);
  const traced = new Set([...causes.values()].map(placeOfHunk));
  const { examined, notExamined } = examinedOfLayers(before, after);
  const untraced = untracedPlaces(before.files, after.files, traced);
  return {
    probes: probes.length,
    changed: changed.map((one) => ({ ...one, because: causes.get(one.probe) ?? null })),
    tested: probes.length,
    disagreements: [],
    raw: [],
    files: compareFiles(contentsOf(before.files), contentsOf(after.files)),
    examined,
    notRun: compareNotRun(old.notRun, now.notRun),
    proven: false,
    unshown: [],
    untraced: untraced.length > 0,
    notExamined: [
      ...notRunTexts([...old.notRun, ...now.notRun]),
      ...notExamined,
      // Where no request was sent, the sentences above cover all files.
      ...(probes.length === 0 ? [] : untraced),
    ],
  };
}

/** HAProxy does not start with the layers of this side; the cause is its HaproxyFailure. */
export class SideRefused extends Error {
  override readonly name = "SideRefused";
  readonly side: "before" | "after";
  override readonly cause: HaproxyFailure;

  constructor(side: "before" | "after", cause: HaproxyFailure) {
    super(`HAProxy does not start with the layers ${side} the change`);
    this.side = side;
    this.cause = cause;
  }
}

interface SideResults {
  readonly outcomes: readonly Outcome[];
  readonly notRun: readonly NotRun[];
}

async function runSide(
  side: "before" | "after",
  wiring: Wiring,
  probes: readonly Probe[],
  options: LabOptions,
): Promise<SideResults> {
  try {
    return await runAll(wiring, probes, options);
  } catch (error) {
    if (!(error instanceof HaproxyFailure)) throw error;
    throw new SideRefused(side, error);
  }
}

function changesOf(
  probes: readonly Probe[],
  old: readonly Outcome[],
  now: readonly Outcome[],
): readonly ChangedProbe[] {
  return probes.flatMap((probe, index) => {
    const [before, after] = [old[index], now[index]];
    return before === undefined || after === undefined || sameOutcome(before, after)
      ? []
      : [{ probe, before, after, because: null }];
  });
}

/** By probe, the one place that causes the change by itself; none where several places do together. */
async function causesOf(
  before: Wiring,
  after: Wiring,
  changed: readonly ChangedProbe[],
  options: LabOptions,
): Promise<ReadonlyMap<Probe, Cause>> {
  const causes = new Map<Probe, Cause>();
  for (const hunk of hunksOf(before.files, after.files).slice(0, MOST_HUNKS)) {
    const { what, at } = hunk;
    const open = changed.filter(({ probe }) => !causes.has(probe));
    if (open.length === 0) break;
    const wiring = await readWiring(withHunk(before.files, hunk));
    const sent = open.map(({ probe }) => probe);
    const { outcomes } = await unlessRefused(runAll(wiring, sent, options), { outcomes: [] });
    for (const [index, { probe, after: wanted }] of open.entries()) {
      const outcome = outcomes[index];
      if (outcome !== undefined && sameOutcome(outcome, wanted))
        causes.set(probe, { what, side: what === "removed" ? "before" : "after", at });
    }
  }
  return causes;
}

async function runAll(wiring: Wiring, probes: readonly Probe[], options: LabOptions): Promise<SideResults> {
  const lab = await openLabOfLayers(wiring, options);
  try {
    const outcomes = await inParallel(probes, async (probe) =>
      outcomeOfAnswer(await lab.request(probe.url, requestOf(probe))),
    );
    return { outcomes, notRun: lab.leftOut };
  } finally {
    await lab.close();
  }
}
