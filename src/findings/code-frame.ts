// One line of a source with carets under the marked place, cut to a width.
import { columnsOf, oneLine } from "./columns.ts";
import type { Position } from "./finding.ts";
import { MASK } from "./hidden-text.ts";
import { masked, maskedRanges } from "./masked-text.ts";

export interface CodeFrame {
  /** The line without its indentation, with `…` where it was cut. */
  readonly text: string;
  /** Spaces and carets, for the line below the text. */
  readonly carets: string;
}

/** The frame of a position, at most `width` columns wide; undefined where the source has no such line. */
export function codeFrame(source: string, position: Position, width: number): CodeFrame | undefined {
  const written = lineOf(source, position.line);
  if (written === undefined) return undefined;
  const hidden = hiddenParts(source, written, position.line);
  const line = masked(written, hidden);
  const column = shifted(position.column - 1, hidden);
  const endColumn = shifted(position.column - 1 + Math.max(1, position.length ?? 1), hidden);
  const start = Math.min(column, line.length);
  const end = Math.min(Math.max(endColumn, column + 1), Math.max(line.length, start + 1));
  const indent = Math.min(/^\s*/.exec(line)?.[0].length ?? 0, start);
  const { from, to } = window(line, indent, start, end, width);
  const before = `${from > indent ? "…" : ""}${oneLine(line.slice(from, start))}`;
  const marked = oneLine(line.slice(start, Math.min(end, to)));
  const after = `${oneLine(line.slice(Math.min(end, to), to))}${to < line.length ? "…" : ""}`;
  return {
    text: `${before}${marked}${after}`.trimEnd(),
    carets: `${" ".repeat(columnsOf(before))}${"^".repeat(Math.max(1, columnsOf(marked)))}`,
  };
}

/** Lines around are looked at only where the file may have a Secret or variables of a container. */
function hiddenParts(source: string, line: string, number: number): ReturnType<typeof maskedRanges> {
  return /\bkind["']?:\s*["']?Secret|\b(?:value|regex):/.test(source)
    ? maskedRanges(line, number - 1, source.split(/\r?\n/))
    : maskedRanges(line);
}

/** Where a column of the written line is in the shown one; within hidden text, its beginning or its end. */
function shifted(column: number, hidden: ReturnType<typeof maskedRanges>): number {
  let shift = 0;
  for (const { from, to } of hidden) {
    if (column <= from) break;
    if (column < to) return from + shift + MASK.length;
    shift += MASK.length - (to - from);
  }
  return column + shift;
}

function lineOf(source: string, number: number): string | undefined {
  let start = 0;
  for (let line = 1; line < number; line++) {
    start = source.indexOf("\n", start) + 1;
    if (start === 0) return undefined;
  }
  const end = source.indexOf("\n", start);
  const line = source.slice(start, end === -1 ? undefined : end);
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

/** Which part of the line is shown: all of it where it fits, else from the indentation or from a little before the carets. */
function window(
  line: string,
  indent: number,
  start: number,
  end: number,
  width: number,
): { readonly from: number; readonly to: number } {
  const room = Math.max(10, width) - 2;
  if (line.length - indent <= room * 2 && columnsOf(oneLine(line.slice(indent))) <= room + 2)
    return { from: indent, to: line.length };
  const before = Math.max(Math.floor(room / 3), room - (end - start) - 10);
  const cut = start - before + (splitsPair(line, start - before) ? 1 : 0);
  const from = start - indent <= before ? indent : cut;
  // Wide characters take two columns: take away from the end until it fits.
  let to = Math.min(line.length, from + room);
  while (to > start + 1 && columnsOf(oneLine(line.slice(from, to))) > room) to--;
  return { from, to: splitsPair(line, to) ? to - 1 : to };
}

function splitsPair(line: string, at: number): boolean {
  return /[\udc00-\udfff]/.test(line[at] ?? "") && /[\ud800-\udbff]/.test(line[at - 1] ?? "");
}
