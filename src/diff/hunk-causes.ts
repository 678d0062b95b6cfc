// Which changed lines change a request: each place where the files differ is changed alone, and tested.
import { lineHunks } from "../check/line-hunks.ts";
import type { Position } from "../findings/finding.ts";
import type { WiringFile } from "../wiring/wiring.ts";
import { changeKind, type FileChange } from "./compare-files.ts";

/** One place where two files differ: lines of the earlier one, and their replacement in the later one. */
export interface Hunk {
  readonly file: string;
  /** The first line of it in the earlier file, from 1; without one, the line that the new ones precede. */
  readonly oldStart: number;
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  readonly what: FileChange["change"];
  /** In the later file, or in the earlier one where lines were only removed. */
  readonly at: Position;
}

/** For files with the same name; new and removed files are not hunks. */
export function hunksOf(before: readonly WiringFile[], after: readonly WiringFile[]): readonly Hunk[] {
  const later = new Map(after.map(({ file, text }) => [file, text]));
  return before.flatMap(({ file, text }) => {
    const now = later.get(file);
    if (now === undefined || now === text) return [];
    return (lineHunks(text, now) ?? []).map((hunk): Hunk => {
      const oldLines = hunk.oldLines.map(withoutBreak);
      const newLines = hunk.newLines.map(withoutBreak);
      return {
        file,
        oldStart: hunk.oldStart,
        oldLines,
        newLines,
        what: changeKind(oldLines.length > 0, newLines.length > 0),
        at: { file, line: Math.max(1, newLines.length === 0 ? hunk.oldStart : hunk.newStart), column: 1 },
      };
    });
  });
}

/** The earlier files with this one place as in the later ones. */
export function withHunk(files: readonly WiringFile[], hunk: Hunk): readonly WiringFile[] {
  return files.map((file) => (file.file === hunk.file ? { ...file, text: replaced(file.text, hunk) } : file));
}

function replaced(text: string, { oldStart, oldLines, newLines }: Hunk): string {
  const lines = text.split("\n");
  lines.splice(oldStart - 1, oldLines.length, ...newLines);
  return lines.join("\n");
}

function withoutBreak(line: string): string {
  return line.replace(/\n$/, "");
}
