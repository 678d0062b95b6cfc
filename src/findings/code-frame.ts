// One line of a source with carets under the place that is meant, cut to a width.
import { columnsOf, oneLine } from "./columns.ts";
import type { Position } from "./finding.ts";

export interface CodeFrame {
  /** The line without its indentation, with `…` where it was cut. */
  readonly text: string;
  /** Spaces and carets, to stand under the text. */
  readonly carets: string;
}

/** The frame of a position, at most `width` columns wide; undefined where the source has no such line. */
export function codeFrame(source: string, position: Position, width: number): CodeFrame | undefined {
  const line = lineOf(source, position.line);
  if (line === undefined) return undefined;
  const start = Math.min(position.column - 1, line.length);
  const end = Math.min(start + Math.max(1, position.length ?? 1), Math.max(line.length, start + 1));
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

function lineOf(source: string, number: number): string | undefined {
  let start = 0;
  for (let line = 1; line < number; line++) {
    start = source.indexOf("\n", start) + 1;
    if (start === 0) return undefined;
  }
  const end = source.indexOf("\n", start);
  return source.slice(start, end === -1 ? undefined : end).replace(/\r$/, "");
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
  const from =
    start - indent <= before
      ? indent
      : splitsPair(line, start - before)
        ? start - before + 1
        : start - before;
  // Wide characters take two columns: take away from the end until it fits.
  let to = Math.min(line.length, from + room);
  while (to > start + 1 && columnsOf(oneLine(line.slice(from, to))) > room) to--;
  return { from, to: splitsPair(line, to) ? to - 1 : to };
}

function splitsPair(line: string, at: number): boolean {
  return /[\udc00-\udfff]/.test(line[at] ?? "") && /[\ud800-\udbff]/.test(line[at - 1] ?? "");
}
