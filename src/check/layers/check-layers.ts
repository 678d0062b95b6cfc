// Runs every rule over layers; findings by severity, then in the order of files and lines.

import { posix } from "node:path";
import type { Finding } from "../../findings/finding.ts";
import { capitalized } from "../../findings/sentence.ts";
import { isNotALayer } from "../../wiring/not-a-layer.ts";
import type { LeftOut, Wiring } from "../../wiring/wiring.ts";
import { groupsOf } from "../groups.ts";
import { byWeightAndPlace } from "../order.ts";
import { applyRule, type JudgedFinding, type Rule } from "../rule.ts";
import { RULES } from "../rules/index.ts";
import { listOf } from "../wording.ts";
import { unexaminedRules } from "./reached-rules.ts";
import { unexaminedRedirects } from "./redirect-loops.ts";
import { unknownServers } from "./unknown-servers.ts";
import { unknownValues } from "./unknown-values.ts";

/** Every finding about layers, rendered or written by hand; the same for the same files. */
export function checkLayers(wiring: Wiring, rules: readonly Rule[] = RULES): readonly Finding[] {
  return findingsOf(wiring, rules).map(({ described: _, stops: __, ...finding }) => finding);
}

/** The same, with the text of each finding for files that Portico rendered. */
export function findingsOf(wiring: Wiring, rules: readonly Rule[] = RULES): readonly JudgedFinding[] {
  const unexamined = rules.some(({ writtenByHand }) => writtenByHand)
    ? [...unexaminedRules(wiring), ...unexaminedRedirects(wiring)]
    : [];
  return [...leftOutOf(wiring, unexamined), ...rules.flatMap((rule) => applyRule(rule, wiring))].sort(
    byWeightAndPlace,
  );
}

/** The same fault of many files is reported once: the folder of an edge contains other tools' files too. */
function leftOutOf(wiring: Wiring, unexamined: readonly LeftOut[]): readonly Finding[] {
  const all = [...wiring.leftOut, ...unknownValues(wiring), ...unknownServers(wiring), ...unexamined];
  const same = groupsOf(all, (one) => (one.severity === "error" ? one : `${one.what}\n${one.why}`));
  return same.map((group) => leftOut(group[0], group, wiring.files.length === 0));
}

function leftOut({ what, why, severity, fix }: LeftOut, group: readonly LeftOut[], alone: boolean): Finding {
  const error = severity === "error";
  const files = [...new Set(group.map(({ at }) => at.file))];
  const places = group.map(({ at }) => at);
  const other = isNotALayer(what);
  return {
    code: error ? "layer-unreadable" : "layer-not-understood",
    severity,
    what: withSubject(what, files, other ? MOST_OTHER_FILES : undefined),
    why: capitalized(why),
    remedy: alone
      ? "Name a folder that contains layers and that you may read."
      : `${error ? correction(fix) : "Review this part yourself"}; the rest was checked without it.`,
    at: other ? places.slice(0, 1) : places,
    ...(fix !== undefined && { fix }),
  };
}

/** Names of files that are not layers; their lines are not needed. */
const MOST_OTHER_FILES = 10;

function correction(fix: LeftOut["fix"]): string {
  return fix === undefined
    ? "Correct the file"
    : "Correct the file, or let `portico check --layers DIR --fix` do it";
}

/** `elb.tf does not parse`; of several files, `a.yaml, b.yaml and 3 more are …`. A text with a subject is unchanged. */
function withSubject(what: string, files: readonly string[], shown?: number): string {
  const verb = /^(?:is|cannot|does|not|leads)(?= )/.exec(what)?.[0];
  if (verb === undefined) return what;
  const [one = "", ...others] = files;
  const rest = what.slice(verb.length);
  if (others.length === 0)
    return `\`${posix.basename(one) || one}\` ${verb === "not" ? "is not" : verb}${rest}`;
  const many = { is: "are", does: "do", not: "are not", leads: "lead" }[verb] ?? verb;
  return `${listOf(files, shown)} ${many}${rest.replace(/^ a template\b/, " templates")}`;
}
