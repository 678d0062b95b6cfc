// The places where the files of two sides differ.
import { lineHunks } from "../check/line-hunks.ts";
import type { Position } from "../findings/finding.ts";
import type { WiringFile } from "../wiring/wiring.ts";
import { changeKind, type FileChange } from "./compare-files.ts";

/** One place where two files differ: lines of the earlier one, and their replacement in the later one. */
export interface Hunk {
  readonly file: string;
  /** The first line of it in the earlier file, from 1; without one, the line that the new ones precede. */
  readonly oldStart: number;
  /** The same in the later file. */
  readonly newStart: number;
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
    return (lineHunks(text, now) ?? []).map(({ oldStart, newStart, ...hunk }): Hunk => {
      const oldLines = hunk.oldLines.map(withoutBreak);
      const newLines = hunk.newLines.map(withoutBreak);
      const what = changeKind(oldLines.length > 0, newLines.length > 0);
      const at = { file, line: Math.max(1, newLines.length === 0 ? oldStart : newStart), column: 1 };
      return { file, oldStart, newStart, oldLines, newLines, what, at };
    });
  });
}

/** Line by line where each is a change of its own; a section that is new or removed is one change. */
export function singleLines(hunk: Hunk): readonly Hunk[] {
  const { file, oldStart, newStart, oldLines, newLines, at } = hunk;
  const [old, now] = [oldLines.length, newLines.length];
  const isSection = [...oldLines, ...newLines].some((line) => /^[a-z]/.test(line));
  if (!file.endsWith(".cfg") || isSection || (old !== now && old !== 0 && now !== 0)) return [hunk];
  return Array.from({ length: Math.max(old, now) }, (_, index) => ({
    ...hunk,
    oldStart: old === 0 ? oldStart : oldStart + index,
    newStart: now === 0 ? newStart : newStart + index,
    oldLines: oldLines.slice(index, index + 1),
    newLines: newLines.slice(index, index + 1),
    at: { ...at, line: at.line + index },
  }));
}

/** The change of the later file back to the earlier one. */
export function undone(hunk: Hunk): Hunk {
  const { oldStart, newStart, oldLines, newLines } = hunk;
  return { ...hunk, oldStart: newStart, newStart: oldStart, oldLines: newLines, newLines: oldLines };
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
