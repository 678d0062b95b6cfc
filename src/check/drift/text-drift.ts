// The texts of files in a folder compared with those that the description renders: each line that differs, each file that is missing or extra.
import type { EmittedFile } from "../../emit/file.ts";
import type { Finding, Position } from "../../findings/finding.ts";
import { MASK } from "../../findings/hidden-text.ts";
import { maskedLines } from "../../findings/masked-text.ts";
import { type LineHunk, lineHunks } from "../line-hunks.ts";
import type { Described } from "./described.ts";
import { isRemark, sameMeaning } from "./text-meaning.ts";
import type { WiringDifference } from "./wiring-differences.ts";

/** The files of a folder that a description was rendered to. */
export interface FolderTexts {
  /** As the user named it, for places and commands. */
  readonly folder: string;
  /** By rendered path: the text; undefined: something other than a file. Missing files are not in it. */
  readonly texts: ReadonlyMap<string, string | undefined>;
  /** Files that the description does not render, in the folders of layers. */
  readonly extra: readonly string[];
}

export interface TextDrift {
  readonly findings: readonly Finding[];
  /** Values that a finding names, next to the lines that they are on. */
  readonly shown: ReadonlySet<WiringDifference>;
}

/** `differences`: values that differ; a finding about a line names those on it. */
export function textDrift(
  rendered: readonly EmittedFile[],
  found: FolderTexts,
  described: Described,
  differences: readonly WiringDifference[],
): TextDrift {
  const absent = new Set(rendered.filter(({ path }) => isAbsent(path, found)).map(({ path }) => path));
  const shown = new Set(
    differences.filter(({ plannedAt, at }) => at === undefined && absent.has(plannedAt?.file ?? "")),
  );
  const inLines = rendered.flatMap(({ path, content }) => {
    const text = found.texts.get(path);
    if (typeof text !== "string" || text === content) return [];
    return textFindings(
      { path, planned: content, found: text, folder: found.folder },
      described,
      differences,
      shown,
    );
  });
  return {
    findings: [
      ...missing(rendered, found, described),
      ...found.extra.map((path) => extra(path, found, described)),
      ...inLines,
    ],
    shown,
  };
}

function isAbsent(path: string, { texts }: FolderTexts): boolean {
  return texts.get(path) === undefined;
}

function missing(
  rendered: readonly EmittedFile[],
  found: FolderTexts,
  described: Described,
): readonly Finding[] {
  const { texts, folder } = found;
  const absent = rendered.filter(({ path }) => isAbsent(path, found));
  if (absent.length === rendered.length)
    return [
      {
        ...layerDiffers(folder),
        what: `none of the ${absent.length} files that the description renders is in ${folder}`,
        at: [{ file: folder, line: 1, column: 1 }, described("")],
      },
    ];
  return absent.map(({ path }) => ({
    ...layerDiffers(folder),
    what: `${path} is ${texts.has(path) ? "not a regular file" : "missing"}, and the description renders it`,
    at: [placeIn(folder, path, 1), described(path)],
  }));
}

function extra(path: string, { folder }: FolderTexts, described: Described): Finding {
  return {
    ...layerDiffers(folder),
    severity: "warning",
    what: `${path} is not rendered from the description`,
    why: "The description does not cover the file, and a program that reads the whole folder uses it: `kubectl apply -f`, `terraform apply`, or HAProxy.",
    remedy: "Delete the file, or move it out of the folder of the layer.",
    at: [placeIn(folder, path, 1), described(path)],
  };
}

interface Pair {
  readonly path: string;
  readonly planned: string;
  readonly found: string;
  readonly folder: string;
}

/** More than this in one file are counted, and not shown one by one. */
const MOST_HUNKS = 20;
const MOST_EDITS = 4_000;

/** Adds to `shown` the differences that are named. */
function textFindings(
  pair: Pair,
  described: Described,
  differences: readonly WiringDifference[],
  shown: Set<WiringDifference>,
): readonly Finding[] {
  const hunks = lineHunks(pair.planned, pair.found, MOST_EDITS);
  const remarks = sameMeaning(pair.path, pair.planned, pair.found);
  if (hunks === undefined || hunks.length > MOST_HUNKS) return [many(pair, hunks, remarks, described)];
  return hunks.map((hunk) => {
    const values = differences.filter((one) => isIn(one, hunk, pair));
    for (const one of values) shown.add(one);
    const remark = values.length === 0 && (remarks || isRemark(pair.path, hunk.oldLines, hunk.newLines));
    return hunkFinding(pair, hunk, remark, described, values);
  });
}

/** Whether a value is on a line of the hunk, in either text. */
function isIn(one: WiringDifference, hunk: LineHunk, pair: Pair): boolean {
  const { plannedAt, at } = one;
  return (
    isOn(at, fileOf(pair), hunk.newStart, hunk.newLines.length) ||
    isOn(plannedAt, pair.path, hunk.oldStart, hunk.oldLines.length) ||
    isInside(one, hunk, pair)
  );
}

/** Whether the lines contain every difference of a value, or of the items of a list, whose block starts above them. */
function isInside({ planned, found, plannedAt, at }: WiringDifference, hunk: LineHunk, pair: Pair): boolean {
  if (at?.file !== fileOf(pair) || plannedAt?.file !== pair.path || hunk.newStart < at.line) return false;
  const [before, after] = [planned ?? "", found ?? ""].map((text) => new Set(text.split(" ")));
  const removed = [...(before ?? [])].filter((word) => after?.has(word) === false);
  const added = [...(after ?? [])].filter((word) => before?.has(word) === false);
  const isIn = (lines: readonly string[]) => (word: string) =>
    word.length >= 4 && lines.join("").includes(word);
  return (
    removed.length + added.length > 0 &&
    removed.every(isIn(hunk.oldLines)) &&
    added.every(isIn(hunk.newLines))
  );
}

function isOn(at: Position | undefined, file: string, first: number, count: number): boolean {
  return at !== undefined && at.file === file && at.line >= first && at.line < first + count;
}

function hunkFinding(
  pair: Pair,
  hunk: LineHunk,
  remark: boolean,
  described: Described,
  values: readonly WiringDifference[],
): Finding {
  const at = { ...placeIn(pair.folder, pair.path, hunk.newStart), column: columnOf(hunk) };
  return {
    ...(remark ? differsInComment(pair.folder) : layerDiffers(pair.folder)),
    what: `${pair.path} ${hunkText(pair, hunk)}${namesOf(values)}`,
    at: [at, described(pair.path, { first: hunk.oldStart, count: hunk.oldLines.length })],
  };
}

/** Of the first word that differs, from 1. */
function columnOf({ oldLines: [before = ""], newLines: [after = ""] }: LineHunk): number {
  const same = after.slice(0, firstDifference(before, after));
  return Math.max(same.search(/[^\s"'=]*$/), after.search(/\S|$/)) + 1;
}

/** The index of the first character that differs. */
function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

/** ` (a, b and 2 more)`; nothing for none. */
function namesOf(values: readonly WiringDifference[]): string {
  const names = [...new Set(values.map(({ what }) => what))];
  if (names.length === 0) return "";
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return ` (${names.slice(0, MOST_NAMES).join(", ")}${more})`;
}

const MOST_NAMES = 2;

function hunkText({ planned, found }: Pair, { oldLines, newLines, oldStart, newStart }: LineHunk): string {
  const masked = maskedLines(planned, oldStart, oldLines.length);
  const maskedThere = maskedLines(found, newStart, newLines.length);
  const difference = firstDifference(firstText(masked), firstText(maskedThere));
  const wanted = shown(masked, difference);
  const there = shown(maskedThere, difference);
  if (newLines.join("").trimEnd() === oldLines.join("").trimEnd())
    return newLines.at(-1)?.endsWith("\n") === false
      ? "ends without a line break, which the description renders"
      : `has other spaces or line breaks at ${newLines.length === 0 ? wanted : there} than the description renders`;
  if (newLines.length === 0) return `lacks ${wanted}, which the description renders`;
  if (oldLines.length === 0) return `has ${there}, which the description does not render`;
  if (wanted === there && wanted.includes(MASK))
    return `has another value at ${there} than the description renders`;
  return `has ${there} where the description renders ${wanted}`;
}

function firstText(lines: readonly string[]): string {
  return (lines.find((line) => line.trim() !== "") ?? "").trim();
}

/** The first line that is not empty, of a long one the text around `difference`, and the number of further lines. */
function shown(lines: readonly string[], difference: number): string {
  const first = firstText(lines);
  const from = difference < 70 || difference >= first.length ? 0 : difference - 30;
  const part = `${from === 0 ? "" : "…"}${first.slice(from, from + 79)}${first.length > from + 80 ? "…" : first.slice(from + 79)}`;
  const text = first === "" ? "an empty line" : `\`${part}\``;
  return lines.length === 1
    ? text
    : `${text} and ${lines.length - 1} more ${lines.length === 2 ? "line" : "lines"}`;
}

function many(
  pair: Pair,
  hunks: readonly LineHunk[] | undefined,
  remark: boolean,
  described: Described,
): Finding {
  const first = hunks?.[0]?.newStart ?? 1;
  return {
    ...(remark ? differsInComment(pair.folder) : layerDiffers(pair.folder)),
    what: `${pair.path} differs from what the description renders in ${hunks === undefined ? `more than ${MOST_EDITS}` : hunks.length} places`,
    at: [placeIn(pair.folder, pair.path, first), described(pair.path)],
  };
}

export function layerDiffers(folder: string): Omit<Finding, "what" | "at"> {
  return {
    code: "layer-differs-from-plan",
    severity: "error",
    why: "The folder does not match the description: the deployed files differ from what was tested and reviewed in the description, and the next `portico render` replaces it.",
    remedy: `Write the change into the description, and run \`portico render --force -o ${folder}\`.`,
  };
}

function differsInComment(folder: string): Omit<Finding, "what" | "at"> {
  return {
    code: "layer-comment-differs",
    severity: "note",
    why: "The programs that read the file do the same with both. The next `portico render` replaces the comment or layout.",
    remedy: `Run \`portico render --force -o ${folder}\`; to keep a comment, write it in the description.`,
  };
}

function fileOf({ folder, path }: Pick<Pair, "folder" | "path">): string {
  return folder === "." ? path : `${folder.replace(/\/+$/, "")}/${path}`;
}

function placeIn(folder: string, path: string, line: number): Position {
  return { file: fileOf({ folder, path }), line, column: 1 };
}
