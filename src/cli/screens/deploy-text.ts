// A deploy as text: what will change, its progress, and its result.
import type { ObjectChange } from "../../cluster/changes.ts";
import type { DeployEvent, DeployOutcome, DeployRun } from "../../cluster/deploy.ts";
import type { FieldChange } from "../../cluster/field-diff.ts";
import type { RolloutState } from "../../cluster/rollout.ts";
import { countOf } from "../../findings/count.ts";
import type { DeployInvariants } from "./deploy-json.ts";
import { requestText } from "./expectation-text.ts";
import { coloursOf, column, fold, type Screen, seconds } from "./layout.ts";
import { unknownText } from "./region-text.ts";
import { reasonsNotTested, tallyText, targetFailure } from "./target-text.ts";

const NAME_WIDTH = 13;

/** `  will change  ConfigMap app-edge-9d21 (new), …`, folded under its first word. */
export function row(name: string, facts: readonly string[], { width, colour }: Screen): string {
  const room = width - NAME_WIDTH - 2;
  const lines = facts.flatMap((fact) => fold(fact, room));
  const indent = " ".repeat(NAME_WIDTH + 2);
  const { dim } = coloursOf({ colour });
  return lines
    .map((line, index) => (index === 0 ? `  ${dim(column(name, NAME_WIDTH))}${line}` : `${indent}${line}`))
    .join("\n");
}

/** States of objects; a deploy shows the planned change, `status` the difference. */
const DEPLOY_WORDS = { new: "new", removed: "removed", replaced: "recreated: it was edited by hand" };
export const DRIFT_WORDS = { new: "not in the cluster", removed: "left over", replaced: "edited by hand" };

/** One line per object that changes. */
export function changeLines(changes: readonly ObjectChange[], words = DEPLOY_WORDS): readonly string[] {
  const lines = changes.flatMap(({ object, change, fields }) => {
    const name = `${object.kind} ${object.metadata.name}`;
    switch (change) {
      case "new":
      case "removed":
      case "replaced":
        return [`${name} (${words[change]})`];
      case "changed":
        return [
          `${name}: ${fields.length > 4 ? `${fieldTexts(fields.slice(0, 3))} and ${fields.length - 3} more` : fieldTexts(fields)}`,
        ];
      default:
        return [];
    }
  });
  return lines.length === 0 ? ["nothing"] : lines;
}

/** What is proven before the deploy; none is violated. */
export function deployInvariantLines({ input, results }: DeployInvariants): readonly string[] {
  const proven = results.filter(({ verdict }) => verdict === "proven");
  const notExamined = (input?.notExamined ?? []).map((one) => `not examined: ${unknownText(one)}`);
  return [
    `${proven.length} of ${results.length} proven for all requests, from the description`,
    ...results.filter((one) => !proven.includes(one)).map(({ invariant }) => `not proven: ${invariant.text}`),
    ...(proven.length < results.length ? notExamined.slice(0, MOST_NOTED) : []),
  ];
}

const MOST_NOTED = 5;

/** The current stage, for the progress line. */
export function eventText(event: DeployEvent): string {
  switch (event.stage) {
    case "applying":
      return `  applying     ${countOf(event.changes, "object")}`;
    case "rolling-out":
      return `  rolling out  ${rolloutText(event.state)}`;
    case "verifying":
      return `  verifying    ${event.tested} of ${countOf(event.of, "expectation")}`;
    case "rolling-back":
      return "  rolling back to the former state";
    case "waiting-for-the-previous":
      return `  rolling back ${rolloutText(event.state)}`;
  }
}

function rolloutText({ ready, wanted, older, pods, awayMs }: RolloutState): string {
  const bar = 16;
  const full = wanted === 0 ? 0 : Math.round((bar * Math.min(ready, wanted)) / wanted);
  const progress = `${"█".repeat(full)}${"░".repeat(bar - full)}  ${ready} of ${wanted} ready`;
  return `${progress}   ${delayText({ awayMs, older, pods })}`.trimEnd();
}

/** What the rollout waits for. */
function delayText({ awayMs, older, pods }: Pick<RolloutState, "awayMs" | "older" | "pods">): string {
  if (awayMs > 0) return `the API server has not answered for ${seconds(awayMs)}`;
  for (const { pod, waits } of pods)
    if (waits !== null) return `${pod}: ${waitText(waits.for)}, ${waits.message}`;
  return older > 0 ? `${countOf(older, "former pod")} still there` : "";
}

/** The result, once the deploy has ended. */
export function outcomeLines(outcome: DeployOutcome, screen: Screen): readonly string[] {
  const { verified, rolledBack, cleared, takenOverFrom } = outcome;
  const colours = coloursOf(screen);
  return [
    ...(takenOverFrom === undefined
      ? []
      : [row("note", [`an earlier deploy, by ${takenOverFrom}, was interrupted`], screen)]),
    ...(verified === undefined
      ? []
      : [
          row(
            "verified",
            [
              `${tallyText(verified.results, colours)} through ${verified.through}`,
              ...reasonsNotTested(verified.results),
            ],
            screen,
          ),
          ...verified.results
            .filter(({ verdict }) => verdict === "failed")
            .map((one) => `\n${colours.red("✗")} ${requestText(one)}\n${targetFailure(one, screen)}`),
        ]),
    ...(cleared.length === 0 ? [] : [row("cleared", [cleared.join(", ")], screen)]),
    ...(rolledBack === undefined
      ? []
      : [
          row(
            "rolled back",
            [
              ...(rolledBack.restored.length === 0 ? [] : [`restored: ${rolledBack.restored.join(", ")}`]),
              ...(rolledBack.removed.length === 0 ? [] : [`removed: ${rolledBack.removed.join(", ")}`]),
              ...rolledBack.left.map((one) => colours.red(`left unchanged: ${one}`)),
            ],
            screen,
          ),
        ]),
  ];
}

/** The last line. */
export function verdictText({ state, rolledBack, verified }: DeployOutcome, tookMs: number): string {
  const time = seconds(tookMs);
  switch (state) {
    case "done":
      return `Done in ${time}.`;
    case "unverified":
      return `Applied but not verified after ${time}. The edge is left as applied.`;
    case "refused":
      return "Nothing was changed.";
    case "rolled-back":
      if (rolledBack?.restored.length === 0 && rolledBack.removed.length === 0)
        return verified === undefined
          ? "Nothing was changed."
          : "Nothing was changed, and some expectations fail.";
      return rolledBack?.restored.length === 0
        ? `Deploy failed; its objects were removed after ${time}.`
        : `Deploy failed; the former state was restored after ${time}.`;
    case "left":
      return `Deploy failed. The edge is left as it is after ${time}: \`portico status\` shows its state.`;
  }
}

/** The state after an interrupt. */
export function interruptText({
  stage,
  applied,
  inFlight,
}: Pick<DeployRun, "stage" | "applied" | "inFlight">): string {
  const names = applied.map(({ object }) => `${object.kind} ${object.metadata.name}`).join(", ");
  const again = "`portico deploy` continues from here; `portico status` shows what runs.";
  switch (stage) {
    case "before":
      return "Interrupted: nothing was applied.";
    case "applying":
      return `Interrupted while objects were written. Changed so far: ${names === "" ? "none" : names}${inFlight === undefined ? "" : `; ${inFlight} was sent, and may have been`}. ${again}`;
    case "rolling back":
      return `Interrupted during the rollback: some objects are restored, some are not. ${again}`;
    case "after":
      return "The deploy had ended already.";
    default:
      return `Interrupted while ${stage}: every object is written (${names === "" ? "none had changed" : names}), and Kubernetes continues the rollout by itself. ${again}`;
  }
}

function waitText(waits: string): string {
  return (
    {
      scheduling: "waiting for a node",
      making: "waiting for its container",
      start: "waiting for its container",
      image: "waiting for its image",
      crash: "crash loop",
      readiness: "waiting for readiness",
    }[waits] ?? waits
  );
}

function fieldTexts(fields: readonly FieldChange[]): string {
  return fields
    .map(({ field, before, after }) => {
      const name = field.replace(/^spec\.template\.spec\.containers\[haproxy\]\./, "").replace(/^spec\./, "");
      const [was, is] = [shortText(before), shortText(after)];
      const hidden = /\.env\[|^(data|stringData)\b/.test(field);
      return hidden || was === undefined || is === undefined ? name : `${name} ${was} → ${is}`;
    })
    .join(", ");
}

/** undefined where it is not worth a place on the line. */
function shortText(value: unknown): string | undefined {
  if (value === undefined) return "none";
  const text = typeof value === "object" ? undefined : String(value);
  return text !== undefined && text.length <= 48 && !text.includes("\n") ? text : undefined;
}
