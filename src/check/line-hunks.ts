// The places where two texts differ, line by line.
import { structuredPatch } from "diff";

export interface LineHunk {
  /** Its first line in the earlier text, from 1; where it has none, the line that the new ones go before. */
  readonly oldStart: number;
  /** The same in the later text. */
  readonly newStart: number;
  /** Each with its line break, where it has one. */
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
}

/** undefined: there are more than `mostEdits` lines to add and remove. */
export function lineHunks(
  before: string,
  after: string,
  mostEdits = Number.POSITIVE_INFINITY,
): readonly LineHunk[] | undefined {
  const options = { context: 0, maxEditLength: mostEdits };
  return structuredPatch("", "", before, after, "", "", options)?.hunks.map(
    ({ oldStart, newStart, lines }) => ({
      oldStart,
      newStart,
      oldLines: marked(lines, "-"),
      newLines: marked(lines, "+"),
    }),
  );
}

/** A line without a line break has `\ No newline at end of file` behind it. */
function marked(lines: readonly string[], mark: string): readonly string[] {
  return lines.flatMap((line, index) =>
    line.startsWith(mark) ? [line.slice(1) + (lines[index + 1]?.startsWith("\\") === true ? "" : "\n")] : [],
  );
}
