// Applies the fixes of findings to texts: every other byte is unchanged, and overlapping fixes are postponed to the next round.
import type { Finding, FixEdit } from "../findings/finding.ts";

export interface AppliedFixes {
  /** The files that change, with their new texts. */
  readonly texts: ReadonlyMap<string, string>;
  /** The findings that were fixed. */
  readonly fixed: readonly Finding[];
}

export function applyFixes(texts: ReadonlyMap<string, string>, findings: readonly Finding[]): AppliedFixes {
  const taken: Located[] = [];
  const fixed: Finding[] = [];
  for (const finding of findings) {
    if (finding.fix === undefined || finding.suppressed !== undefined) continue;
    const edits = finding.fix.edits.map((edit) => locate(texts, edit));
    if (edits.some((edit) => edit === undefined || taken.some((other) => touch(other, edit)))) continue;
    taken.push(...edits.filter((edit) => edit !== undefined));
    fixed.push(finding);
  }
  const byFile = Map.groupBy(taken, ({ file }) => file);
  return {
    texts: new Map([...byFile].map(([file, edits]) => [file, splice(texts.get(file) ?? "", edits)])),
    fixed,
  };
}

interface Located {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** undefined where the text has no such place. */
function locate(texts: ReadonlyMap<string, string>, edit: FixEdit): Located | undefined {
  const text = texts.get(edit.file);
  const start = text === undefined ? undefined : offsetOf(text, edit.line, edit.column);
  const end = text === undefined ? undefined : offsetOf(text, edit.endLine, edit.endColumn);
  if (start === undefined || end === undefined || end < start) return undefined;
  return { file: edit.file, start, end, text: edit.text };
}

function offsetOf(text: string, line: number, column: number): number | undefined {
  let start = 0;
  for (let number = 1; number < line; number += 1) {
    start = text.indexOf("\n", start) + 1;
    if (start === 0) return undefined;
  }
  const offset = start + column - 1;
  return offset <= text.length ? offset : undefined;
}

/** Texts that are inserted at the same place keep their order. */
function touch(a: Located, b: Located): boolean {
  if (a.file !== b.file) return false;
  return a.start === a.end && b.start === b.end ? false : a.start <= b.end && b.start <= a.end;
}

function splice(text: string, edits: readonly Located[]): string {
  let result = "";
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return result + text.slice(at);
}
