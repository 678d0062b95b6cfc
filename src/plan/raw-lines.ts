// The escape hatch: HAProxy lines as they are, that cannot leave their section.
import type { DescriptionPath, Lowering } from "./lowering.ts";

/** Words that begin a section in HAProxy 2.4 to 3.4 (`namespace_list` is not in the manual). */
export const SECTION_WORDS: ReadonlySet<string> = new Set([
  "acme",
  "backend",
  "cache",
  "crt-store",
  "defaults",
  "fcgi-app",
  "frontend",
  "global",
  "healthcheck",
  "http-errors",
  "listen",
  "log-forward",
  "log-profile",
  "mailers",
  "namespace_list",
  "peers",
  "program",
  "resolvers",
  "ring",
  "traces",
  "userlist",
]);

export function lowerRaw(
  lowering: Lowering,
  lines: readonly string[] | undefined,
  path: DescriptionPath,
): readonly string[] {
  for (const [index, line] of (lines ?? []).entries()) {
    const problem = rawProblem(line);
    if (problem === undefined) continue;
    lowering.report({
      code: "raw-leaves-section",
      what: problem,
      why: "A raw line stays in the section it is written for, so that the rest of the file is what the description says.",
      remedy: "Write one directive of that section a line.",
      path: [...path, index],
    });
  }
  return (lines ?? []).map((line) => line.replace(/^[ \t]+/, ""));
}

function rawProblem(line: string): string | undefined {
  const bare = line.trim();
  const word = bare.split(/\s/)[0] ?? "";
  if (bare === "") return "the raw line is empty";
  if (bare.startsWith("#")) return "the raw line is a comment, and does nothing";
  // Quoted or escaped, `\x66rontend` is a section too (manual section 2.2); no directive needs it.
  if (/["'\\]/.test(word)) return "the raw line's first word is quoted or escaped";
  if (word.startsWith(".")) return `the raw line begins with ${word}, which steers how the file is read`;
  if (SECTION_WORDS.has(word)) return `the raw line begins a \`${word}\` section`;
  if (bare.endsWith("\\")) return "the raw line ends with a backslash";
  return undefined;
}
