// Findings that somebody allowed, with a reason: by a comment beside the line, or in the description.

import { ALLOWABLE_CODES, type FindingCode, isFindingCode } from "../findings/codes.ts";
import type { Finding, Position } from "../findings/finding.ts";
import { nearest } from "../findings/nearest.ts";
import { byWeightAndPlace } from "./order.ts";

export interface Allowance {
  readonly code: FindingCode;
  readonly because: string;
  /** Where it is written. */
  readonly at: Position;
  readonly covers: (finding: Finding) => boolean;
}

export interface ReadAllowances {
  readonly allowances: readonly Allowance[];
  /** Comments that begin like an allowance and are none. */
  readonly findings: readonly Finding[];
}

/**
 * Reads `# portico: allow CODE because REASON`. Behind something it is for its own line, on a line of its own for the next
 * one that is neither blank nor a comment.
 */
export function allowancesIn(texts: ReadonlyMap<string, string>): ReadAllowances {
  const allowances: Allowance[] = [];
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
        allowances.push({
          ...read,
          at,
          covers: ({ at: places }) =>
            places.some((place) => place.file === file && place.line === target + 1),
        });
      }
    });
  }
  return { allowances, findings };
}

/** The findings, allowed ones marked, and with them the allowances that allowed nothing. In the order of findings. */
export function applyAllowances(
  findings: readonly Finding[],
  { allowances, findings: unclear }: ReadAllowances,
): readonly Finding[] {
  const used = new Set<Allowance>();
  const marked = findings.map((finding): Finding => {
    const allowance = allowances.find(({ code, covers }) => code === finding.code && covers(finding));
    if (allowance === undefined) return finding;
    for (const one of allowances) if (one.code === finding.code && one.covers(finding)) used.add(one);
    return { ...finding, suppressed: { because: allowance.because, at: allowance.at } };
  });
  const unused = allowances.filter((allowance) => !used.has(allowance)).map(unusedFinding);
  return [...marked, ...unclear, ...unused].sort(byWeightAndPlace);
}

export function isAllowable(code: string): code is FindingCode {
  return (ALLOWABLE_CODES as readonly string[]).includes(code);
}

/** The finding about an allowance whose code no allowance may name. */
export function cannotBeAllowed(code: string, at: Position): Finding {
  if (isFindingCode(code)) return unclear(`\`${code}\` cannot be suppressed`, at, "Remove the suppression.");
  const meant = nearest(code, ALLOWABLE_CODES);
  return unclear(
    `\`${code}\` is not the code of a finding`,
    at,
    meant === undefined ? "Write the code that the finding shows." : `Did you mean \`${meant}\`?`,
  );
}

const COMMENT = /^(|.*?\s)(?:#|\/\/)\s*portico:\s*(.*)$/;
const ALLOW = /^allow\s+(\S+)(?:\s+because\s+(\S.*))?$/;

function readWords(words: string, at: Position): Pick<Allowance, "code" | "because"> | Finding {
  const [, code, because] = ALLOW.exec(words.trim()) ?? [];
  if (code === undefined)
    return unclear("the comment is not a suppression", at, "Write `# portico: allow CODE because REASON`.");
  if (because === undefined)
    return unclear(
      `the suppression of \`${code}\` has no reason`,
      at,
      `Write the reason: \`# portico: allow ${code} because REASON\`.`,
    );
  if (!isAllowable(code)) return cannotBeAllowed(code, at);
  return { code, because: because.trim() };
}

function unclear(what: string, at: Position, remedy: string): Finding {
  return {
    code: "suppression-invalid",
    severity: "warning",
    what,
    why: "The suppression has no effect.",
    remedy,
    at: [at],
  };
}

function unusedFinding({ code, at }: Allowance): Finding {
  return {
    code: "suppression-unused",
    severity: "warning",
    what: `the suppression of \`${code}\` matches no finding`,
    why: "The finding is fixed or is on another line. The suppression would hide the next finding of this code.",
    remedy: "Remove the suppression.",
    at: [at],
  };
}

function nextLine(lines: readonly string[], index: number): number {
  let next = index + 1;
  while (next < lines.length && /^\s*(#.*|\/\/.*)?$/.test(lines[next] ?? "")) next += 1;
  return next;
}
