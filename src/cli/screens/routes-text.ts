// The list of `portico routes`: a line for each region, in the order in which they decide.
import { maskedJson } from "../../findings/credentials.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { conditionText } from "../../space/condition-text.ts";
import type { Condition } from "../../space/predicate.ts";
import type { Region, RegionList } from "../../space/regions.ts";
import type { SpaceInput } from "../space-input.ts";
import { noteJson, witnessJson } from "./found-json.ts";
import { notExaminedLines } from "./found-text.ts";
import { coloursOf, column, type Screen, widest } from "./layout.ts";
import { placesText, unknownText } from "./region-text.ts";

export function routesText(input: SpaceInput, { regions, incomplete }: RegionList, screen: Screen): string {
  const colours = coloursOf(screen);
  if (incomplete !== undefined)
    return "not decided: the evaluation needs more steps than its budget, so there is no list";
  const rows = rowsOf(regions);
  const [left, right] = [
    widest(rows.map(({ requests }) => requests)),
    widest(rows.map(({ answer }) => answer)),
  ];
  const widths = [Math.min(left, MOST_COLUMNS) + 2, Math.min(right, MOST_COLUMNS) + 2] as const;
  return [
    colours.bold("The first line that matches decides:"),
    "",
    ...rows.map(({ requests, answer, places }) =>
      `${column(requests, widths[0])}${column(answer, widths[1])}${places}`.trimEnd(),
    ),
    ...unknownLines(regions),
    ...notExaminedLines(input),
  ].join("\n");
}

const MOST_COLUMNS = 68;

interface Row {
  readonly requests: string;
  readonly answer: string;
  readonly places: string;
}

/** A condition that the line before has, too, in the same place is a dot. */
function rowsOf(regions: readonly Region[]): readonly Row[] {
  let before: readonly string[] = [];
  return regions.map(({ conditions, values, rules }) => {
    const texts = textsOf(conditions);
    const same = texts.findIndex((text, index) => text !== before[index]);
    const shared = same < 0 ? texts.length - 1 : same;
    before = texts;
    return {
      requests: texts.map((text, index) => (index < shared ? "·" : text)).join("  ") || "all others",
      answer: answerText(values),
      places: placesText(rules),
    };
  });
}

function textsOf(conditions: readonly Condition[]): readonly string[] {
  return conditions.map((condition) => maskedConfigLine(conditionText(condition)));
}

function answerText(values: Region["values"]): string {
  return maskedConfigLine([...values.values()].map(({ text }) => text).join(", "));
}

/** The conditions that no request decides, with their lines. */
function unknownLines(regions: readonly Region[]): readonly string[] {
  const conditions = regions.flatMap((region) => region.conditions);
  const unknown = conditions.flatMap(({ on }) => (on.kind === "unknown" ? [unknownText(on)] : []));
  const values = regions.flatMap((region) =>
    [...region.values.values()].flatMap(({ dependsOn = [] }) => dependsOn.map(unknownText)),
  );
  const lines = [...new Set([...unknown, ...values])];
  return lines.length === 0 ? [] : ["", "Not decided by the request:", ...lines.map((line) => `  ${line}`)];
}

export function routesJson(input: SpaceInput, { regions, incomplete }: RegionList): string {
  return maskedJson({
    input: input.name,
    incomplete: incomplete ?? null,
    routes: regions.map(({ conditions, values, rules, witness }) => ({
      conditions: textsOf(conditions),
      answer: answerText(values),
      rules: rules.map(noteJson),
      dependsOn: conditions.flatMap(({ on }) => (on.kind === "unknown" ? [noteJson(on)] : [])),
      witness: witness === undefined ? null : witnessJson(witness),
    })),
    notExamined: input.notExamined.map(noteJson),
  });
}
