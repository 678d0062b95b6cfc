// A mutant: rendered layers with one value of one file changed, and nothing else.
import type { EmittedFile } from "../../src/emit/file.ts";

export type MutantClass = "port" | "protocol" | "proxy" | "health check" | "name" | "time" | "number";

export interface Mutant {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly kind: MutantClass;
  readonly before: string;
  readonly after: string;
  /** The original line. */
  readonly text: string;
  /** The position in the file's text, and the replacement. */
  readonly from: number;
  readonly to: number;
}

/** The files with the mutant in place of its original. */
export function applyMutant(files: readonly EmittedFile[], mutant: Mutant): readonly EmittedFile[] {
  return files.map((file) =>
    file.path === mutant.file
      ? {
          ...file,
          content: `${file.content.slice(0, mutant.from)}${mutant.after}${file.content.slice(mutant.to)}`,
        }
      : file,
  );
}

export interface Change {
  readonly kind: MutantClass;
  readonly after: string;
}

/** A number plus one, a time ten times as long; undefined for other words. */
export function otherNumber(text: string): string | undefined {
  const time = /^(\d+)(us|ms|s|m|h|d)$/.exec(text);
  if (time !== null) return `${Number(time[1]) * 10}${time[2]}`;
  return /^\d+$/.test(text) ? String(Number(text) + 1) : undefined;
}

export function mutantAt(
  { path, content }: EmittedFile,
  from: number,
  to: number,
  { kind, after }: Change,
): Mutant {
  const start = content.lastIndexOf("\n", from - 1) + 1;
  const end = content.indexOf("\n", from);
  return {
    file: path,
    line: content.slice(0, from).split("\n").length,
    kind,
    before: content.slice(from, to),
    after,
    text: content.slice(start, end === -1 ? undefined : end).trim(),
    from,
    to,
  };
}
