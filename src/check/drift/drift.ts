// Drift: every difference between the files in a folder and the files that the description renders.
import type { EmittedFile } from "../../emit/file.ts";
import type { Finding, Position } from "../../findings/finding.ts";
import { maskedLines } from "../../findings/masked-text.ts";
import { readWiring } from "../../wiring/read-wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { byWeightAndPlace } from "../order.ts";
import type { Described } from "./described.ts";
import { type FolderTexts, layerDiffers, textDrift } from "./text-drift.ts";
import { BRANCH, type WiringDifference, wiringDifferences } from "./wiring-differences.ts";

/**
 * Texts are compared line by line, so that no difference is lost that `readWiring` does not understand; the wirings are compared
 * value by value, which names the setting on a line, and finds a value that another file changes (a variable, a patch).
 */
export async function findDrift(
  rendered: readonly EmittedFile[],
  folder: FolderTexts,
  found: Wiring,
  described: Described,
): Promise<readonly Finding[]> {
  const planned = await readWiring(rendered.map(({ path, content }) => ({ file: path, text: content })));
  const differences = wiringDifferences(planned, found, folder.folder);
  const { findings, shown } = textDrift(rendered, folder, described, differences);
  const elsewhere = differences.filter((one) => !shown.has(one));
  const texts = new Map([
    ...found.files.map(({ file, text }) => [file, text] as const),
    ...planned.files.map(({ file, text }) => [file, text] as const),
  ]);
  return [
    ...findings,
    ...elsewhere.slice(0, MOST_VALUES).map((one) => valueFinding(one, folder, texts, described)),
    ...tooMany(elsewhere, folder, described),
  ].sort(byWeightAndPlace);
}

/** More than these are counted. */
const MOST_VALUES = 20;

/** A value that differs on no line that a finding shows. */
function valueFinding(
  one: WiringDifference,
  { folder }: FolderTexts,
  texts: ReadonlyMap<string, string>,
  described: Described,
): Finding {
  const { what, at, plannedAt } = one;
  return {
    ...layerDiffers(folder),
    what: `${what} ${[at, plannedAt].some((place) => isMasked(place, texts)) ? "has another value than the description renders" : valuesText(one)}`,
    at: [...(at === undefined ? [] : [at]), placeIn(plannedAt, described)],
  };
}

function placeIn(plannedAt: Position | undefined, described: Described): Position {
  return plannedAt === undefined
    ? described("")
    : described(plannedAt.file, { first: plannedAt.line, count: 1 });
}

function valuesText({ planned, found }: WiringDifference): string {
  const wanted = planned === BRANCH ? "it" : (planned ?? "no value");
  return `is ${found ?? "missing"}, and the description renders ${wanted}`;
}

/** Whether the line has a credential on it. */
function isMasked(at: Position | undefined, texts: ReadonlyMap<string, string>): boolean {
  const text = at === undefined ? undefined : texts.get(at.file);
  if (at === undefined || text === undefined) return false;
  return maskedLines(text, at.line, 1)[0] !== text.split(/\r?\n/)[at.line - 1];
}

function tooMany(
  differences: readonly WiringDifference[],
  { folder }: FolderTexts,
  described: Described,
): readonly Finding[] {
  const more = differences.slice(MOST_VALUES);
  const [first] = more;
  if (first === undefined) return [];
  const at = first.at === undefined ? [] : [first.at];
  return [
    {
      ...layerDiffers(folder),
      what: `${more.length} more values differ from what the description renders`,
      at: [...at, placeIn(first.plannedAt, described)],
    },
  ];
}
