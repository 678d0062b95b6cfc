// Which regions of requests and which rules the expectations of a test exercise, and which they do not.
import type { LabAnswer } from "../lab/send.ts";
import type { DecidingRule } from "../space/chain.ts";
import type { Leaf } from "../space/program.ts";
import { locatedRegionsOf, type Region } from "../space/regions.ts";
import { seenAnswer } from "./invariants.ts";
import type { Entrances, SentExpectation } from "./locate-expectation.ts";
import type { SpaceInput } from "./space-input.ts";

export interface Coverage {
  readonly input: SpaceInput;
  /** All that are counted: a request of the lab can reach them without a condition that no request decides. */
  readonly regions: readonly Covered<Region>[];
  /** Places in files whose rules decide the answer of some request. */
  readonly rules: readonly Covered<CoveredRule>[];
  /** Regions that are not counted. */
  readonly others: readonly Region[];
  /** Expectations whose region is not known, because it depends on more than their request; without those that got no answer. */
  readonly notLocated: readonly SentExpectation[];
  /** There are no regions: the evaluation needs more than its budget. */
  readonly incomplete: "budget" | undefined;
}

export type CoveredRule = Pick<DecidingRule, "at" | "text">;

interface Covered<T> {
  readonly of: T;
  readonly isCovered: boolean;
}

/** `sent`: expectations with HAProxy's answers. */
export async function coverageOf(
  input: SpaceInput,
  { listeners, askOf }: Entrances,
  sent: readonly SentExpectation[],
): Promise<Coverage> {
  const { program, formulas } = input;
  const { regions, incomplete, locator } = locatedRegionsOf(program, { formulas });
  if (locator === undefined) return { input, regions: [], rules: [], others: [], notLocated: [], incomplete };
  const [exercised, decided] = [new Set<number>(), new Map<string, CoveredRule>()];
  const notLocated: SentExpectation[] = [];
  for (const one of sent) {
    const ask = await askOf(one);
    const located = ask && locator.locate(ask);
    const possible = located?.regions.filter((index) =>
      mayGive(regions[index]?.values.get("answer"), one.answer),
    );
    const places = placesOf(
      located?.rules.filter((rule) => mayGive(locator.answerOf(rule), one.answer)) ?? [],
    );
    if (possible?.length === 1) for (const index of possible) exercised.add(index);
    else if (one.answer.refused === null) notLocated.push(one);
    if (places.size === 1) for (const [place, rule] of places) decided.set(place, rule);
  }
  const reachable = locator.reachableAt(listeners);
  const counted = new Set([...reachable.regions, ...exercised]);
  return {
    input,
    regions: regions.flatMap((of, index) =>
      counted.has(index) ? [{ of, isCovered: exercised.has(index) }] : [],
    ),
    rules: [...new Map([...placesOf(reachable.rules), ...decided])].map(([place, of]) => ({
      of,
      isCovered: decided.has(place),
    })),
    others: regions.filter((_, index) => !counted.has(index)),
    notLocated,
    incomplete,
  };
}

/** Rules by their place; without HAProxy's own. */
function placesOf(rules: readonly DecidingRule[]): ReadonlyMap<string, CoveredRule> {
  return new Map(
    rules.flatMap(({ at, text }) => (at === undefined ? [] : [[`${at.file}:${at.line}`, { at, text }]])),
  );
}

/** Whether HAProxy's answer may be one of a region. */
function mayGive(leaf: Leaf | undefined, answer: LabAnswer): boolean {
  const [expected, seen] = [leaf?.answer, seenAnswer(answer)];
  if (expected === undefined) return true;
  if (expected.kind === "forward")
    return seen.kind === "forward" && isOneOf(seen.backends, expected.backends);
  if (expected.kind === "closed" || seen.kind !== "own") return expected.kind === seen.kind;
  return expected.status === undefined || expected.status === seen.status;
}

function isOneOf(seen: readonly string[] = [], expected: readonly string[] | undefined): boolean {
  return expected === undefined || seen.every((backend) => expected.includes(backend));
}

/** The smaller share of regions and of rules, from 0 to 1; 0 without a list. */
export function shareOf({ regions, rules, incomplete }: Coverage): number {
  if (incomplete !== undefined) return 0;
  return Math.min(...[regions, rules].map((all) => (all.length === 0 ? 1 : covered(all) / all.length)));
}

export function covered(all: readonly { readonly isCovered: boolean }[]): number {
  return all.filter(({ isCovered }) => isCovered).length;
}

/** In percent, rounded down: 100 only where everything is covered. */
export function percentOf(coverage: Coverage): number {
  return Math.floor(shareOf(coverage) * 100);
}
