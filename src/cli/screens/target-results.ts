// Expectations played at a running edge, for programs: JSON, and JUnit XML in which what was not seen is skipped.
import type { PlayedAtTarget } from "../../lab/target.ts";
import { targetJson } from "./deploy-json.ts";
import { place, requestText } from "./expectation-text.ts";
import { escaped } from "./results.ts";
import { tallyOf } from "./target-text.ts";

export function targetResultsJson(
  edge: string,
  target: string,
  played: readonly PlayedAtTarget[],
  tookMs: number,
): string {
  return JSON.stringify(
    { edge, target, ...tallyOf(played), ms: Math.round(tookMs), results: played.map(targetJson) },
    null,
    2,
  );
}

export function targetJunit(edge: string, played: readonly PlayedAtTarget[], tookMs: number): string {
  const { failed, unseen } = tallyOf(played);
  const totals = `tests="${played.length}" failures="${failed}" errors="0" skipped="${unseen}" time="${(tookMs / 1000).toFixed(3)}"`;
  const cases = played.map((one) => caseText(edge, one)).join("\n");
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${totals}>\n  <testsuite name="${escaped(edge)}" ${totals}>\n${cases}\n  </testsuite>\n</testsuites>`;
}

function caseText(edge: string, one: PlayedAtTarget): string {
  const head = `    <testcase classname="${escaped(edge)}" name="${escaped(requestText(one))}" time="${(one.tookMs / 1000).toFixed(3)}"`;
  const unseen = one.notPlayed ?? `not seen: ${one.unseen.join(", ")}`;
  if (one.verdict === "unseen")
    return `${head}>\n      <skipped message="${escaped(unseen)}"/>\n    </testcase>`;
  if (one.verdict === "passed")
    return one.unseen.length === 0
      ? `${head}/>`
      : `${head}>\n      <system-out>${escaped(unseen)}</system-out>\n    </testcase>`;
  const text = one.differences
    .map(({ what, expected, got }) => `${what}: expected ${expected}, got ${got}`)
    .join("\n");
  return `${head}>\n      <failure message="${escaped(text.split("\n")[0] ?? "")}">${escaped(`${text}\n${place(one.expectation.at)}`)}</failure>\n    </testcase>`;
}
