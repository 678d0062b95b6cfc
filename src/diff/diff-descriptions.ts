// Compares two descriptions: the requests that change, by both models and by HAProxy itself, and the files.

import type { EmittedFile } from "../emit/file.ts";
import { emitLayers } from "../emit/layers.ts";
import type { Haproxy } from "../haproxy/find.ts";
import type { Plan } from "../plan/plan.ts";
import type { WiringFile } from "../wiring/wiring.ts";
import type { AllRequests } from "./all-requests.ts";
import { compareFiles, contentsOf } from "./compare-files.ts";
import { type ChangedProbe, comparePlans } from "./compare-plans.ts";
import type { Comparison } from "./comparison.ts";
import { examinedOfPlans } from "./examined.ts";
import { hunksOf, singleLines, undone, withHunk } from "./hunk-causes.ts";
import { compareNotRun, notRunTexts } from "./not-run-texts.ts";
import { type Probe, probeKey } from "./probe.ts";
import { rawChanges, withRawEffects } from "./raw-effects.ts";
import { type RunPlanOptions, runPlan, sendAll } from "./run-plan.ts";
import { spread } from "./spread.ts";
import { tracedPlaces } from "./traced.ts";
import { untracedPlaces } from "./untraced.ts";

/** How many of the changed requests are sent, and how many of the others. */
const MOST_CHANGED = 1_000;
const MOST_OTHERS = 500;

/** Rejects with HaproxyFailure when one of them does not start. */
export async function diffDescriptions(
  before: Plan,
  after: Plan,
  haproxy: Haproxy,
  options: RunPlanOptions = {},
): Promise<Comparison> {
  const { probes, changed, all: space } = comparePlans(before, after);
  const chosen = toSend(changed, probes);
  const [old, now] = [emitLayers(before), emitLayers(after)];
  const files = compareFiles(old, now);
  const ranBefore = await runPlan(before, chosen, { haproxy, files: haproxyLayer(old), ...options });
  const ranAfter = await runPlan(after, chosen, { haproxy, files: haproxyLayer(now), ...options });
  // The same files: raw lines have the same effect.
  const same = files.every(({ layer, files: changes }) => layer !== "haproxy" || changes.length === 0);
  const { examined, notExamined } = examinedOfPlans(before, after, probes.length, chosen.length);
  const all = same ? changed : withRawEffects(changed, ranBefore.results, ranAfter.results);
  const differing = hunksOf(asRead(haproxyLayer(old)), asRead(haproxyLayer(now))).flatMap(singleLines);
  const traced = await tracedPlaces(differing, all, ranAfter, async (hunk, sent) => {
    const undoneFiles = contentsOf(withHunk(asRead(haproxyLayer(now)), undone(hunk)));
    return (await sendAll(after, sent, { haproxy, files: undoneFiles, ...options })).results;
  });
  const untraced = untracedOf(after, old, now, traced);
  return {
    probes: probes.length,
    changed: all,
    tested: chosen.length,
    disagreements: [...ranBefore.disagreements, ...ranAfter.disagreements],
    raw: same ? [] : rawChanges(before, after),
    files,
    examined,
    notRun: compareNotRun(ranBefore.notRun, ranAfter.notRun),
    proven: space.proven && all.length === 0,
    unshown: unshownParts(space, all),
    untraced: untraced.length > 0,
    notExamined: [
      ...notRunTexts([...ranBefore.notRun, ...ranAfter.notRun]),
      ...notExamined,
      ...space.undecided,
      ...untraced,
    ],
  };
}

function unshownParts({ parts }: AllRequests, changed: readonly ChangedProbe[]): readonly string[] {
  const shown = new Set(changed.map(({ probe }) => probeKey(probe)));
  return parts
    .filter(({ probe }) => probe === undefined || !shown.has(probeKey(probe)))
    .map(({ text }) => text);
}

/** The other layers carry a copy of HAProxy's files: what else differs is compared with one and the same copy. */
function untracedOf(
  after: Plan,
  old: readonly EmittedFile[],
  now: readonly EmittedFile[],
  traced: ReadonlySet<string>,
): readonly string[] {
  const withOldCopy = emitLayers(after, { haproxy: haproxyLayer(old) });
  const others = withOldCopy.filter(({ path }) => !path.startsWith("haproxy/"));
  const [before, later] = [asRead(old), asRead([...haproxyLayer(now), ...others])];
  return untracedPlaces(before, later, traced, hunksOf(before, later).flatMap(singleLines));
}

function asRead(files: readonly EmittedFile[]): readonly WiringFile[] {
  return files.map(({ path, content }) => ({ file: path, kind: kindOf(path), text: content }));
}

function kindOf(path: string): WiringFile["kind"] {
  if (path === "haproxy/haproxy.cfg") return "haproxy";
  if (path.startsWith("haproxy/")) return "haproxy-map";
  return path.endsWith(".tf") ? "terraform" : "other";
}

/** All requests of a small edge; of a large one the changed ones, and an even sample of the others. */
function toSend(changed: readonly ChangedProbe[], all: readonly Probe[]): readonly Probe[] {
  const affected = new Set(changed.map(({ probe }) => probe));
  const others = all.filter((probe) => !affected.has(probe));
  return [...spread([...affected], MOST_CHANGED), ...spread(others, MOST_OTHERS)];
}

function haproxyLayer(files: readonly EmittedFile[]): readonly EmittedFile[] {
  return files.filter(({ path }) => path.startsWith("haproxy/"));
}
