// Results at a running edge, as text: passed, failed, and not visible.
import { countOf } from "../../findings/count.ts";
import { maskedDifference } from "../../findings/credentials.ts";
import type { TargetResult } from "../../lab/target.ts";
import { outcomeText, place, requestText } from "./expectation-text.ts";
import { type Colours, coloursOf, column, fold, type Screen } from "./layout.ts";

/** `✓ https://app.example.com/   200 from app   not visible: path at the backend`. */
export function targetLine(result: TargetResult, urlWidth: number, screen: Screen): string {
  const colours = coloursOf(screen);
  const mark = { passed: colours.green("✓"), failed: colours.red("✗"), unseen: colours.yellow("–") };
  const head = `${mark[result.verdict]} ${column(requestText(result), urlWidth)}`;
  if (result.verdict === "failed") return `${head}${place(result.expectation.at)}`.trimEnd();
  const outcome = result.notTested === null ? answerText(result) : `not tested: ${result.notTested}`;
  const line = `${head}${outcome}`.trimEnd();
  if (result.unseen.length === 0) return line;
  const below = fold(`not visible: ${result.unseen.join(", ")}`, screen.width - 6);
  return [line, ...below.map((text) => `      ${colours.dim(text)}`)].join("\n");
}

function answerText(result: TargetResult): string {
  const { status, location, refused } = result.answer;
  const known = result.backendKnown || location !== null || refused !== null;
  return known ? outcomeText(result) : `${status} from an unknown backend`;
}

/** The differences, one per line. */
export function targetFailure({ differences, answer }: TargetResult, screen: Screen): string {
  const colours = coloursOf(screen);
  return differences
    .map(maskedDifference)
    .map(
      ({ what, expected, got }) =>
        `    ${colours.dim(column(what, 11))}expected ${colours.green(expected)}    got ${colours.red(got)}${answer.refused === null || what === "connection" ? "" : `    ${answer.refused}`}`,
    )
    .join("\n");
}

export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Passed in what was compared; something else was not visible. */
  readonly inPart: number;
  /** Nothing of it was visible. */
  readonly unseen: number;
}

export function tallyOf(results: readonly TargetResult[]): Tally {
  const count = (is: (one: TargetResult) => boolean) => results.filter(is).length;
  return {
    passed: count(({ verdict, unseen }) => verdict === "passed" && unseen.length === 0),
    inPart: count(({ verdict, unseen }) => verdict === "passed" && unseen.length > 0),
    failed: count(({ verdict }) => verdict === "failed"),
    unseen: count(({ verdict }) => verdict === "unseen"),
  };
}

/** `22 of 24 expectations as expected, 6 of them in part; 2 not visible`. */
export function tallyText(results: readonly TargetResult[], colours: Colours): string {
  const { passed, inPart, failed, unseen } = tallyOf(results);
  const parts = [
    `${passed + inPart} of ${countOf(results.length, "expectation")} as expected${inPart === 0 ? "" : `, ${inPart} of them in part`}`,
    ...(failed === 0 ? [] : [colours.red(`${failed} not`)]),
    ...(unseen === 0 ? [] : [`${unseen} not visible`]),
  ];
  return parts.join("; ");
}

/** Why expectations were not tested, each reason once with its count. */
export function reasonsNotTested(results: readonly TargetResult[]): readonly string[] {
  const reasons = new Map<string, number>();
  for (const { notTested } of results)
    if (notTested !== null) reasons.set(notTested, (reasons.get(notTested) ?? 0) + 1);
  return [...reasons].map(([why, count]) => `${count} not tested: ${why}`);
}
