// A text that a regular expression of a description matches.
import { parseRegex, type RegexNode } from "../description/regex-syntax.ts";

/** Texts that match the expression, the shortest first; none where the generator's texts do not match: look-arounds, rare sets. */
export function samplesOf(source: string): readonly string[] {
  const tree = parseRegex(source);
  const regex = new RegExp(source, "u");
  return [textOf(tree, 0), textOf(tree, 1)].filter((text) => regex.test(text));
}

function textOf(node: RegexNode, often: number): string {
  switch (node.kind) {
    case "character":
      return CANDIDATES.find((text) => new RegExp(`^${node.source}$`, "u").test(text)) ?? "";
    case "sequence":
      return node.parts.map((part) => textOf(part, often)).join("");
    case "choice":
      return node.options[0] === undefined ? "" : textOf(node.options[0], often);
    case "repeat":
      return textOf(node.of, often).repeat(Math.max(node.least, Math.min(often, node.most)));
    default:
      return "";
  }
}

/** Printable ASCII, the most common characters first, then other characters that a value may have. */
const CANDIDATES: readonly string[] = [
  ..."a1/-._~",
  ...Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)),
  " ",
  "\t",
  ...Array.from({ length: 128 }, (_, index) => String.fromCharCode(0x80 + index)),
];
