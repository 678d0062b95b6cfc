// The outcome of a request as a client and a backend see it.
import { changeText } from "../findings/credentials.ts";
import type { LabAnswer } from "../lab/send.ts";
import type { HeaderList } from "../model/headers.ts";

type Detail = readonly [name: string, value: string];

export interface Outcome {
  /** `200 from api`, `301 → https://…`, `no answer`: the summary. */
  readonly text: string;
  /** Everything else that is visible, by name: `path seen`, `header x-a seen` … */
  readonly details: ReadonlyMap<string, string>;
}

/** What differs between two outcomes beyond their summaries: `path seen: /a → /b`. */
export function changedDetails(before: Outcome, after: Outcome): readonly string[] {
  const names = new Set([...before.details.keys(), ...after.details.keys()]);
  return [...names].flatMap((name) => {
    const [old, now] = [before.details.get(name), after.details.get(name)];
    return old === now ? [] : [changeText(name, old, now)];
  });
}

export function sameOutcome(before: Outcome, after: Outcome): boolean {
  return before.text === after.text && changedDetails(before, after).length === 0;
}

/** Without the lab's own addresses, which differ each time. */
export function outcomeOfAnswer(answer: LabAnswer): Outcome {
  const { refused, status, location, backend, seen, headers, body, certificate } = answer;
  if (refused !== null) return { text: NO_ANSWER, details: new Map() };
  return {
    text: textOf(status ?? 0, location, backend),
    details: new Map([
      ...(backend === null && body !== "" ? [["body", bodyText(body)] as const] : []),
      ...(certificate === undefined ? [] : [["certificate", certificate.join(" ")] as const]),
      ...(seen === null ? [] : seenDetails(seen)),
      ...linesByName(headers)
        .filter(([name]) => !PASSING.has(name))
        .map(([name, value]) => [`header ${name}`, value.replace(DYNAMIC_COOKIE, "=the lab")] as const),
    ]),
  };
}

/** HAProxy's statistics differ each time. */
function bodyText(body: string): string {
  if (body.includes("Statistics Report for HAProxy")) return "HAProxy's stats page";
  return body.startsWith("# HELP") ? "HAProxy's metrics" : JSON.stringify(body);
}

const NO_ANSWER = "no answer";

/** What differs from one answer to the next, or describes only the transfer of the body. */
const PASSING: ReadonlySet<string> = new Set(["date", "content-length", "connection", "keep-alive"]);
/** HAProxy's hash of a server's address (manual section 4.2, dynamic-cookie-key), which is the lab's. */
const DYNAMIC_COOKIE = /=[0-9a-f]{16}(?=;|$)/g;
const LAB_ADDRESS = /\b127\.\d+\.\d+\.\d+(?::\d+)?\b/g;

function textOf(status: number, location: string | null, backend: string | null): string {
  if (location !== null) return `${status} → ${location}`;
  return backend === null ? String(status) : `${status} from ${backend}`;
}

function seenDetails(seen: {
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
}): readonly Detail[] {
  return [
    ["method seen", seen.method],
    ["path seen", seen.target],
    ...linesByName(seen.headers)
      .filter(([name]) => name !== "connection")
      .map(([name, value]): Detail => [`header ${name} seen`, value.replace(LAB_ADDRESS, "the lab")]),
  ];
}

function linesByName(headers: HeaderList): readonly Detail[] {
  const byName = Map.groupBy(headers, ([name]) => name.toLowerCase());
  return [...byName].map(([name, lines]) => [name, lines.map(([, value]) => value).join(", ")]);
}
