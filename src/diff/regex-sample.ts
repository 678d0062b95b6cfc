// A text that a regular expression of a description matches.
import { parseRegex, type RegexNode } from "../description/regex-syntax.ts";

/** Texts that follow the expression, the shortest first; none where what follows it does not match: look-arounds, odd sets. */
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

/** Printable ASCII, what people write first, then what else a value may hold. */
const CANDIDATES: readonly string[] = [
  ..."a1/-._~",
  ...Array.from({ length: 94 }, (_, index) => String.fromCharCode(0x21 + index)),
  " ",
  "\t",
  ...Array.from({ length: 128 }, (_, index) => String.fromCharCode(0x80 + index)),
];
