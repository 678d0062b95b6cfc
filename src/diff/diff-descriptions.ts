// Compares two descriptions: the requests that change, by both models and by HAProxy itself, and the files.
import type { EmittedFile } from "../emit/file.ts";
import { emitLayers } from "../emit/layers.ts";
import type { Haproxy } from "../haproxy/find.ts";
import type { Plan } from "../plan/plan.ts";
import type { WiringFile } from "../wiring/wiring.ts";
import { compareFiles } from "./compare-files.ts";
import { comparePlans } from "./compare-plans.ts";
import type { Comparison } from "./comparison.ts";
import { examinedOfPlans } from "./examined.ts";
import { compareNotRun, notRunTexts } from "./not-run-texts.ts";
import type { Probe } from "./probe.ts";
import { rawChanges, withRawEffects } from "./raw-effects.ts";
import { type RunPlanOptions, runPlan } from "./run-plan.ts";
import { spread } from "./spread.ts";
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
  const { probes, changed } = comparePlans(before, after);
  const chosen = toPlay(
    changed.map(({ probe }) => probe),
    probes,
  );
  const [old, now] = [emitLayers(before), emitLayers(after)];
  const files = compareFiles(old, now);
  const ranBefore = await runPlan(before, chosen, haproxy, haproxyLayer(old), options);
  const ranAfter = await runPlan(after, chosen, haproxy, haproxyLayer(now), options);
  // The same files: raw lines have the same effect.
  const same = files.every(({ layer, files: changes }) => layer !== "haproxy" || changes.length === 0);
  const { examined, notExamined } = examinedOfPlans(before, after, probes.length, chosen.length);
  return {
    probes: probes.length,
    changed: same ? changed : withRawEffects(changed, ranBefore.results, ranAfter.results),
    tested: chosen.length,
    disagreements: [...ranBefore.disagreements, ...ranAfter.disagreements],
    raw: same ? [] : rawChanges(before, after),
    files,
    examined,
    notRun: compareNotRun(ranBefore.notRun, ranAfter.notRun),
    notExamined: [
      ...notRunTexts([...ranBefore.notRun, ...ranAfter.notRun]),
      ...notExamined,
      ...(changed.length === 0 ? untraced(after, old, now) : []),
    ],
  };
}

/** The other layers carry a copy of HAProxy's files: what else differs is compared with one and the same copy. */
function untraced(after: Plan, old: readonly EmittedFile[], now: readonly EmittedFile[]): readonly string[] {
  const withOldCopy = emitLayers(after, { haproxy: haproxyLayer(old) });
  const others = withOldCopy.filter(({ path }) => !path.startsWith("haproxy/"));
  return untracedPlaces(asRead(old), asRead([...haproxyLayer(now), ...others]), new Set());
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
function toPlay(changed: readonly Probe[], all: readonly Probe[]): readonly Probe[] {
  const affected = new Set(changed);
  const others = all.filter((probe) => !affected.has(probe));
  return [...spread(changed, MOST_CHANGED), ...spread(others, MOST_OTHERS)];
}

function haproxyLayer(files: readonly EmittedFile[]): readonly EmittedFile[] {
  return files.filter(({ path }) => path.startsWith("haproxy/"));
}
