// What a deploy changes for requests, as text.
import { countOf } from "../../findings/count.ts";
import type { ExpectationResult } from "../../lab/expectation.ts";
import type { BehaviourResult } from "../behaviour-changes.ts";
import { failureText, outcomeText, requestText } from "./expectation-text.ts";
import type { Screen } from "./layout.ts";
import { notRunLines } from "./not-run-text.ts";

/** Maximum number of rows; `--json` has all. */
const MOST_SHOWN = 10;

export function behaviourLines(result: BehaviourResult, screen: Screen): readonly string[] {
  return [...changeLines(result, screen), ...notRunLines(result.behaviour?.notRun ?? [])];
}

function changeLines(result: BehaviourResult, screen: Screen): readonly string[] {
  if (result.behaviour === undefined) return [`not tested: ${result.why}`];
  const { after, former, changed, why } = result.behaviour;
  const failing = after.filter(({ differences }) => differences.length > 0);
  if (failing.length > 0)
    return [
      `${failing.length} of ${countOf(after.length, "expectation")} fail in the lab already, so nothing is changed`,
      ...failing
        .slice(0, MOST_SHOWN)
        .map((one) => `✗ ${requestText(one)}\n${failureText(one, null, screen)}`),
    ];
  if (former === "first")
    return [`first deploy; ${countOf(after.length, "expectation")} as expected in the lab`];
  if (former === "unknown") return [`the changes are unknown: ${why}`];
  if (changed.length === 0 && former === "same")
    return [
      `the configuration of HAProxy is the same, and none of ${countOf(after.length, "expectation")} changes its outcome`,
    ];
  if (changed.length === 0) return [`none of ${countOf(after.length, "expectation")} changes its outcome`];
  return [
    `${changed.length} of ${countOf(after.length, "expectation")} ${changed.length === 1 ? "changes its" : "change their"} outcome`,
    ...changed
      .slice(0, MOST_SHOWN)
      .map((one) => `${requestText(one.after)}   ${textOf(one.before)} → ${textOf(one.after)}`),
    ...(changed.length > MOST_SHOWN ? [`… and ${changed.length - MOST_SHOWN} more`] : []),
  ];
}

function textOf(result: ExpectationResult): string {
  return outcomeText(result)
    .trim()
    .replace(/\s{2,}/g, " ");
}
