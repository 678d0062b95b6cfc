// Results of invariants as text: one line each, and for one that does not hold the requests and HAProxy's answer.
import { countOf } from "../../findings/count.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { FIRST_ERROR } from "../../space/query.ts";
import type { InvariantResult } from "../invariants.ts";
import type { SpaceInput } from "../space-input.ts";
import { place } from "./expectation-text.ts";
import { coloursOf, type Screen } from "./layout.ts";
import { placesText, regionText, unknownText, witnessText } from "./region-text.ts";

const MARKS = { proven: "✓", violated: "✗", unproven: "?" } as const;
const MOST_SHOWN = 5;

/** The heading of invariant results if a running edge is tested as well. */
export const OF_DESCRIPTION =
  "Invariants, proven from the description. The running edge was not examined for them:";

/** Empty without invariants. */
export function invariantsText(
  results: readonly InvariantResult[],
  input: SpaceInput,
  screen: Screen,
): string {
  const good = results.filter(({ verdict }) => verdict === "proven").length;
  return [
    "",
    ...results.flatMap((one) => invariantLines(one, input, screen)),
    "",
    `${good} of ${countOf(results.length, "invariant")} ${good === 1 ? "holds" : "hold"} for all requests`,
  ].join("\n");
}

function invariantLines(result: InvariantResult, input: SpaceInput, screen: Screen): readonly string[] {
  const { invariant, verdict } = result;
  const colours = coloursOf(screen);
  const mark = verdict === "proven" ? colours.green(MARKS[verdict]) : colours.red(MARKS[verdict]);
  const what = `${mark} ${maskedConfigLine(invariant.text)}`;
  if (verdict === "proven") return [`${what}  ${provenText(result)}`];
  return [`${what}  ${place(invariant.at)}`, ...whyLines(result, input).map((line) => `    ${line}`)];
}

function provenText({ invariant, found }: InvariantResult): string {
  const { status } = invariant.answer;
  const backends = status !== undefined && status.from >= FIRST_ERROR && found?.forwarded === true;
  return backends
    ? "proven for the answers of HAProxy's rules; a backend, or HAProxy where it fails, may answer so"
    : "proven";
}

function whyLines(result: InvariantResult, input: SpaceInput): readonly string[] {
  const { found, problem, counterexample } = result;
  if (found === undefined) return [problem ?? ""];
  const more = found.regions.length - MOST_SHOWN;
  return [
    ...found.regions
      .slice(0, MOST_SHOWN)
      .flatMap(({ conditions, answer, rules, witness }) => [
        regionText(conditions),
        `  ${maskedConfigLine(answer.text)}  ${placesText(rules)}`.trimEnd(),
        `  ${witnessText(witness, input.dimensions)}`,
      ]),
    ...(more > 0 ? [`and ${countOf(more, "more region")}`] : []),
    ...(counterexample === undefined ? [] : [haproxyText(counterexample)]),
    ...found.undecided
      .slice(0, MOST_SHOWN)
      .flatMap(({ conditions, answer, dependsOn }) => [
        regionText(conditions),
        `  ${maskedConfigLine(answer.text)}`,
        ...[...new Set(dependsOn.map(unknownText))].map((text) => `  depends on ${text}`),
      ]),
    ...(result.verdict === "unproven" ? input.notExamined : [])
      .slice(0, MOST_SHOWN)
      .map((one) => `not proven: ${unknownText(one)} is not examined, and may change answers`),
    ...(found.incomplete === "budget" ? ["not proven: it needs more steps than the budget"] : []),
  ];
}

function haproxyText(counterexample: NonNullable<InvariantResult["counterexample"]>): string {
  if ("why" in counterexample) return `the first request was not sent: ${counterexample.why}`;
  const { answer, confirmed } = counterexample;
  const { refused, status, backend, location } = answer;
  const to = location === null ? ` from ${backend ?? "HAProxy"}` : ` → ${location}`;
  const got = refused === null ? `${status}${to}` : refused;
  return `HAProxy's answer to the first request: ${got}${confirmed ? "" : ", which is not the predicted one"}`;
}
