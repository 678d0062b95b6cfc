// The width of text in a terminal, and how it is made safe to print.

/** East Asian wide and full-width forms, and emoji (Unicode TR 11 and TR 51, by their blocks). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** Combining marks, joiners and other characters without width of their own. */
const NO_WIDTH = /^(?:[\p{Mn}\p{Me}\u2060]|[\u200b-\u200d]|[\ufe00-\ufe0f])+$/u;
/** Control characters, and those that turn the direction of what follows (they can make a line look like another one). */
const UNPRINTABLE =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const ASCII = /^[\x20-\x7e]*$/;

/** How many columns of a terminal the text takes. Without tabs. */
export function columnsOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of new Intl.Segmenter().segment(text))
    if (!NO_WIDTH.test(segment)) columns += WIDE.test(segment) ? 2 : 1;
  return columns;
}

/**
 * The text as one line that is safe to print: one � for each control sequence of a terminal, a
 * space for a line break, two for a tab (how wide one is depends on who shows it).
 */
export function oneLine(text: string): string {
  return text.replace(/\r?\n/g, " ").replace(UNPRINTABLE, "�").replaceAll("\t", "  ");
}

/** Lines of at most `width` columns, broken at spaces where there are any. Line breaks in the text count as spaces. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text
    .split(/\s+/)
    .filter((part) => part !== "")
    .flatMap((part) => pieces(part, width))) {
    if (line === "") line = word;
    else if (columnsOf(line) + 1 + columnsOf(word) <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** A word that is wider than a line, cut. */
function pieces(word: string, width: number): string[] {
  if (columnsOf(word) <= width) return [word];
  const found: string[] = [];
  let piece = "";
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (piece !== "" && columnsOf(piece + segment) > width) {
      found.push(piece);
      piece = "";
    }
    piece += segment;
  }
  return [...found, piece];
}
