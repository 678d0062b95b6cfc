// A text that a regular expression of a description matches.
import { parseRegex, type RegexNode } from "../description/regex-syntax.ts";

/** The shortest that following the expression gives, or null where what it gives does not match: look-arounds, odd sets. */
export function sampleOf(source: string): string | null {
  const sample = textOf(parseRegex(source));
  return new RegExp(source, "u").test(sample) ? sample : null;
}

function textOf(node: RegexNode): string {
  switch (node.kind) {
    case "character":
      return CANDIDATES.find((text) => new RegExp(`^${node.source}$`, "u").test(text)) ?? "";
    case "sequence":
      return node.parts.map(textOf).join("");
    case "choice":
      return node.options[0] === undefined ? "" : textOf(node.options[0]);
    case "repeat":
      return textOf(node.of).repeat(Math.max(node.least, Math.min(1, node.most)));
    default:
      return "";
  }
}

/** Printable ASCII, what people write first. */
const CANDIDATES: readonly string[] = [
  ..."a1/-._~",
  ...Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)),
];
