// Texts of the differing parts, each with its cause.
import { maskedDifference } from "../findings/credentials.ts";
import type { Position } from "../findings/finding.ts";
import { maskedConfigLine } from "../findings/masked-text.ts";
import type { UndecidedPart } from "./compare-requests.ts";
import type { Cause, ChangedRequests, Requests, UndecidedRequests } from "./comparison.ts";
import type { Confirmed } from "./confirm.ts";
import { requestsText } from "./requests-text.ts";

export type CauseOf = (part: Confirmed["part"] | UndecidedPart) => Promise<Cause | null>;

export async function changedRequests(
  confirmed: readonly Confirmed[],
  causeOf: CauseOf,
): Promise<readonly ChangedRequests[]> {
  const all: ChangedRequests[] = [];
  for (const { part, result } of confirmed) all.push({ ...(await requestsOf(part, causeOf)), ...result });
  return all;
}

export async function undecidedRequests(
  undecided: readonly UndecidedPart[],
  causeOf: CauseOf,
): Promise<readonly UndecidedRequests[]> {
  const all: UndecidedRequests[] = [];
  for (const part of undecided)
    all.push({
      ...(await requestsOf(part, causeOf)),
      dependsOn: [...new Set(part.dependsOn.map(unknownText))],
    });
  return all;
}

async function requestsOf(part: Confirmed["part"], causeOf: CauseOf): Promise<Requests> {
  const { id, conditions } = part;
  const header = /^(request|response)-header:(.*)$/.exec(id);
  const what = header === null ? id : `header ${header[2]}${header[1] === "request" ? " seen" : ""}`;
  const { expected, got } = maskedDifference({ what, expected: part.before.text, got: part.after.text });
  return {
    requests: requestsText(conditions),
    differs: id,
    before: maskedConfigLine(expected),
    after: maskedConfigLine(got),
    because: await causeOf(part),
  };
}

function unknownText({ text, at }: { readonly text: string; readonly at: Position | undefined }): string {
  const masked = maskedConfigLine(text);
  return at === undefined ? masked : `${masked} (${at.file}:${at.line})`;
}
