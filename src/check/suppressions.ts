// Findings that are suppressed with a reason: by a comment on the line, or in the description.

import { type FindingCode, isFindingCode, SUPPRESSIBLE_CODES } from "../findings/codes.ts";
import type { Finding, Position } from "../findings/finding.ts";
import { nearest } from "../findings/nearest.ts";
import { groupsOf, mergedFinding } from "./groups.ts";
import { byWeightAndPlace } from "./order.ts";

export interface Suppression {
  readonly code: FindingCode;
  readonly because: string;
  /** Where it is written. */
  readonly at: Position;
  /** The object that findings must name; any where it is undefined. */
  readonly for?: string | undefined;
  readonly covers: (finding: Finding) => boolean;
}

export interface ReadSuppressions {
  readonly suppressions: readonly Suppression[];
  /** Comments that start like a suppression but are invalid. */
  readonly findings: readonly Finding[];
}

/**
 * Reads `# portico: allow CODE because REASON`. After other text it applies to its own line; on a line of its own, to the next
 * line that is neither blank nor a comment.
 */
export function suppressionsIn(texts: ReadonlyMap<string, string>): ReadSuppressions {
  const suppressions: Suppression[] = [];
  const findings: Finding[] = [];
  for (const [file, text] of texts) {
    if (!text.includes("portico:")) continue;
    const lines = text.split(/\r?\n/);
    lines.forEach((line, index) => {
      const comment = COMMENT.exec(line);
      if (comment === null) return;
      const [whole, before = "", words = ""] = comment;
      const at: Position = {
        file,
        line: index + 1,
        column: before.length + 1,
        length: whole.trimEnd().length - before.length,
      };
      const read = readWords(words, at);
      if ("what" in read) findings.push(read);
      else {
        const target = before.trim() === "" ? nextLine(lines, index) : index;
        suppressions.push({
          ...read,
          at,
          covers: ({ at: places }) =>
            places.some((place) => place.file === file && place.line === target + 1),
        });
      }
    });
  }
  return { suppressions, findings };
}

/** The findings, with suppressed ones marked, and findings about unused suppressions. In the order of findings. */
export function applySuppressions(
  findings: readonly Finding[],
  { suppressions, findings: invalid }: ReadSuppressions,
): readonly Finding[] {
  const used = new Set<Suppression>();
  const firstFor = (finding: Finding) => {
    const covering = suppressions.filter(({ code, covers }) => code === finding.code && covers(finding));
    for (const one of covering) used.add(one);
    return covering[0];
  };
  const marked = findings.flatMap(({ merged, ...finding }) => {
    const groups = groupsOf(merged ?? [finding], firstFor);
    return groups.map((group) => markedFinding(mergedFinding(group), firstFor(group[0])));
  });
  const unused = suppressions.filter((suppression) => !used.has(suppression)).map(unusedFinding);
  return [...marked, ...invalid, ...unused].sort(byWeightAndPlace);
}

function markedFinding(finding: Finding, suppression: Suppression | undefined): Finding {
  if (suppression === undefined) return finding;
  return { ...finding, suppressed: { because: suppression.because, at: suppression.at } };
}

export function isSuppressible(code: string): code is FindingCode {
  return (SUPPRESSIBLE_CODES as readonly string[]).includes(code);
}

/** The finding about a suppression with a code that cannot be suppressed. */
export function cannotBeSuppressed(code: string, at: Position): Finding {
  if (isFindingCode(code)) return invalid(`\`${code}\` cannot be suppressed`, at, "Remove the suppression.");
  const suggestion = nearest(code, SUPPRESSIBLE_CODES);
  return invalid(
    `\`${code}\` is not the code of a finding`,
    at,
    suggestion === undefined ? "Write the code that the finding shows." : `Did you mean \`${suggestion}\`?`,
  );
}

const COMMENT = /^(|.*?\s)(?:#|\/\/)\s*portico:\s*(.*)$/;
const ALLOW = /^allow\s+(\S+)(?:\s+because\s+(\S.*))?$/;

function readWords(words: string, at: Position): Pick<Suppression, "code" | "because"> | Finding {
  const [, code, because] = ALLOW.exec(words.trim()) ?? [];
  if (code === undefined)
    return invalid("the comment is not a suppression", at, "Write `# portico: allow CODE because REASON`.");
  if (because === undefined)
    return invalid(
      `the suppression of \`${code}\` has no reason`,
      at,
      `Write the reason: \`# portico: allow ${code} because REASON\`.`,
    );
  if (!isSuppressible(code)) return cannotBeSuppressed(code, at);
  return { code, because: because.trim() };
}

function invalid(what: string, at: Position, remedy: string): Finding {
  return {
    code: "suppression-invalid",
    severity: "warning",
    what,
    why: "The suppression has no effect.",
    remedy,
    at: [at],
  };
}

function unusedFinding({ code, at, for: name }: Suppression): Finding {
  return {
    code: "suppression-unused",
    severity: "warning",
    what: `the suppression of \`${code}\`${name === undefined ? "" : ` for \`${name}\``} matches no finding`,
    why:
      name === undefined
        ? "The finding is fixed or is on another line. The suppression would hide the next finding of this code."
        : `No finding of this code names \`${name}\`. The suppression would hide the next one that does.`,
    remedy:
      name === undefined
        ? "Remove the suppression."
        : "Remove the suppression, or correct the name in `for`.",
    at: [at],
  };
}

function nextLine(lines: readonly string[], index: number): number {
  let next = index + 1;
  while (next < lines.length && /^\s*(#.*|\/\/.*)?$/.test(lines[next] ?? "")) next += 1;
  return next;
}
