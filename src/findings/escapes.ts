// Escapes characters of untrusted files that act on a terminal.

/** The sequences that picocolors writes. Conceal (8) and cursor movements are none of them. */
const COLOURS = /^\u001b\[(?:[0-4]|22|39|[39]\d)m/;

/**
 * C0 except tab and line feed, DEL, C1 (U+009B begins a sequence as ESC does), separators of lines, and characters that turn the
 * direction of what follows.
 */
const ACTING =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/**
 * The text with `\u009b` for each character that a terminal or an editor acts on: in JSON it means the same. Colours stay where
 * the text has them of Portico itself.
 */
export function escaped(text: string, { colour }: { readonly colour: boolean }): string {
  return text.replace(ACTING, (found, at: number) => {
    if (found === "\r" && text[at + 1] === "\n") return found;
    if (found === "\u001b" && colour && COLOURS.test(text.slice(at, at + 6))) return found;
    return `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
