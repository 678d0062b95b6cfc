// Compares two folders of layers, or two haproxy.cfg: all requests to HAProxy, and in the lab the hops before it.
import type { Haproxy } from "../haproxy/find.ts";
import { HaproxyFailure } from "../haproxy/process.ts";
import { withBindPaths } from "../lab/bind-entrances.ts";
import { testedHaproxy } from "../lab/entrances.ts";
import type { LabOptions } from "../lab/lab.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import { openLabOfLayers } from "../lab/open-layers-lab.ts";
import type { Sides } from "../space/compare.ts";
import type { Wiring } from "../wiring/wiring.ts";
import type { FileSide } from "./causes.ts";
import { compareFiles, contentsOf, isUnchanged } from "./compare-files.ts";
import { type ComparedHaproxy, compareHaproxy, compareHaproxyRequests } from "./compare-haproxy.ts";
import type { ChangedRequests, Comparison } from "./comparison.ts";
import { examinedOfLayers } from "./examined.ts";
import { haproxyPrograms } from "./haproxy-side.ts";
import { causesOfHops, changedByHop, changedHops } from "./hops.ts";
import { type Hunk, hunksOf, singleLines } from "./hunks.ts";

export type DiffOptions = Pick<LabOptions, "trust">;

export interface LayersComparison extends Comparison {
  /** HAProxy does not start with this side: no request was sent. */
  readonly refused: Partial<Sides<HaproxyFailure>>;
}

/** Files are named relative to their folder, so that those of two folders can be compared. Both sides have a HAProxy. */
export async function diffLayers(
  earlier: Wiring,
  later: Wiring,
  haproxy: Haproxy,
  options: DiffOptions = {},
): Promise<LayersComparison> {
  const [before, after] = [sideOf(earlier), sideOf(later)];
  const files = compareFiles(contentsOf(before.files), contentsOf(after.files));
  const around = { files, ...examinedOfLayers(before.wiring, after.wiring), refused: {} };
  if (isUnchanged(files)) return { ...UNCHANGED, ...around };
  const hunks = hunksOf(before.files, after.files).flatMap(singleLines);
  const programs = haproxyPrograms(before, after);
  const requests = compareHaproxyRequests(programs, hunks);
  // Only now: while all requests are compared, no stub server answers a health check.
  const labs = await openLabs(before.wiring, after.wiring, { haproxy, ...options });
  try {
    const { listeners } = programs;
    const open = "opened" in labs ? labs.opened : "HAProxy does not start with one of the sides";
    const compared = await compareHaproxy({
      before,
      after,
      hunks,
      programs,
      requests,
      listeners,
      labs: open,
    });
    const own = new Set(before.files.filter(({ kind }) => /^haproxy/.test(kind)).map(({ file }) => file));
    const others = hunks.filter(({ file }) => !own.has(file));
    const hops =
      typeof open === "string"
        ? NO_HOPS
        : await compareHops(before, others, programs, open, { haproxy, ...options });
    return {
      ...withoutMethods(compared),
      ...around,
      changed: [...compared.changed, ...hops.changed],
      proven: compared.proven && hops.changed.length === 0,
      otherChanges: compared.otherChanges(hops.causes),
      refused: "refused" in labs ? labs.refused : {},
    };
  } finally {
    if ("opened" in labs) await Promise.all([labs.opened.before.close(), labs.opened.after.close()]);
  }
}

const UNCHANGED = {
  changed: [],
  undecided: [],
  proven: true,
  except: [],
  incomplete: [],
  disagreements: [],
  otherChanges: [],
  notRun: [],
} as const;

interface WiringSide extends FileSide {
  readonly wiring: Wiring;
}

function sideOf(layers: Wiring): WiringSide {
  const wiring = withBindPaths(layers);
  const layer = testedHaproxy(wiring);
  if (layer === undefined) throw new RangeError("the layers have no HAProxy configuration");
  return { wiring, layer, trafficPaths: wiring.trafficPaths, files: wiring.files };
}

function withoutMethods({
  otherChanges: _,
  ...rest
}: ComparedHaproxy): Omit<ComparedHaproxy, "otherChanges"> {
  return rest;
}

interface ComparedHops {
  readonly changed: readonly ChangedRequests[];
  readonly causes: ReadonlySet<Hunk>;
}

const NO_HOPS: ComparedHops = { changed: [], causes: new Set() };

async function compareHops(
  before: WiringSide,
  hunks: readonly Hunk[],
  programs: ReturnType<typeof haproxyPrograms>,
  labs: Sides<LayersLab>,
  options: DiffOptions & { readonly haproxy: Haproxy },
): Promise<ComparedHops> {
  const sent = hunks.length === 0 ? [] : await changedHops(programs, labs);
  const causes = await causesOfHops(before.wiring, sent, hunks, options);
  return {
    changed: sent.map((one) => changedByHop(one, causes.get(one.probe))),
    causes: new Set(causes.values()),
  };
}

type Labs = { readonly opened: Sides<LayersLab> } | { readonly refused: Partial<Sides<HaproxyFailure>> };

async function openLabs(before: Wiring, after: Wiring, options: LabOptions): Promise<Labs> {
  const [old, now] = [await openLab(before, options), await openLab(after, options)];
  if (!(old instanceof HaproxyFailure) && !(now instanceof HaproxyFailure))
    return { opened: { before: old, after: now } };
  const refused: { before?: HaproxyFailure; after?: HaproxyFailure } = {};
  if (old instanceof HaproxyFailure) refused.before = old;
  else await old.close();
  if (now instanceof HaproxyFailure) refused.after = now;
  else await now.close();
  return { refused };
}

async function openLab(wiring: Wiring, options: LabOptions): Promise<LayersLab | HaproxyFailure> {
  try {
    return await openLabOfLayers(wiring, options);
  } catch (error) {
    if (error instanceof HaproxyFailure) return error;
    throw error;
  }
}
