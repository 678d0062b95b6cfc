// Which regions of requests and which rules the expectations of a test exercise, and which they do not.
import type { LabAnswer } from "../lab/send.ts";
import type { DecidingRule } from "../space/chain.ts";
import type { Leaf } from "../space/program.ts";
import { type LocatedRegions, locatedRegionsOf, type Region } from "../space/regions.ts";
import { seenAnswer } from "./invariants.ts";
import type { Entrances, SentExpectation } from "./locate-expectation.ts";
import type { SpaceInput } from "./space-input.ts";

export interface Coverage {
  readonly input: SpaceInput;
  /** The regions that count: a request of the lab can reach them without a condition that the request does not decide. */
  readonly regions: readonly Covered<Region>[];
  /** Places in files whose rules decide the answer of some request. */
  readonly rules: readonly Covered<CoveredRule>[];
  /** Regions that are not counted. */
  readonly others: readonly Region[];
  /** Expectations whose region is not known, because it depends on more than their request; without those that got no answer. */
  readonly notLocated: readonly SentExpectation[];
  /** No regions, because the evaluation exceeds its budget. */
  readonly incomplete: "budget" | undefined;
}

export type CoveredRule = Pick<DecidingRule, "at" | "text">;

interface Covered<T> {
  readonly of: T;
  readonly isCovered: boolean;
}

/** What coverage is measured in. */
export interface Measured {
  readonly input: SpaceInput;
  readonly entrances: Entrances;
  readonly located: LocatedRegions;
}

export function measuredIn(input: SpaceInput, entrances: Entrances): Measured {
  const { program, formulas } = input;
  return { input, entrances, located: locatedRegionsOf(program, { formulas }) };
}

/** `sent`: expectations with HAProxy's answers. */
export async function coverageOf(measured: Measured, sent: readonly SentExpectation[]): Promise<Coverage> {
  const { input, entrances, located } = measured;
  const { regions, incomplete, locator } = located;
  if (locator === undefined) return { input, regions: [], rules: [], others: [], notLocated: [], incomplete };
  const [exercised, decided] = [new Set<Region>(), new Map<string, CoveredRule>()];
  const notLocated: SentExpectation[] = [];
  for (const one of sent) {
    const { region, rule } = await placeOf(measured, one);
    if (region !== undefined) exercised.add(region);
    else if (one.answer.refused === null) notLocated.push(one);
    if (rule !== undefined) decided.set(keyOf(rule), rule);
  }
  const reachable = locator.reachableAt(entrances.listeners);
  const counted = new Set([...reachable.regions.flatMap((index) => regions[index] ?? []), ...exercised]);
  return {
    input,
    regions: regions.flatMap((of, index): readonly Covered<Region>[] => {
      if (!counted.has(of)) return [];
      if (exercised.has(of)) return [{ of, isCovered: true }];
      return [{ of: { ...of, witness: locator.exampleOf(index, entrances.listeners) }, isCovered: false }];
    }),
    rules: [...new Map([...placesOf(reachable.rules), ...decided])].map(([place, of]) => ({
      of,
      isCovered: decided.has(place),
    })),
    others: regions.filter((of) => !counted.has(of)),
    notLocated,
    incomplete,
  };
}

/** The region of a request, and the rule that decides; undefined where the request and HAProxy's answer leave several. */
export async function placeOf(
  { entrances, located: { regions, locator } }: Measured,
  sent: SentExpectation,
): Promise<{ readonly region?: Region | undefined; readonly rule?: CoveredRule | undefined }> {
  const ask = await entrances.askOf(sent);
  if (ask === undefined || locator === undefined) return {};
  const located = locator.locate(ask);
  const possible = located.regions
    .flatMap((index) => regions[index] ?? [])
    .filter(({ values }) => mayGive(values.get("answer"), sent.answer));
  const rules = [
    ...placesOf(located.rules.filter((rule) => mayGive(locator.answerOf(rule), sent.answer))).values(),
  ];
  const [[region, ...moreRegions], [rule, ...moreRules]] = [possible, rules];
  return {
    region: moreRegions.length === 0 ? region : undefined,
    rule: moreRules.length === 0 ? rule : undefined,
  };
}

/** Rules by their place; without HAProxy's built-in ones. */
function placesOf(rules: readonly DecidingRule[]): ReadonlyMap<string, CoveredRule> {
  return new Map(
    rules.flatMap(({ at, text }) => (at === undefined ? [] : [[keyOf({ at, text }), { at, text }]])),
  );
}

function keyOf({ at }: CoveredRule): string {
  return `${at?.file}:${at?.line}`;
}

/** Whether HAProxy's answer may be one of a region. */
export function mayGive(leaf: Leaf | undefined, answer: LabAnswer): boolean {
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
