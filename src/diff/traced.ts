// Which places in HAProxy's files a changed request depends on: without that one change, HAProxy answers it differently.
import type { ChangedProbe } from "./compare-plans.ts";
import { type Hunk, unlessRefused } from "./hunk-causes.ts";
import { type Outcome, SERVERS, sameOutcome } from "./outcome.ts";
import type { Probe } from "./probe.ts";
import type { PlanRun, ProbeResult } from "./run-plan.ts";
import { spread } from "./spread.ts";
import { placeOfHunk } from "./untraced.ts";

/** How many places are undone one by one, and how many of the changed requests are sent again for each. */
const MOST_HUNKS = 12;
const MOST_SENT = 200;

/** `without`: sends requests to the later edge without one change. Rejects as it does, but not where HAProxy does not start. */
export async function tracedPlaces(
  hunks: readonly Hunk[],
  changed: readonly ChangedProbe[],
  { results }: Pick<PlanRun, "results">,
  without: (hunk: Hunk, probes: readonly Probe[]) => Promise<readonly ProbeResult[]>,
): Promise<ReadonlySet<string>> {
  const affected = new Set(spread(changed, MOST_SENT).map(({ probe }) => probe));
  const wanted = new Map<Probe, Outcome>();
  for (const { probe, outcome, drawn, again = outcome } of results)
    if (affected.has(probe) && !drawn && sameOutcome(outcome, again)) wanted.set(probe, outcome);
  const [traced, open] = [new Set<string>(), [] as Hunk[]];
  for (const hunk of hunks) {
    if ([...hunk.oldLines, ...hunk.newLines].every((line) => /^\s*(#|$)/.test(line))) continue;
    if (isServerAddress(hunk, changed)) traced.add(placeOfHunk(hunk));
    else open.push(hunk);
  }
  for (const hunk of wanted.size === 0 ? [] : open.slice(0, MOST_HUNKS)) {
    const others = await unlessRefused(without(hunk, [...wanted.keys()]), []);
    if (others.some(({ probe, outcome }) => !sameOutcome(outcome, wanted.get(probe) ?? outcome)))
      traced.add(placeOfHunk(hunk));
  }
  return traced;
}

/** Whether only the address of a server differs, which is a stub backend's in the lab and in the outcomes of the model. */
function isServerAddress({ oldLines, newLines }: Hunk, changed: readonly ChangedProbe[]): boolean {
  const words = (lines: readonly string[]) => lines.join("\n").trim().split(/\s+/);
  const [before, [keyword, name, address = "", ...more]] = [words(oldLines), words(newLines)];
  if (keyword !== "server" || [keyword, name, before[2], ...more].join(" ") !== before.join(" "))
    return false;
  return changed.some(({ after: { details } }) =>
    [...details].some(([key, value]) => key.startsWith(SERVERS) && value.split(/[ ,]+/).includes(address)),
  );
}
