// The outcome of a request as a client and a backend see it: by the model, or by a real HAProxy.
import { changeText } from "../findings/credentials.ts";
import type { LabAnswer } from "../lab/send.ts";
import type { Decision } from "../model/decide.ts";
import type { HeaderList } from "../model/headers.ts";
import type { Plan } from "../plan/plan.ts";

type Detail = readonly [name: string, value: string];

export interface Outcome {
  /** `200 from api`, `301 → https://…`, `no answer`: the summary. */
  readonly text: string;
  /** Everything else that is visible, by name: `path seen`, `header x-a seen`, `servers of api` … */
  readonly details: ReadonlyMap<string, string>;
}

/** What differs between two outcomes beyond their summaries: `path seen: /a → /b`. */
export function changedDetails(before: Outcome, after: Outcome): readonly string[] {
  const names = new Set([...before.details.keys(), ...after.details.keys()]);
  return [...names].flatMap((name) => {
    const [old, now] = [before.details.get(name), after.details.get(name)];
    // Another backend has other servers: its name is enough.
    if (old === now || (name.startsWith(SERVERS) && (old === undefined || now === undefined))) return [];
    return [changeText(name, old, now)];
  });
}

export function sameOutcome(before: Outcome, after: Outcome): boolean {
  return before.text === after.text && changedDetails(before, after).length === 0;
}

/** Null: no listener gets the request. */
export function outcomeOfDecision(plan: Plan, decision: Decision | null): Outcome {
  if (decision === null) return { text: "no such port", details: new Map() };
  if (decision.refused !== null) return { text: NO_ANSWER, details: new Map() };
  const { status, location, body, backends, seen, response } = decision;
  const weights = backends.length > 1;
  const names = backends.map(({ backend, weight }) => (weights ? `${backend} (${weight})` : backend));
  return {
    text: textOf(status ?? 200, location, names),
    details: new Map([
      ...(body === null ? [] : [["body", JSON.stringify(body)] as const]),
      ...backends.map(({ backend }) => [`${SERVERS}${backend}`, serversOf(plan, backend)] as const),
      ...(seen === null ? [] : seenDetails(seen)),
      ...response.remove.map((name) => [`header ${name.toLowerCase()}`, "removed"] as const),
      ...linesByName([...response.set, ...response.add].map(({ name, value }) => [name, value] as const)).map(
        ([name, value]) => [`header ${name}`, value] as const,
      ),
    ]),
  };
}

/** Without the lab's own addresses, which differ each time. */
export function outcomeOfAnswer(answer: LabAnswer): Outcome {
  const { refused, status, location, backend, seen, headers, body, certificate } = answer;
  if (refused !== null) return { text: NO_ANSWER, details: new Map() };
  return {
    text: textOf(status ?? 0, location, backend === null ? [] : [backend]),
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
/** The name of a detail begins with it, the backend follows. */
export const SERVERS = "servers of ";

/** What differs from one answer to the next, or describes only the transfer of the body. */
const PASSING: ReadonlySet<string> = new Set(["date", "content-length", "connection", "keep-alive"]);
/** HAProxy's hash of a server's address (manual section 4.2, dynamic-cookie-key), which is the lab's. */
const DYNAMIC_COOKIE = /=[0-9a-f]{16}(?=;|$)/g;
const LAB_ADDRESS = /\b127\.\d+\.\d+\.\d+(?::\d+)?\b/g;

function textOf(status: number, location: string | null, backends: readonly string[]): string {
  if (location !== null) return `${status} → ${location}`;
  return backends.length === 0 ? String(status) : `${status} from ${backends.join(" or ")}`;
}

function serversOf(plan: Plan, name: string): string {
  const servers = plan.backends.find((backend) => backend.name === name)?.servers ?? [];
  const texts = servers.map(({ host, port, weight, backup }) => {
    const share = weight === null ? "" : ` weight ${weight}`;
    return `${host}:${port}${share}${backup ? " backup" : ""}`;
  });
  return texts.join(", ");
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
