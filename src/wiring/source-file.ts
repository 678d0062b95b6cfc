// A text as a reader of layers gets it: what lies in a file, and how findings name that file.

export interface SourceFile {
  /** As findings name it; folders with `/`. */
  readonly file: string;
  /** Decoded; a byte order mark, CRLF and bytes that are no UTF-8 may still be in it. */
  readonly text: string;
}
