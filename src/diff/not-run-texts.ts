// What the labs of a comparison did not run.
import type { NotRun } from "../lab/not-run.ts";
import { isMissing, LEFT_OUT_BECAUSE } from "../wiring/haproxy/untrusted/reasons.ts";

/** One text per line, without full stop. */
export function notRunTexts(notRun: readonly NotRun[]): readonly string[] {
  const texts = notRun.map(
    ({ at, words, reason }) =>
      `${at.file}:${at.line} \`${words}\`${isMissing(reason) ? "" : " was not run"}: ${LEFT_OUT_BECAUSE[reason].replace(/\.$/, "")}${isMissing(reason) ? "" : " (`--trust` runs it)"}`,
  );
  return [...new Set(texts)];
}
