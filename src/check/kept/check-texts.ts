// Files in a folder against what the description renders to: every line that differs, every file that is missing or extra.
import type { EmittedFile } from "../../emit/file.ts";
import type { Finding, Position } from "../../findings/finding.ts";
import { MASK } from "../../findings/hidden-text.ts";
import { maskedLines } from "../../findings/masked-text.ts";
import { type LineHunk, lineHunks } from "../line-hunks.ts";
import { byWeightAndPlace } from "../order.ts";
import type { Described } from "./described.ts";
import { isRemark, sameMeaning } from "./text-meaning.ts";

/** The files of a folder that a description was rendered to. */
export interface FolderTexts {
  /** As the user named it, for places and commands. */
  readonly folder: string;
  /** By rendered path: the text; null: something other than a file. Missing files are not in it. */
  readonly texts: ReadonlyMap<string, string | null>;
  /** Files that the description does not render, in the folders of layers. */
  readonly extra: readonly string[];
}

/** `told`: findings that already name the lines of a decision; a line that differs is reported once. */
export function checkTexts(
  rendered: readonly EmittedFile[],
  found: FolderTexts,
  described: Described,
  told: readonly Finding[],
): readonly Finding[] {
  const lines = new Set(told.flatMap(({ at }) => at.map(({ file, line }) => `${file}:${line}`)));
  return [
    ...missing(rendered, found, described),
    ...found.extra.map((path) => extra(path, found, described)),
    ...rendered.flatMap(({ path, content }) => {
      const text = found.texts.get(path);
      return typeof text === "string" && text !== content
        ? textFindings({ path, planned: content, found: text, folder: found.folder }, described, lines)
        : [];
    }),
  ].sort(byWeightAndPlace);
}

function missing(
  rendered: readonly EmittedFile[],
  { texts, folder }: FolderTexts,
  described: Described,
): readonly Finding[] {
  const absent = rendered.filter(({ path }) => (texts.get(path) ?? null) === null);
  if (absent.length === rendered.length)
    return [
      {
        ...differs(folder),
        what: `none of the ${absent.length} files that the description renders is in ${folder}`,
        at: [{ file: folder, line: 1, column: 1 }, described("")],
      },
    ];
  return absent.map(({ path }) => ({
    ...differs(folder),
    what: `${path} is ${texts.has(path) ? "not a regular file" : "missing"}, and the description renders it`,
    at: [placeIn(folder, path, 1), described(path)],
  }));
}

function extra(path: string, { folder }: FolderTexts, described: Described): Finding {
  return {
    ...differs(folder),
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

function textFindings(pair: Pair, described: Described, told: ReadonlySet<string>): readonly Finding[] {
  const hunks = lineHunks(pair.planned, pair.found, MOST_EDITS);
  const remarks = sameMeaning(pair.path, pair.planned, pair.found);
  if (hunks === undefined || hunks.length > MOST_HUNKS) return [many(pair, hunks, remarks, described)];
  return hunks
    .filter(({ newLines, newStart }) => {
      const places = newLines.map((_, index) => `${fileOf(pair)}:${newStart + index}`);
      return places.length === 0 || !places.every((place) => told.has(place));
    })
    .map((hunk) =>
      hunkFinding(pair, hunk, remarks || isRemark(pair.path, hunk.oldLines, hunk.newLines), described),
    );
}

function hunkFinding(pair: Pair, hunk: LineHunk, remark: boolean, described: Described): Finding {
  const at: Position = placeIn(pair.folder, pair.path, hunk.newStart);
  return {
    ...(remark ? differsInComment(pair.folder) : differs(pair.folder)),
    what: `${pair.path} ${hunkText(pair, hunk)}`,
    at: [at, described(pair.path, { text: pair.planned, line: hunk.oldStart, lines: hunk.oldLines })],
  };
}

function hunkText({ planned, found }: Pair, { oldLines, newLines, oldStart, newStart }: LineHunk): string {
  const wanted = shown(maskedLines(planned, oldStart, oldLines.length));
  const there = shown(maskedLines(found, newStart, newLines.length));
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

/** The first line that is not empty, and the number of further lines. */
function shown(lines: readonly string[]): string {
  const first = (lines.find((line) => line.trim() !== "") ?? "").trim();
  const text = first === "" ? "an empty line" : `\`${first.length > 80 ? `${first.slice(0, 79)}…` : first}\``;
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
    ...(remark ? differsInComment(pair.folder) : differs(pair.folder)),
    what: `${pair.path} differs from what the description renders in ${hunks === undefined ? `more than ${MOST_EDITS}` : hunks.length} places`,
    at: [placeIn(pair.folder, pair.path, first), described(pair.path)],
  };
}

function differs(folder: string): Omit<Finding, "what" | "at"> {
  return {
    code: "layer-differs-from-plan",
    severity: "error",
    why: "The folder does not do what the description says: what was tested and reviewed in the description is not what is deployed from the folder, and the next `portico render` replaces it.",
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
