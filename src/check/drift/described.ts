// Which line of the description decides a line of a rendered file.
import type { EmittedFile } from "../../emit/file.ts";
import { originOf } from "../../emit/file.ts";
import type { Position } from "../../findings/finding.ts";

/** Lines of a rendered file, from 1. */
export interface RenderedLines {
  readonly first: number;
  readonly count: number;
}

/** The place in the description for a rendered path, and lines of it; the description's first line where a default decided. */
export type Described = (path: string, lines?: RenderedLines) => Position;

export function describedIn(
  rendered: readonly EmittedFile[],
  description: { readonly file: string },
): Described {
  const whole = { file: description.file, line: 1, column: 1 };
  return (path, lines) => (lines === undefined ? undefined : originOfLines(rendered, path, lines)) ?? whole;
}

/** Of the lines themselves, else of what they are a part of: the header of a section, or a key above that is indented less. */
function originOfLines(
  rendered: readonly EmittedFile[],
  path: string,
  { first, count }: RenderedLines,
): Position | undefined {
  for (let line = first; line < first + count; line++) {
    const origin = originOf(rendered, { file: path, line });
    if (origin !== undefined) return origin;
  }
  const texts = rendered.find((one) => one.path === path)?.content.split("\n") ?? [];
  let indent = indentOf(texts[first - 1]);
  for (let line = first - 1; line > 0 && indent > 0; line--) {
    const own = indentOf(texts[line - 1]);
    if (own >= indent) continue;
    indent = own;
    const origin = originOf(rendered, { file: path, line });
    if (origin !== undefined) return origin;
  }
  return undefined;
}

/** Of an empty line or a comment: infinite, because nothing is a part of it. */
function indentOf(text = ""): number {
  return /^\s*(?:#|$)/.test(text) ? Number.POSITIVE_INFINITY : text.search(/\S/);
}
