// The text of Terraform's strings and heredocs: escapes, and the indentation that `<<-` takes away.
import type { Expression } from "./syntax.ts";

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\" };

/** The text of a quoted string's inside, by the HCL native syntax specification, "Template Expressions". */
export function unescaped(raw: string): string {
  return raw.replace(
    /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|([$%])\4\{/gs,
    (found, four?: string, eight?: string, one?: string, doubled?: string) => {
      if (doubled !== undefined) return `${doubled}{`;
      if (one !== undefined) return escapes[one] ?? found;
      const point = Number.parseInt(four ?? eight ?? "", 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : found;
    },
  );
}

/** Of a heredoc's parts: doubled `$${` made single, and for `<<-` the smallest indentation of all lines taken away. */
export function heredocText(parts: readonly Expression[], indented: boolean): readonly Expression[] {
  const raw = parts.map((part) => (part.kind === "literal" ? String(part.value) : "x")).join("");
  const indents = raw
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.length - line.trimStart().length);
  const width = indented ? Math.min(...indents, raw.length) : 0;
  const margin = new RegExp(`^[ \\t]{0,${width}}`, "gm");
  return parts.map((part, index) => {
    if (part.kind !== "literal") return part;
    const text = String(part.value);
    // After an expression the text does not begin a line.
    const [first, rest] =
      index === 0 ? ["", text] : [text.slice(0, lineEnd(text)), text.slice(lineEnd(text))];
    return { ...part, value: (first + rest.replace(margin, "")).replace(/([$%])\1\{/g, "$1{") };
  });
}

function lineEnd(text: string): number {
  const end = text.indexOf("\n");
  return end === -1 ? text.length : end + 1;
}
