// Regions of requests as text: conditions, the rules that decide, and a request as an example.
import { maskedHeader } from "../../findings/credentials.ts";
import type { Position } from "../../findings/finding.ts";
import { maskedConfigLine } from "../../findings/masked-text.ts";
import { conditionsText } from "../../space/condition-text.ts";
import type { Condition } from "../../space/predicate.ts";
import type { QueryDimensions } from "../../space/query.ts";
import { headerLines, listenersOf, type Witness, type WitnessResponse } from "../../space/witness.ts";

export function regionText(conditions: readonly Condition[]): string {
  return maskedConfigLine(conditionsText(conditions));
}

/** `GET https://app.example.com/x -H 'x-beta: 1' from 198.51.100.7`. */
export function witnessText(witness: Witness, { listeners }: Pick<QueryDimensions, "listeners">): string {
  const { method, host, target, client } = witness;
  const scheme = listenersOf(witness, listeners)[0]?.scheme ?? "http";
  const headers = headerLines({ ...witness, host: undefined }).map(
    ([name, value]) => ` -H '${name}: ${maskedHeader(name, value)}'`,
  );
  const without = host === undefined ? " without Host" : "";
  if (!target.startsWith("/"))
    return `${method} ${target} -H 'Host: ${host ?? ""}'${headers.join("")} to ${scheme} from ${client}`;
  const answered = witness.response === undefined ? "" : `, answered ${responseText(witness.response)}`;
  return `${method} ${scheme}://${host ?? ""}${target}${headers.join("")}${without} from ${client}${answered}`;
}

function responseText({ status, headers }: WitnessResponse): string {
  return [status, ...headers.map(([name, value]) => `${name}: ${maskedHeader(name, value)}`)].join(", ");
}

function placeText(at: Position | undefined): string {
  return at === undefined ? "" : `${at.file}:${at.line}`;
}

const MOST_PLACES = 3;

/** The places of rules, each once. */
export function placesText(rules: readonly { readonly at: Position | undefined }[]): string {
  const places = [...new Set(rules.map(({ at }) => placeText(at)).filter((place) => place !== ""))];
  const more = places.length - MOST_PLACES;
  return [...places.slice(0, MOST_PLACES), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** `sc_http_req_rate(0) gt 100 (haproxy.cfg:8)`. */
export function unknownText({
  text,
  at,
}: {
  readonly text: string;
  readonly at: Position | undefined;
}): string {
  const place = placeText(at);
  const masked = maskedConfigLine(text);
  return place === "" ? masked : `${masked} (${place})`;
}
