// Expectations played at a running edge, as people read them: what came true, what did not, and what could not be seen.
import { maskedDifference } from "../../findings/credentials.ts";
import type { PlayedAtTarget } from "../../lab/target.ts";
import { outcomeText, place, requestText } from "./expectation-text.ts";
import { type Colours, coloursOf, column, countOf, fold, type Screen } from "./layout.ts";

/** `✓ https://app.example.com/   200 from app   not seen: path at the backend`. */
export function targetLine(played: PlayedAtTarget, urlWidth: number, screen: Screen): string {
  const colours = coloursOf(screen);
  const mark = { passed: colours.green("✓"), failed: colours.red("✗"), unseen: colours.yellow("–") };
  const head = `${mark[played.verdict]} ${column(requestText(played), urlWidth)}`;
  if (played.verdict === "failed") return `${head}${place(played.expectation.at)}`.trimEnd();
  const outcome = played.notPlayed === null ? answerText(played) : `not played: ${played.notPlayed}`;
  const line = `${head}${outcome}`.trimEnd();
  if (played.unseen.length === 0) return line;
  const below = fold(`not seen: ${played.unseen.join(", ")}`, screen.width - 6);
  return [line, ...below.map((text) => `      ${colours.dim(text)}`)].join("\n");
}

function answerText(played: PlayedAtTarget): string {
  const { status, location, refused } = played.answer;
  const known = played.backendKnown || location !== null || refused !== null;
  return known ? outcomeText(played) : `${status} from whom nobody here can tell`;
}

/** What differed, a line each. */
export function targetFailure({ differences, answer }: PlayedAtTarget, screen: Screen): string {
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
  /** Passed in what was compared, with something else not seen. */
  readonly inPart: number;
  /** Nothing of it could be seen. */
  readonly unseen: number;
}

export function tallyOf(played: readonly PlayedAtTarget[]): Tally {
  const count = (is: (one: PlayedAtTarget) => boolean) => played.filter(is).length;
  return {
    passed: count(({ verdict, unseen }) => verdict === "passed" && unseen.length === 0),
    inPart: count(({ verdict, unseen }) => verdict === "passed" && unseen.length > 0),
    failed: count(({ verdict }) => verdict === "failed"),
    unseen: count(({ verdict }) => verdict === "unseen"),
  };
}

/** `22 of 24 expectations as expected, 6 of them in part; 2 not seen`. */
export function tallyText(played: readonly PlayedAtTarget[], colours: Colours): string {
  const { passed, inPart, failed, unseen } = tallyOf(played);
  const parts = [
    `${passed + inPart} of ${countOf(played.length, "expectation")} as expected${inPart === 0 ? "" : `, ${inPart} of them in part`}`,
    ...(failed === 0 ? [] : [colours.red(`${failed} not`)]),
    ...(unseen === 0 ? [] : [`${unseen} not seen`]),
  ];
  return parts.join("; ");
}

/** Why expectations were not played, each reason once with how many it keeps. */
export function reasonsNotPlayed(played: readonly PlayedAtTarget[]): readonly string[] {
  const reasons = new Map<string, number>();
  for (const { notPlayed } of played)
    if (notPlayed !== null) reasons.set(notPlayed, (reasons.get(notPlayed) ?? 0) + 1);
  return [...reasons].map(([why, count]) => `${count} not played: ${why}`);
}
