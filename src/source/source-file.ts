// The text of a file, and the positions of its characters.
import { type Locate, locator } from "./locate.ts";

export interface SourceFile {
  /** As findings name it; folders with `/`. */
  readonly file: string;
  /** Decoded; may contain a byte order mark, CRLF and U+FFFD for bytes that are not UTF-8. */
  readonly text: string;
}

/** A file that is read by offsets. */
export interface Places {
  readonly file: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly at: Locate;
}

export function placesOf(source: SourceFile): Places {
  const text = source.text.replace(/^\uFEFF/, "");
  return { file: source.file, text, at: locator(source.file, text) };
}
