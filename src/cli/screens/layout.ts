// Layout of screens: colours as a second signal only, columns by visible width.
import picocolors from "picocolors";

export type Colours = ReturnType<typeof picocolors.createColors>;

export interface Screen {
  readonly colour: boolean;
  readonly width: number;
}

export function coloursOf({ colour }: Pick<Screen, "colour">): Colours {
  return picocolors.createColors(colour);
}

/** Pads to a column; a longer text is followed by two spaces. */
export function column(text: string, width: number): string {
  return text.length < width ? text.padEnd(width) : `${text}  `;
}

/** Breaks at `gap`, and at single spaces what is still too wide; words longer than the width get their own line. */
export function fold(text: string, width: number, gap = " "): readonly string[] {
  const lines: string[] = [];
  for (const part of text.split(gap)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + gap.length + part.length <= width)
      lines[lines.length - 1] = `${last}${gap}${part}`;
    else if (gap !== " " && part.length > width) lines.push(...fold(part, width));
    else lines.push(part);
  }
  return lines;
}

/** The length of the longest; 0 for none. Works for lists that are too long for the arguments of Math.max. */
export function widest(texts: readonly string[]): number {
  return texts.reduce((longest, { length }) => Math.max(longest, length), 0);
}

export function seconds(ms: number): string {
  return ms < 995 ? `${(ms / 1000).toFixed(2).replace(/0$/, "")} s` : `${(ms / 1000).toFixed(1)} s`;
}
