// The answer of `portico find` as JSON.
import { maskedJson } from "../../findings/credentials.ts";
import type { Position } from "../../findings/finding.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { conditionText } from "../../space/condition-text.ts";
import type { FoundRegion, UndecidedRegion } from "../../space/find-regions.ts";
import { FIRST_ERROR } from "../../space/query.ts";
import { headerLines, type Witness } from "../../space/witness.ts";
import type { Confirmed, Unconfirmed } from "../confirm-regions.ts";
import { answerJson } from "./answer-json.ts";
import { isProvenNone, type ShownFound } from "./found-text.ts";
import { regionText } from "./region-text.ts";

export function foundJson(shown: ShownFound): string {
  const { found, query, input, confirmation } = shown;
  const { status } = query.answer;
  return maskedJson({
    input: input.name,
    provenNone: isProvenNone(shown),
    regions: found.regions.map((region) => ({
      ...regionJson(region),
      ...(confirmation !== undefined && confirmedJson(confirmation.byRegion.get(region))),
    })),
    undecided: found.undecided.map(undecidedJson),
    incomplete: found.incomplete ?? null,
    backendsMayAnswerSo: status !== undefined && status.from >= FIRST_ERROR && found.forwarded,
    notExamined: input.notExamined.map(noteJson),
  });
}

function confirmedJson(confirmed: Confirmed | Unconfirmed | undefined) {
  if (confirmed === undefined || "unconfirmed" in confirmed)
    return { confirmed: null, haproxyAnswer: null, unconfirmed: confirmed?.unconfirmed ?? null };
  return { confirmed: confirmed.agrees, haproxyAnswer: answerJson(confirmed.answer), unconfirmed: null };
}

export function noteJson({ text, at }: { readonly text: string; readonly at: Position | undefined }) {
  return { text: maskedConfigLine(text), at: placeJson(at) };
}

function placeJson(at: Position | undefined) {
  return at === undefined ? null : { file: at.file, line: at.line };
}

export function regionJson({ conditions, answer, rules, witness }: FoundRegion) {
  return {
    requests: regionText(conditions),
    conditions: conditions.map((condition) => maskedConfigLine(conditionText(condition))),
    answer: maskedConfigLine(answer.text),
    rules: rules.map(noteJson),
    witness: witnessJson(witness),
  };
}

export function undecidedJson(region: UndecidedRegion) {
  return { ...regionJson(region), dependsOn: region.dependsOn.map(noteJson) };
}

export function witnessJson(witness: Witness) {
  const { listener, method, host, target, client, response } = witness;
  const headers = response?.headers.map(([name, value]) => ({ name, value }));
  return {
    listener: listener ?? null,
    method,
    host: host ?? null,
    target,
    headers: headerLines({ ...witness, host: undefined }).map(([name, value]) => ({ name, value })),
    client,
    ...(response && { response: { status: response.status, headers } }),
  };
}
