// Findings about rendered lines, moved to the lines of the description that decide them.

import { type EmittedFile, originOf } from "../emit/file.ts";
import type { Finding, Position } from "../findings/finding.ts";
import type { CheckedDescription } from "./check-plan.ts";
import { onceEach } from "./groups.ts";
import { memoized } from "./layers/memoized.ts";
import type { JudgedFinding } from "./rule.ts";

export interface Rendering {
  readonly files: readonly EmittedFile[];
  readonly description: CheckedDescription;
}

/** How many rendered lines a finding shows. */
const MOST_RENDERED = 5;

/**
 * The finding at the lines of the description, followed by the rendered lines. If defaults decided all of these, it
 * is at the description's value for the part that they are in, else at the description's first line. A raw line keeps
 * the remedy for haproxy.cfg, unless a field replaces it.
 */
export function describedFinding(
  rendering: Rendering,
  { described, fix: _, ...finding }: JudgedFinding,
): Finding {
  const isRaw = finding.at.slice(0, 1).some((place) => isRawLine(rendering, place));
  const places = describedPlaces(rendering, finding.at, described?.field);
  return {
    ...finding,
    remedy: (isRaw && described?.replacesRaw !== true ? undefined : described?.remedy) ?? finding.remedy,
    at: [
      ...onceEach(places, lineOf),
      ...onceEach(finding.at, lineOf)
        .filter((place) => isRendered(rendering.files, place))
        .slice(0, MOST_RENDERED)
        .map((place) => ({ ...place, note: textOf(rendering, place) })),
    ],
  };
}

function lineOf({ file, line }: Position): string {
  return `${file}:${line}`;
}

function describedPlaces(
  { files, description }: Rendering,
  rendered: readonly Position[],
  field: NonNullable<JudgedFinding["described"]>["field"],
): readonly Position[] {
  const decided = field === undefined ? undefined : description.positionOf(field);
  if (decided !== undefined) return [decided];
  const origins = rendered.flatMap((place) => {
    const origin = isRendered(files, place) ? originOf(files, place) : place;
    if (origin === undefined) return [];
    return place.note === undefined ? origin : { ...origin, note: place.note };
  });
  if (origins.length > 0) return origins;
  const [part] = [
    ...(field ?? []).flatMap((_, index, path) => description.positionOf(path.slice(0, -index - 1)) ?? []),
    ...rendered.flatMap((place) => originAbove(files, place) ?? []),
  ];
  return [part ?? { file: description.file, line: 1, column: 1 }];
}

/** Of the nearest line above whose part the line is, by its indentation, and that the description decided. */
function originAbove(files: readonly EmittedFile[], { file, line }: Position): Position | undefined {
  const lines = linesIn(files, file);
  let indent = indentOf(lines[line - 1] ?? "");
  for (let above = line - 1; above > 0; above -= 1) {
    const text = lines[above - 1] ?? "";
    if (text.trim() === "" || indentOf(text) >= indent) continue;
    const origin = originOf(files, { file, line: above });
    if (origin !== undefined) return origin;
    indent = indentOf(text);
  }
  return undefined;
}

function isRawLine({ files, description }: Rendering, place: Position): boolean {
  const origin = originOf(files, place);
  if (origin === undefined) return false;
  const written = description.sources.get(origin.file)?.split("\n")[origin.line - 1];
  return written?.includes(textOf({ files, description }, place)) ?? false;
}

/** Facts that only the description has are at their line already. */
function isRendered(files: readonly EmittedFile[], { file }: Position): boolean {
  return files.some(({ path }) => path === file);
}

function textOf({ files }: Rendering, { file, line }: Position): string {
  return (linesIn(files, file)[line - 1] ?? "").trim();
}

function indentOf(text: string): number {
  return text.length - text.trimStart().length;
}

function linesIn(files: readonly EmittedFile[], name: string): readonly string[] {
  const file = files.find(({ path }) => path === name);
  return file === undefined ? [] : splitLines(file);
}

const splitLines = memoized(({ content }: EmittedFile) => content.split("\n"));
