// The answer of `portico find` as text: the regions, what is not known, and what is proven.
import { countOf } from "../../findings/count.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import type { Query } from "../../plan/query.ts";
import type { Found, FoundRegion, UndecidedRegion } from "../../space/find-regions.ts";
import { FIRST_ERROR } from "../../space/query.ts";
import type { Confirmation } from "../confirm-regions.ts";
import type { SpaceInput } from "../space-input.ts";
import { labAnswerText } from "./expectation-text.ts";
import { coloursOf, type Screen } from "./layout.ts";
import { placesText, regionText, unknownText, witnessText } from "./region-text.ts";

export interface ShownFound {
  readonly input: SpaceInput;
  readonly query: Query;
  readonly found: Found;
  /** undefined: no request was sent. */
  readonly confirmation?: Confirmation | undefined;
}

/** More are in the JSON. */
const MOST_SHOWN = 30;
const MOST_NOTED = 10;

export function foundText(shown: ShownFound, screen: Screen): string {
  const { found, input } = shown;
  const { regions, undecided } = found;
  const colours = coloursOf(screen);
  return [
    colours.bold(headOf(shown)),
    ...listed(regions, (region) => [...regionLines(region, input), ...confirmedLines(region, shown)]),
    ...(undecided.length === 0 ? [] : ["", "It depends on what is not known:"]),
    ...listed(undecided, (region) => undecidedLines(region, input)),
    ...notes(shown),
  ].join("\n");
}

/** Nothing that the query describes exists, for all requests. */
export function isProvenNone({ found, input }: Pick<ShownFound, "found" | "input">): boolean {
  const { regions, undecided, incomplete } = found;
  const isNone = regions.length === 0 && undecided.length === 0 && incomplete === undefined;
  return isNone && input.notExamined.length === 0;
}

function headOf(shown: ShownFound): string {
  const { regions, undecided, incomplete } = shown.found;
  if (isProvenNone(shown)) return "proven: none";
  if (incomplete === "budget") return "not decided: the evaluation needs more steps than its budget";
  const more = incomplete === undefined ? "" : " or more";
  if (regions.length > 0) return `${countOf(regions.length, "region")}${more}`;
  if (undecided.length > 0) return "none for certain";
  return "none, except what was not examined may cause";
}

function listed<T>(all: readonly T[], linesOf: (one: T) => readonly string[]): readonly string[] {
  const more = all.length - MOST_SHOWN;
  return [
    ...all.slice(0, MOST_SHOWN).flatMap((one) => ["", ...linesOf(one)]),
    ...(more > 0 ? ["", `and ${more} more (--json lists all)`] : []),
  ];
}

function regionLines(
  { conditions, answer, rules, witness }: FoundRegion,
  { dimensions }: Pick<SpaceInput, "dimensions">,
): readonly string[] {
  const places = placesText(rules);
  return [
    regionText(conditions),
    `  ${maskedConfigLine(answer.text)}${places === "" ? "" : `  ${places}`}`,
    `  ${witnessText(witness, dimensions)}`,
  ];
}

function confirmedLines(region: FoundRegion, { confirmation }: ShownFound): readonly string[] {
  if (confirmation === undefined) return [];
  const { haproxy, byRegion, isWhole } = confirmation;
  const confirmed = byRegion.get(region);
  if (confirmed === undefined) return [];
  if ("unconfirmed" in confirmed) return [`  ${confirmed.unconfirmed}`];
  const { answer, agrees } = confirmed;
  const reason = isWhole ? "" : "; lines of the configuration were not run";
  const differs = agrees ? "" : `, which is not the predicted answer${reason}`;
  return [`  HAProxy ${haproxy}: ${labAnswerText(answer)}${differs}`];
}

function undecidedLines(region: UndecidedRegion, input: Pick<SpaceInput, "dimensions">): readonly string[] {
  const unknown = [...new Set(region.dependsOn.map(unknownText))];
  return [...regionLines(region, input), ...unknown.map((text) => `  depends on ${text}`)];
}

function notes({ found, query, input }: ShownFound): readonly string[] {
  const { status } = query.answer;
  const lines: string[] = [];
  if (status !== undefined && found.forwarded)
    lines.push(
      status.from < FIRST_ERROR
        ? "The backend decides the status of a request that it gets."
        : "Backends may answer so, too, and HAProxy where a backend fails: only the answers of HAProxy's rules are listed.",
    );
  return [...(lines.length === 0 ? [] : ["", ...lines]), ...notExaminedLines(input)];
}

export function notExaminedLines({ notExamined }: Pick<SpaceInput, "notExamined">): readonly string[] {
  if (notExamined.length === 0) return [];
  const more = notExamined.length - MOST_NOTED;
  return [
    "",
    "Not examined, and may change answers:",
    ...notExamined.slice(0, MOST_NOTED).map((one) => `  ${unknownText(one)}`),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}
