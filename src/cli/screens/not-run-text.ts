// The lines of an untrusted configuration that the lab did not run.
import type { NotRun } from "../../lab/not-run.ts";
import { isMissing, LEFT_OUT_BECAUSE, linesText } from "../../wiring/haproxy/untrusted/reasons.ts";

/** One line each, and how to run them; empty where nothing was left out. */
export function notRunLines(notRun: readonly NotRun[]): readonly string[] {
  if (notRun.length === 0) return [];
  const shown = notRun.slice(0, SHOWN);
  return [
    ...shown.map(
      ({ at, words, reason }) =>
        `${isMissing(reason) ? "not here" : "not run"}: ${at.file}:${at.line} \`${words}\`. ${LEFT_OUT_BECAUSE[reason]}`,
    ),
    ...(notRun.length > SHOWN ? [`not run: ${notRun.length - SHOWN} more lines`] : []),
    ...(notRun.every(({ reason }) => isMissing(reason))
      ? []
      : ["If you trust the authors of the files, run the command with `--trust`."]),
  ];
}

const SHOWN = 20;

/** For the end of a summary: `; not run: line 7 lua-load`; empty where nothing was left out. */
export function notRunSummary(notRun: readonly NotRun[]): string {
  if (notRun.length === 0) return "";
  return `; not run: ${linesText(notRun.map(({ words, at }) => ({ words, line: at.line })))}`;
}
