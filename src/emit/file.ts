// What every emitter returns: files with their paths below the output folder, and where their lines come from.
import type { Position } from "../findings/finding.ts";

export interface TextFile {
  /** Relative, with slashes: `haproxy/haproxy.cfg`. */
  readonly path: string;
  readonly content: string;
  /** Contains a password or a key: only the owner may read the file. */
  readonly secret?: boolean;
}

export interface EmittedFile extends TextFile {
  /** Line of `content`, counted from 1 → the place in the description that decided it. A line without an entry comes from a default. */
  readonly origins: ReadonlyMap<number, Position>;
}

/** The place in the description that decided a line of a rendered file; `undefined`: a default did. */
export function originOf(
  files: readonly EmittedFile[],
  { file, line }: Pick<Position, "file" | "line">,
): Position | undefined {
  return files.find(({ path }) => path === file)?.origins.get(line);
}
