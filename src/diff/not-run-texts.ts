// What the labs of a comparison did not run: part of what was not examined.
import type { NotRun } from "../lab/not-run.ts";
import { isMissing, LEFT_OUT_BECAUSE } from "../wiring/haproxy/untrusted/reasons.ts";
import type { Comparison } from "./comparison.ts";

/** One text per line, without full stop. */
export function notRunTexts(notRun: readonly NotRun[]): readonly string[] {
  const texts = notRun.map(
    ({ at, words, reason }) =>
      `${at.file}:${at.line} \`${words}\`${isMissing(reason) ? "" : " was not run"}: ${LEFT_OUT_BECAUSE[reason].replace(/\.$/, "")}${isMissing(reason) ? "" : " (`--trust` runs it)"}`,
  );
  return [...new Set(texts)];
}

export function compareNotRun(before: readonly NotRun[], after: readonly NotRun[]): Comparison["notRun"] {
  if (before.length === 0 && after.length === 0) return "none";
  const textsOf = (all: readonly NotRun[]) => JSON.stringify(all.map(({ text }) => text).sort());
  return textsOf(before) === textsOf(after) ? "same" : "changed";
}
