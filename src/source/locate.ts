// From offsets in a text to lines and columns, counted as editors do.
import type { Position } from "./position.ts";

/** Turns a stretch of a text into a position; it never spans lines and underlines at least one character. */
export type Locate = (start: number, end?: number) => Position;

/** A locator for one file. The line starts are computed once, for the first position. */
export function locator(file: string, text: string): Locate {
  let lineStarts: readonly number[] | undefined;
  return (start, end = start + 1) => {
    lineStarts ??= findLineStarts(text);
    const at = Math.min(Math.max(start, 0), text.length);
    const line = lineOf(lineStarts, at);
    const lineStart = lineStarts[line - 1] ?? 0;
    const lineEnd = endOfLine(text, lineStarts[line]);
    return { file, line, column: at - lineStart + 1, length: Math.max(1, Math.min(end, lineEnd) - at) };
  };
}

function findLineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** The last line that starts at or before the offset, by bisection. */
function lineOf(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

/** From where the next line starts: a line may have millions of characters, and is not searched for its end. */
function endOfLine(text: string, next: number | undefined): number {
  const end = next === undefined ? text.length : next - 1;
  return text[end - 1] === "\r" ? end - 1 : end;
}
