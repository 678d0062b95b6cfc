// The hops before HAProxy, which have no model: the same requests are sent along every path of two sides.
import type { Haproxy } from "../haproxy/find.ts";
import { HaproxyFailure } from "../haproxy/process.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import { openLabOfLayers } from "../lab/open-layers-lab.ts";
import { requestOfWitness } from "../lab/witness-request.ts";
import type { Sides } from "../space/compare.ts";
import { decidedBy } from "../space/evaluate-request.ts";
import { type FoundRegion, findRegions, type Question } from "../space/find-regions.ts";
import type { Formulas } from "../space/formula.ts";
import { locateWitness } from "../space/haproxy/locate-request.ts";
import { listenerDimension } from "../space/haproxy/request-dimensions.ts";
import type { Program } from "../space/program.ts";
import type { QueryListener } from "../space/query.ts";
import type { Witness } from "../space/witness.ts";
import { readWiring } from "../wiring/read-wiring.ts";
import type { Wiring } from "../wiring/wiring.ts";
import { causeOfHunk } from "./causes.ts";
import type { Cause, ChangedRequests, SentRequest } from "./comparison.ts";
import type { HaproxyPrograms } from "./haproxy-side.ts";
import { type Hunk, withHunk } from "./hunks.ts";
import { type Outcome, outcomeOfAnswer, sameOutcome } from "./outcome.ts";
import { type Probe, probeOf, probeText, requestOf } from "./probe.ts";

/** At most this many changed places are tested one by one for their effect. */
const MOST_HUNKS = 24;

/** A request to each port that leads to HAProxy; it reaches a backend if possible, and HAProxy handles it identically on both sides. */
export async function changedHops(
  programs: HaproxyPrograms,
  labs: Sides<LayersLab>,
): Promise<readonly SentRequest[]> {
  const changed: SentRequest[] = [];
  for (const probe of probesOf(programs)) {
    const [before, after] = [await outcomeIn(labs.before, probe), await outcomeIn(labs.after, probe)];
    if (!sameOutcome(before, after)) changed.push({ probe, before, after });
  }
  return changed;
}

async function outcomeIn(lab: LayersLab, probe: Probe): Promise<Outcome> {
  return outcomeOfAnswer(await lab.request(probe.url, requestOf(probe)));
}

function probesOf(programs: HaproxyPrograms): readonly Probe[] {
  const found = new Map<string, Probe>();
  for (const listener of programs.listeners) {
    if (listener.frontend !== undefined) continue;
    const region = forwardedRegion(programs, listener);
    if (region === undefined) continue;
    const { witness, answer } = region;
    const request = requestOfWitness({ witness, conditions: [], answers: [answer.answer] }, [listener]);
    if (!("why" in request))
      found.set(JSON.stringify([request.url, request.options.through]), probeOf(request));
  }
  return [...found.values()];
}

/** A request that both sides handle identically. */
function forwardedRegion(
  { before, after, formulas }: HaproxyPrograms,
  { name }: QueryListener,
): FoundRegion | undefined {
  const wanted = [
    ...regionsAt(after, formulas, name, true),
    ...regionsAt(before, formulas, name, true),
    ...regionsAt(after, formulas, name, false),
  ];
  return wanted.find(({ witness }) => isAlike(before, after, witness));
}

function regionsAt(
  program: Program,
  formulas: Formulas,
  name: string,
  forwarded: boolean,
): readonly FoundRegion[] {
  const on = listenerDimension([name]);
  const requests = formulas.test({ on, test: { kind: "one-of", values: [name] } });
  const isWanted = (kind: string | undefined) => !forwarded || kind === "forward";
  const question: Question = {
    requests,
    verdictOf: ({ answer }) => (isWanted(answer?.kind) ? "yes" : "no"),
  };
  return findRegions(program, question, { formulas, mostRegions: 20 }).regions;
}

/** Includes what a backend gets. */
function isAlike(before: Program, after: Program, witness: Witness): boolean {
  const ask = locateWitness(witness);
  const keysOf = (program: Program) =>
    JSON.stringify(program.facets.map((facet) => [facet.id, decidedBy(facet, ask)?.leaf.key]));
  return keysOf(before) === keysOf(after);
}

/** For each request, the one place that changes it by itself; none if only several places together change it. */
export async function causesOfHops(
  before: Wiring,
  changed: readonly SentRequest[],
  hunks: readonly Hunk[],
  options: { readonly haproxy: Haproxy; readonly trust?: boolean },
): Promise<ReadonlyMap<Probe, Hunk>> {
  const causes = new Map<Probe, Hunk>();
  const [only] = hunks;
  if (only !== undefined && hunks.length === 1)
    return new Map(changed.map(({ probe }) => [probe, only] as const));
  for (const hunk of hunks.slice(0, MOST_HUNKS)) {
    const open = changed.filter(({ probe }) => !causes.has(probe));
    if (open.length === 0) break;
    const lab = await labWith(await readWiring(withHunk(before.files, hunk)), options);
    if (lab === undefined) continue;
    try {
      for (const { probe, after } of open)
        if (sameOutcome(await outcomeIn(lab, probe), after)) causes.set(probe, hunk);
    } finally {
      await lab.close();
    }
  }
  return causes;
}

/** undefined: HAProxy does not start with a part of a change. */
async function labWith(
  wiring: Wiring,
  options: { readonly haproxy: Haproxy; readonly trust?: boolean },
): Promise<LayersLab | undefined> {
  try {
    return await openLabOfLayers(wiring, options);
  } catch (error) {
    if (error instanceof HaproxyFailure || error instanceof RangeError) return undefined;
    throw error;
  }
}

export function changedByHop(sent: SentRequest, hunk: Hunk | undefined): ChangedRequests {
  const because: Cause | null = hunk === undefined ? null : causeOfHunk(hunk);
  const { before, after } = sent;
  return {
    requests: probeText(sent.probe),
    differs: "hops",
    before: before.text,
    after: after.text,
    because,
    sent,
    confirmed: true,
  };
}
