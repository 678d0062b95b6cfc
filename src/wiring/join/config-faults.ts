// Lines of a configuration that HAProxy cannot read, and the fixes of some.
import type { Fix, Position } from "../../findings/finding.ts";
import { type HaproxyConfig, type HaproxyLine, placeInFile } from "../haproxy/config.ts";
import { lineOutOfSection, openCondition } from "../haproxy/joined.ts";
import type { LeftOut } from "../wiring.ts";

/** The lines of a file. */
export type LinesOf = (file: string) => readonly string[];

const FAULTS: Readonly<Record<string, string>> = {
  "missing-newline": "the file ends in the middle of a line",
  "byte-order-mark": "the file begins with a byte order mark",
  "unmatched-quote": "a quote is not closed",
  "bad-hexadecimal-escape": "\\x is not followed by two hexadecimal digits",
  "bad-variable": "an environment variable is not closed, or has no name",
  "stray-nul": "there is a NUL character",
};

/** `written`: where its text begins in a ConfigMap. */
export function faultsOf(
  config: HaproxyConfig,
  written: Position | undefined,
  linesOf: LinesOf,
): readonly LeftOut[] {
  return config.lines.flatMap(({ number, fault, tokens }) => {
    if (fault === undefined) return [];
    const word = tokens[0]?.value;
    const at = placeInFile(config, { line: number, column: fault.column });
    const fix = written === undefined ? fixOf(fault.code, at) : blockFix(fault.code, written, linesOf);
    return [
      {
        what: FAULTS[fault.code] ?? fault.code,
        why: `HAProxy refuses to start with this line${word === undefined ? "" : ` (\`${word}\`)`}; the others are read.`,
        severity: "error" as const,
        at,
        ...(fix !== undefined && { fix }),
      },
    ];
  });
}

/** HAProxy refuses a last line without a line break (its cfgparse.c: "Missing LF on last line"), and a byte order mark. */
function fixOf(code: string, { file, line, column }: Position): Fix | undefined {
  const edit = { file, line, column, endLine: line };
  if (code === "missing-newline")
    return { does: "ends the file with a line break", edits: [{ ...edit, endColumn: column, text: "\n" }] };
  return code === "byte-order-mark"
    ? { does: "removes the byte order mark", edits: [{ ...edit, endColumn: column + 1, text: "" }] }
    : undefined;
}

/** `|-` drops the line break at the end of a block, `|` keeps one (YAML 1.2.2, 8.1.1.2). */
function blockFix(code: string, { file, line, column }: Position, linesOf: LinesOf): Fix | undefined {
  const header = linesOf(file)[line - 1]?.slice(column - 1) ?? "";
  if (code !== "missing-newline" || !header.startsWith("|-")) return undefined;
  return {
    does: "writes `|` for `|-`, which keeps the line break at the end",
    edits: [{ file, line, column: column + 1, endLine: line, endColumn: column + 2, text: "" }],
  };
}

/** Faults that HAProxy refuses in one of several files, but would accept in their joined text. */
export function faultsOfPart(config: HaproxyConfig): readonly LeftOut[] {
  const outside = lineOutOfSection(config);
  const open = openCondition(config);
  const fault = (line: HaproxyLine | undefined, what: string): readonly LeftOut[] =>
    line === undefined
      ? []
      : [
          {
            what,
            why: "HAProxy refuses to start: sections and conditions do not continue in another file.",
            severity: "error",
            at: placeInFile(config, { line: line.number, column: line.tokens[0]?.column ?? 1 }),
          },
        ];
  return [
    ...fault(outside, `\`${outside?.tokens[0]?.value}\` is in no section of its file`),
    ...fault(open, "an `.if` is not closed in its file"),
  ];
}
