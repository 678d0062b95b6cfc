// From offsets in a file's text to places that findings can show.
import type { Position } from "../findings/finding.ts";
import type { SourceFile } from "./source-file.ts";

export interface Places {
  readonly file: string;
  /** Without a byte order mark. */
  readonly text: string;
  /** Of the characters from `start` up to `end`, as far as they are on the first one's line. */
  readonly at: (start: number, end: number) => Position;
}

export function placesOf(source: SourceFile): Places {
  const text = source.text.startsWith("\uFEFF") ? source.text.slice(1) : source.text;
  const lineStarts = [0];
  for (let index = text.indexOf("\n"); index !== -1; index = text.indexOf("\n", index + 1)) {
    lineStarts.push(index + 1);
  }
  return {
    file: source.file,
    text,
    at: (start, end) => {
      const line = lineAt(lineStarts, start);
      const lineStart = lineStarts[line] ?? 0;
      let lineEnd = (lineStarts[line + 1] ?? text.length + 1) - 1;
      if (text[lineEnd - 1] === "\r") lineEnd -= 1;
      const length = Math.max(1, Math.min(end, lineEnd) - start);
      return { file: source.file, line: line + 1, column: start - lineStart + 1, length };
    },
  };
}

/** Index of the last line that starts at or before an offset. */
function lineAt(lineStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = lineStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
