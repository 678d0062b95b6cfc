// Raw HAProxy lines, which cannot leave their section.
import type { Position } from "../findings/finding.ts";
import { SECTION_KINDS } from "../source/haproxy-sections.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";

/** A line as the description has it, without its indentation. */
export interface RawLine {
  readonly text: string;
  readonly at: Position | undefined;
}

export function lowerRaw(
  lowering: Lowering,
  lines: readonly string[] | undefined,
  path: DescriptionPath,
): readonly RawLine[] {
  for (const [index, line] of (lines ?? []).entries()) {
    const problem = rawProblem(line);
    if (problem === undefined) continue;
    lowering.report({
      code: "raw-leaves-section",
      what: problem,
      why: "A raw line belongs to one section. A line that leaves it changes the meaning of the lines after it.",
      remedy: "Write one directive of that section per line.",
      path: [...path, index],
    });
  }
  return (lines ?? []).map((line, index) => ({
    text: line.replace(/^[ \t]+/, ""),
    at: lowering.at([...path, index]),
  }));
}

function rawProblem(line: string): string | undefined {
  const bare = line.trim();
  const word = bare.split(/\s/)[0] ?? "";
  if (bare === "") return "the raw line is empty";
  if (bare.startsWith("#")) return "the raw line is a comment, and has no effect";
  // Quoted or escaped, `\x66rontend` is a section too (manual section 2.2); no directive needs it.
  if (/["'\\]/.test(word)) return "the raw line's first word is quoted or escaped";
  if (word.startsWith("."))
    return `the raw line begins with ${word}, which controls how HAProxy parses the file`;
  if (SECTION_KINDS.has(word)) return `the raw line begins a \`${word}\` section`;
  if (bare.endsWith("\\")) return "the raw line ends with a backslash";
  return undefined;
}
