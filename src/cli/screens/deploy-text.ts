// A deploy as people read it: what will change, how far it is, and what came of it.
import type { ObjectChange } from "../../cluster/changes.ts";
import type { DeployEvent, DeployOutcome, DeployRun } from "../../cluster/deploy.ts";
import type { FieldChange } from "../../cluster/field-diff.ts";
import type { RolloutState } from "../../cluster/rollout.ts";
import { requestText } from "./expectation-text.ts";
import { coloursOf, column, countOf, fold, type Screen, seconds } from "./layout.ts";
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

/** What is to become of an object; the others say how it stands. */
const DEPLOY_WORDS = { new: "new", removed: "goes", replaced: "made again: it was edited by hand" };
export const DRIFT_WORDS = { new: "not in the cluster", removed: "left over", replaced: "edited by hand" };

/** One line an object that is not as it will be. */
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

/** What a deploy is at, for one line that is written over. */
export function eventText(event: DeployEvent): string {
  switch (event.stage) {
    case "applying":
      return `  applying     ${countOf(event.changes, "object")}`;
    case "rolling-out":
      return `  rolling out  ${rolloutText(event.state)}`;
    case "verifying":
      return `  verifying    ${event.tested} of ${countOf(event.of, "expectation")}`;
    case "going-back":
      return "  going back   to what was there before";
    case "waiting-for-the-former":
      return `  going back   ${rolloutText(event.state)}`;
  }
}

function rolloutText({ ready, wanted, older, pods, awayMs }: RolloutState): string {
  const bar = 16;
  const full = wanted === 0 ? 0 : Math.round((bar * Math.min(ready, wanted)) / wanted);
  const waiting = pods.find(({ waits }) => waits !== null);
  const reason =
    awayMs > 0
      ? `the cluster does not answer, for ${seconds(awayMs)}`
      : waiting?.waits != null
        ? `${waiting.pod}: ${waitText(waiting.waits.for)}, ${waiting.waits.says}`
        : older > 0
          ? `${countOf(older, "former pod")} still there`
          : "";
  return `${"█".repeat(full)}${"░".repeat(bar - full)}  ${ready} of ${wanted} ready   ${reason}`.trimEnd();
}

/** How it ended, for reading afterwards. */
export function outcomeLines(outcome: DeployOutcome, screen: Screen): readonly string[] {
  const { verified, undone, cleared, takenOverFrom } = outcome;
  const colours = coloursOf(screen);
  return [
    ...(takenOverFrom === null
      ? []
      : [row("note", [`an earlier deploy, by ${takenOverFrom}, ended in the middle`], screen)]),
    ...(verified === null
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
    ...(undone === null
      ? []
      : [
          row(
            "gone back",
            [
              ...(undone.restored.length === 0 ? [] : [`as before: ${undone.restored.join(", ")}`]),
              ...(undone.removed.length === 0 ? [] : [`taken away: ${undone.removed.join(", ")}`]),
              ...undone.left.map((one) => colours.red(`left as it is: ${one}`)),
            ],
            screen,
          ),
        ]),
  ];
}

/** The last line. */
export function verdictText({ state, undone, verified }: DeployOutcome, tookMs: number): string {
  const time = seconds(tookMs);
  switch (state) {
    case "done":
      return `Done in ${time}.`;
    case "unverified":
      return `Applied, and not verified, after ${time}. The edge is left as applied.`;
    case "refused":
      return "Nothing was changed.";
    case "undone":
      if (undone?.restored.length === 0 && undone.removed.length === 0)
        return verified === null
          ? "Nothing was changed."
          : "Nothing was changed, and the edge does not do what is expected of it.";
      return undone?.restored.length === 0
        ? `Not deployed, and taken away again after ${time}.`
        : `Not deployed; what was there before is back after ${time}.`;
    case "left":
      return `Not deployed. It stands as it failed, after ${time}: \`portico status\` shows how.`;
  }
}

/** What state things are in when a deploy is broken off. */
export function interruptText({
  stage,
  applied,
  underWay,
}: Pick<DeployRun, "stage" | "applied" | "underWay">): string {
  const names = applied.map(({ object }) => `${object.kind} ${object.metadata.name}`).join(", ");
  const again = "`portico deploy` goes on from here; `portico status` shows what serves.";
  switch (stage) {
    case "before":
      return "Broken off: nothing was applied.";
    case "applying":
      return `Broken off while objects were written. Changed so far: ${names === "" ? "none" : names}${underWay === null ? "" : `; ${underWay} was sent, and may be`}. ${again}`;
    case "going back":
      return `Broken off on the way back to what was there before: some objects are as before, some are not. ${again}`;
    case "after":
      return "It was done already.";
    default:
      return `Broken off while ${stage}: every object is written (${names === "" ? "none had changed" : names}), and Kubernetes goes on with it by itself. ${again}`;
  }
}

function waitText(waits: string): string {
  return (
    {
      scheduling: "waiting for a node",
      making: "waiting for its container",
      start: "waiting for its container",
      image: "waiting for its image",
      crash: "it ends again and again",
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
