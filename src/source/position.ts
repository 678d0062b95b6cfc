// A place in the text of a file.

/** Lines and columns count from 1, in UTF-16 code units, as editors do. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters to underline; at least 1. Never spans lines. */
  readonly length?: number;
  /** A short note at the caret: the part of this place in the finding. */
  readonly note?: string;
}
