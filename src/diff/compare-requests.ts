// How the outcomes of two programs differ, for all requests: parts with a request of each, or the proof that there are none.
import type { Position } from "../findings/finding.ts";
import {
  type ChangedRegion,
  type ComparedFacet,
  type CompareOptions,
  comparePrograms,
  type UndecidedRegion,
} from "../space/compare.ts";
import type { Formulas } from "../space/formula.ts";
import { UNSEEN_EFFECT } from "../space/haproxy/effects.ts";
import type { Program, Unexamined } from "../space/program.ts";

export interface Programs {
  readonly before: Program;
  readonly after: Program;
  /** The formulas of both programs. */
  readonly formulas: Formulas;
  readonly steps?: number;
  /** Requests decided by rules with different keys are in different parts, because different changes decide them. */
  readonly ruleKey?: CompareOptions["ruleKey"];
}

/** Requests that have another outcome in one respect. */
export interface DifferingPart extends ChangedRegion {
  /** The facet: `answer`, `path`, `request-header:x-site`. */
  readonly id: string;
}

export interface UndecidedPart extends UndecidedRegion {
  readonly id: string;
}

export interface ComparedRequests {
  readonly parts: readonly DifferingPart[];
  /** They differ only if an unknown condition holds. */
  readonly undecided: readonly UndecidedPart[];
  /** Why more may differ: one sentence each, without full stop. */
  readonly incomplete: readonly string[];
  /** Whether rules that count, log or capture are reached by the same requests on both sides, with the same values. */
  readonly sameEffects: boolean;
  /** Lines of either side that were not evaluated: their effect is not known. Each text once. */
  readonly unexamined: readonly (Unexamined & { readonly side: "before" | "after" })[];
}

/** The maximum number of parts of one facet. */
const MOST_PARTS = 200;

export function compareRequests({ before, after, formulas, steps, ruleKey }: Programs): ComparedRequests {
  const isCompared = effectsOfBoth(before, after);
  const compared = comparePrograms(withFacets(before, isCompared), withFacets(after, isCompared), {
    ...{ formulas, steps, mostRegions: MOST_PARTS },
    ...(ruleKey && { ruleKey }),
  }).facets;
  const facets = compared.filter(({ id }) => !id.startsWith(UNSEEN_EFFECT));
  const effects = compared.filter(({ id }) => id.startsWith(UNSEEN_EFFECT));
  const named = [
    ...after.unexamined.map((one) => ({ ...one, side: "after" as const })),
    ...before.unexamined.map((one) => ({ ...one, side: "before" as const })),
  ];
  return {
    parts: facets.flatMap(({ id, changed }) => changed.map((region) => ({ id, ...region }))).filter(isShown),
    undecided: facets.flatMap(({ id, undecided }) => undecided.map((region) => ({ id, ...region }))),
    incomplete: facets.flatMap(incompleteText),
    sameEffects: effects.every(isSame),
    unexamined: [...new Map(named.toReversed().map((one) => [one.text, one])).values()].toReversed(),
  };
}

/** A rule that only one side has is a changed line by itself. */
function effectsOfBoth(before: Program, after: Program): (id: string) => boolean {
  const [old, now] = [before, after].map(({ facets }) => new Set(facets.map(({ id }) => id)));
  return (id) => !id.startsWith(UNSEEN_EFFECT) || (old?.has(id) === true && now?.has(id) === true);
}

function withFacets(program: Program, isCompared: (id: string) => boolean): Program {
  return { ...program, facets: program.facets.filter(({ id }) => isCompared(id)) };
}

function isSame({ changed, undecided, incomplete }: ComparedFacet): boolean {
  return changed.length === 0 && undecided.length === 0 && incomplete === undefined;
}

/** If only options of servers differ, no request shows the difference, only the files do. */
function isShown({ id, before, after }: DifferingPart): boolean {
  return id !== "servers" || before.text !== after.text;
}

function incompleteText({ id, incomplete }: ComparedFacet): readonly string[] {
  if (incomplete === undefined) return [];
  const what = id === "answer" ? "who answers" : id;
  return [
    incomplete === "budget"
      ? `${what}: the comparison needs more steps than its budget`
      : `${what}: more than ${MOST_PARTS} parts differ`,
  ];
}

/** The position of a rule that is not the configuration's own is not known. */
export function placesOf(rules: readonly { readonly at: Position | undefined }[]): readonly Position[] {
  return rules.flatMap(({ at }) => at ?? []);
}
