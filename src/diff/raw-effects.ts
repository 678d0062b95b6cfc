// The effect of raw lines on a comparison of two descriptions: the models ignore them, so HAProxy's answers are compared.
import { type RawBlock, rawBlocks } from "../model/raw-blocks.ts";
import type { Plan } from "../plan/plan.ts";
import { linesOnlyIn } from "./compare-files.ts";
import type { Cause, ChangedProbe } from "./compare-plans.ts";
import { type Outcome, sameOutcome } from "./outcome.ts";
import type { ProbeResult } from "./run-plan.ts";

export interface RawChange {
  readonly section: string;
  readonly scope: string;
  /** How many lines are the same in both. */
  readonly unchanged: number;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** The same lines, in another order. */
  readonly moved: boolean;
}

export function rawChanges(before: Plan, after: Plan): readonly RawChange[] {
  const [old, now] = [rawBlocks(before), rawBlocks(after)];
  const sections = new Map([...old, ...now].map((block) => [block.section, block]));
  return [...sections.values()].map(({ section, scope }) => {
    const [a, b] = [linesOf(old, section), linesOf(now, section)];
    const added = linesOnlyIn(b, a);
    const removed = linesOnlyIn(a, b);
    const moved = added.length === 0 && removed.length === 0 && a.join("\n") !== b.join("\n");
    return { section, scope, unchanged: b.length - added.length, added, removed, moved };
  });
}

export function isChanged({ added, removed, moved }: RawChange): boolean {
  return moved || added.length > 0 || removed.length > 0;
}

function linesOf(blocks: readonly RawBlock[], section: string): readonly string[] {
  return blocks.find((block) => block.section === section)?.lines ?? [];
}

/**
 * Probes that HAProxy answers differently where raw lines take part, in addition to those that the models distinguish. A
 * value that changes from one response to the next (a random number, a counter) counts as equal; if the backend or the
 * status changes like this, nothing is compared.
 */
export function withRawEffects(
  changed: readonly ChangedProbe[],
  before: readonly ProbeResult[],
  after: readonly ProbeResult[],
): readonly ChangedProbe[] {
  const byProbe = new Map(changed.map((one) => [one.probe, one]));
  for (const [index, old] of before.entries()) {
    const now = after[index];
    if (now === undefined || old.raw.length + now.raw.length === 0) continue;
    if (isDrawn(old) || isDrawn(now)) continue;
    const [a, b] = steady(old, now);
    const known = byProbe.get(old.probe);
    const contradicted = old.differences.length + now.differences.length > 0;
    if (sameOutcome(a, b) || (known !== undefined && !contradicted)) continue;
    const because = known?.because ?? causeOf(old.raw, now.raw);
    byProbe.set(old.probe, { probe: old.probe, before: a, after: b, because });
  }
  return [...byProbe.values()];
}

function isDrawn({ drawn, outcome, again }: ProbeResult): boolean {
  return drawn || (again !== undefined && again.text !== outcome.text);
}

function steady(old: ProbeResult, now: ProbeResult): readonly [Outcome, Outcome] {
  const unsteady = new Set([...unsteadyDetails(old), ...unsteadyDetails(now)]);
  const comparable = ({ outcome: { text, details } }: ProbeResult): Outcome => ({
    text,
    details: new Map(
      [...details].map(([name, value]) => [name, unsteady.has(name) ? "a different value each time" : value]),
    ),
  });
  return [comparable(old), comparable(now)];
}

function unsteadyDetails({ outcome, again }: ProbeResult): readonly string[] {
  if (again === undefined) return [];
  const names = new Set([...outcome.details.keys(), ...again.details.keys()]);
  return [...names].filter((name) => outcome.details.get(name) !== again.details.get(name));
}

/** The entrance or the backend whose raw lines differ. */
function causeOf(old: readonly RawBlock[], now: readonly RawBlock[]): Cause | null {
  const same = (a: RawBlock, others: readonly RawBlock[]) =>
    others.some((b) => b.section === a.section && b.lines.join("\n") === a.lines.join("\n"));
  const added = now.find((block) => !same(block, old));
  if (added?.at !== undefined) return { what: "changed", side: "after", at: added.at };
  const removed = old.find((block) => !same(block, now));
  return removed?.at === undefined ? null : { what: "changed", side: "before", at: removed.at };
}
