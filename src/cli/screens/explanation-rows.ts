// The rows of an explanation: what one hop does with the request, beside its name.
import { maskedHeader } from "../../findings/credentials.ts";
import type { LabAnswer } from "../../lab/send.ts";
import { type Colours, column, fold, type Screen } from "./layout.ts";

export interface Row {
  readonly name: string;
  readonly text: string;
  readonly at?: string;
  readonly below?: readonly string[];
}

const NAME_WIDTH = 16;
/** Separator of facts on one line; lines break there first. */
const GAP = "   ";

export function rowLines(
  { name, text, at = "", below = [] }: Row,
  { width }: Screen,
  colours: Colours,
): readonly string[] {
  const room = width - NAME_WIDTH - 2;
  const [first = "", ...rest] = fold(text, room, GAP);
  const sameLine = at !== "" && rest.length === 0 && first.length + 2 + at.length <= room;
  const indent = " ".repeat(NAME_WIDTH + 2);
  return [
    `  ${colours.dim(column(name, NAME_WIDTH))}${sameLine ? `${first.padEnd(room - at.length)}${colours.dim(at)}` : first}`,
    ...rest.map((line) => `${indent}${line}`),
    ...(at === "" || sameLine ? [] : [`${indent}  ${colours.dim(at)}`]),
    ...below.flatMap((line) => fold(line, room - 2).map((part) => `${indent}  ${colours.dim(part)}`)),
  ];
}

/** The request as the backend received it. */
export function seenRow({ seen }: { readonly seen: Seen | null }): Row {
  if (seen === null) return { name: "received", text: "nothing: the request did not arrive" };
  const headers = seen.headers.map(([name, value]) => `${name.toLowerCase()} ${maskedHeader(name, value)}`);
  return { name: "received", text: `${seen.method} ${seen.target}   ${headers.join("   ")}` };
}

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export function gotText({ status, location, backend, refused }: LabAnswer): string {
  if (refused !== null) return refused;
  if (location !== null) return `${status} → ${location}`;
  return backend === null ? `${status} from HAProxy` : `${status} from ${backend}`;
}

export function merged(headers: LabAnswer["headers"]): ReadonlyMap<string, string> {
  const byName = Map.groupBy(headers, ([name]) => name.toLowerCase());
  return new Map([...byName].map(([name, lines]) => [name, lines.map(([, value]) => value).join(", ")]));
}
