// The coverage of expectations as text and as JSON: what is exercised, and each region and rule that is not.
import { countOf } from "../../findings/count.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import type { Region } from "../../space/regions.ts";
import { type Coverage, type CoveredRule, covered, percentOf } from "../coverage.ts";
import { requestText } from "./expectation-text.ts";
import { noteJson, witnessJson } from "./found-json.ts";
import { notExaminedLines } from "./found-text.ts";
import { coloursOf, type Screen } from "./layout.ts";
import { placesText, regionText, unknownText, witnessText } from "./region-text.ts";

const NOT_COUNTED =
  "Not counted (no path or valid Host, a condition that no request decides, another response of a server, or a listener that no path leads to):";
/** The JSON lists more. */
const MOST_SHOWN = 30;

export function coverageText(coverage: Coverage, screen: Screen): string {
  const { regions, rules, others, notLocated, incomplete, input } = coverage;
  if (incomplete !== undefined)
    return "\nNo coverage: the evaluation needs more steps than its budget, so there is no list of regions.";
  const colours = coloursOf(screen);
  const missing = missingOf(regions);
  return [
    "",
    colours.bold("Coverage"),
    `  ${covered(regions)} of ${countOf(regions.length, "region")}`,
    `  ${covered(rules)} of ${countOf(rules.length, "rule")}`,
    ...listed("Regions that no expectation exercises:", missing, (region) => regionLines(region, coverage)),
    ...listed("Rules that no expectation exercises:", missingOf(rules), (rule) => [ruleText(rule)]),
    ...listed(NOT_COUNTED, others, (region) => [`${regionText(region.conditions)}: ${answerText(region)}`]),
    ...listed("Expectations whose region is not known:", notLocated, (one) => [requestText(one)]),
    ...notExaminedLines(input),
  ].join("\n");
}

function listed<T>(
  title: string,
  all: readonly T[],
  linesOf: (one: T) => readonly string[],
): readonly string[] {
  if (all.length === 0) return [];
  const more = all.length - MOST_SHOWN;
  return [
    "",
    title,
    ...all.slice(0, MOST_SHOWN).flatMap((one) => linesOf(one).map((line) => `  ${line}`)),
    ...(more > 0 ? [`  and ${more} more (--json lists all)`] : []),
  ];
}

function missingOf<T>(all: readonly { readonly of: T; readonly isCovered: boolean }[]): readonly T[] {
  return all.flatMap(({ of, isCovered }) => (isCovered ? [] : [of]));
}

function regionLines(region: Region, { input }: Coverage): readonly string[] {
  const { conditions, rules, witness } = region;
  return [
    regionText(conditions),
    `  ${answerText(region)}  ${placesText(rules)}`.trimEnd(),
    ...(witness === undefined ? [] : [`  ${witnessText(witness, input.dimensions)}`]),
  ];
}

function answerText({ values }: Region): string {
  return maskedConfigLine(values.get("answer")?.text ?? "");
}

function ruleText(rule: CoveredRule): string {
  return unknownText(rule);
}

/** `coverage 90 %`. */
export function coverageSummary(coverage: Coverage): string {
  return coverage.incomplete === undefined ? `coverage ${percentOf(coverage)} %` : "no coverage";
}

export function coverageJson(coverage: Coverage) {
  const { regions, rules, others, notLocated, incomplete, input } = coverage;
  return {
    percent: percentOf(coverage),
    incomplete: incomplete ?? null,
    regions: {
      covered: covered(regions),
      total: regions.length,
      missing: missingOf(regions).map(regionJson),
    },
    rules: { covered: covered(rules), total: rules.length, missing: missingOf(rules).map(noteJson) },
    notCounted: others.map(regionJson),
    notLocated: notLocated.map(({ expectation: { request, at } }) => ({ request, at: at ?? null })),
    notExamined: input.notExamined.map(noteJson),
  };
}

function regionJson(region: Region) {
  const { conditions, rules, witness } = region;
  return {
    requests: regionText(conditions),
    answer: answerText(region),
    rules: rules.map(noteJson),
    witness: witness === undefined ? null : witnessJson(witness),
  };
}
