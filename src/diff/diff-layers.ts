// Two folders of layers compared: both are played on a real HAProxy, through whatever load balancer and Service they describe.
import type { Haproxy } from "../haproxy/find.ts";
import { openLabOfLayers } from "../lab/layers-lab.ts";
import type { Wiring } from "../wiring/wiring.ts";
import { compareFiles } from "./compare-files.ts";
import type { ChangedProbe } from "./compare-plans.ts";
import type { Comparison } from "./comparison.ts";
import { layerProbes } from "./layer-probes.ts";
import { type Outcome, outcomeOfAnswer, sameOutcome } from "./outcome.ts";
import { inParallel, requestOf } from "./play-plan.ts";
import { distinctProbes, type Probe } from "./probe.ts";

/** Rejects with HaproxyFailure where one of them does not start. There is no model of hand-written files: HAProxy's word counts. */
export async function diffLayers(before: Wiring, after: Wiring, haproxy: Haproxy): Promise<Comparison> {
  const probes = distinctProbes([...layerProbes(before), ...layerProbes(after)]);
  const [old, now] = [await playAll(before, probes, haproxy), await playAll(after, probes, haproxy)];
  const changed = probes.flatMap((probe, index): readonly ChangedProbe[] => {
    const outcomes = { before: old[index], after: now[index] };
    if (outcomes.before === undefined || outcomes.after === undefined) return [];
    return sameOutcome(outcomes.before, outcomes.after)
      ? []
      : [{ probe, before: outcomes.before, after: outcomes.after, because: null }];
  });
  return {
    probes: probes.length,
    changed,
    played: probes.length,
    disagreements: [],
    files: compareFiles(textsOf(before), textsOf(after)),
  };
}

async function playAll(
  wiring: Wiring,
  probes: readonly Probe[],
  haproxy: Haproxy,
): Promise<readonly Outcome[]> {
  const lab = await openLabOfLayers(wiring, { haproxy });
  try {
    const outcomes: Outcome[] = [];
    await inParallel(probes, async (probe, index) => {
      outcomes[index] = outcomeOfAnswer(await lab.request(probe.url, requestOf(probe)));
    });
    return outcomes;
  } finally {
    await lab.close();
  }
}

/** Named from the folder that was given, which another folder has not. */
function textsOf({ files }: Wiring): readonly { readonly path: string; readonly content: string }[] {
  return files.map(({ file, text }) => ({ path: file, content: text }));
}
