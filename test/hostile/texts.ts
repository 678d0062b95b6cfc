// Texts that mean something to HAProxy, a shell, YAML, HTTP or a log, and must come to nothing but themselves.
import fc from "fast-check";

/** One character, or a few that act together. */
export const PIECES: readonly string[] = [
  "'", '"', "''", "'\\''", '"x"', " ", "  ", "\t", "\n", "\r", "\r\n", "\0", "\v", "\f", "\u0001", "\u007f", "\u0085", "\u00a0", "\u2028", "\u2029", "\ufeff",
  "#", " # ", "%", "%%", "%[src]", "%[var(txn.host)]", "%[", "]", "%20", "%0a", "%00", "%zz", "%{+Q}o", "$HOME", "${HOME}", '"$HOME"', '"${HOME-x}"', "$", "$(id)", "`id`",
  "\\", "\\\\", "\\ ", "\\n", "\\x66", "\\x00", "\\#", "\\'", "a\\", "😀", "é", "ü", "日本", "\ud800", "\udc00x", "a\u0301",
  "{", "}", "{ src 0.0.0.0/0 }", " if TRUE", " unless FALSE", " if { always_true }", "!", "!{ a }", "-i", " -i ", "-m beg", "--", "-f /etc/passwd", ";", "|", "||", "&", "*", "?", ",", ":", "::", "=", "+", "~", "^", "<b>", "(", ")", "()", "[", "/", "//", "/../", "@", "..",
  "\nfrontend evil\n    bind *:1\n", "\n    server evil 192.0.2.1:80", "\r\nX-Evil: 1", "\n.if 1\n", "<script>", "../../etc/passwd", "x".repeat(10_000), "é".repeat(1_000),
];

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...PIECES.filter((piece) => piece.length < 100)), { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join("")) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: fc.nat(0xff).map((code) => String.fromCharCode(code)), maxLength: 20 }) },
);

/** A text as it is shown when a test fails. */
export function shown(text: string): string {
  const escaped = JSON.stringify(text);
  return escaped.length > 80 ? `${escaped.slice(0, 76)}… (${text.length} characters)` : escaped;
}
