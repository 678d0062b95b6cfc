// Compares a decision of the model with the lab's answer, and lists every difference.
import type { Decision } from "../model/decide.ts";
import { applyEdits, type HeaderList } from "../model/headers.ts";
import { type RawBlock, rawBlocksOn } from "../model/raw-blocks.ts";
import type { ListenerPlan, Plan } from "../plan/plan.ts";
import type { Difference } from "./expectation.ts";
import type { LabAnswer } from "./send.ts";

/** Empty when they agree. For a weighted route, any of its backends is accepted. */
export function disagreements(decision: Decision, answer: LabAnswer): readonly Difference[] {
  if (decision.refused !== null)
    return answer.refused !== null
      ? []
      : [{ what: "connection", hop: "connection", expected: "refused", got: String(answer.status) }];
  if (answer.refused !== null)
    return [{ what: "connection", hop: "connection", expected: "an answer", got: answer.refused }];
  return [
    ...routingDifferences(decision, answer),
    ...seenDifferences(decision, answer),
    ...answerDifferences(decision, answer),
  ];
}

/** The raw lines that may affect an answer: those of the expected backend and of the one that answered. */
export function rawBlocksOf(
  plan: Plan,
  { entrance }: ListenerPlan,
  decision: Decision | null,
  answer: LabAnswer,
): readonly RawBlock[] {
  if (answer.refused !== null && (decision === null || decision.refused !== null)) return [];
  // A route's backend also answers for it: 411 and 413 of a body limit.
  const forwarding = decision?.route?.action.kind === "forward" ? decision.route.action.to : [];
  const backends = [...(decision?.backends ?? []), ...forwarding].map(({ backend }) => backend);
  return rawBlocksOn(plan, entrance, answer.backend === null ? backends : [...backends, answer.backend]);
}

function routingDifferences(decision: Decision, answer: LabAnswer): readonly Difference[] {
  const pools = [...new Set(decision.backends.map(({ pool }) => pool))];
  const expected = pools.length === 0 ? "none" : pools.join(" or ");
  const got = answer.backend ?? "none";
  const isExpected = pools.length === 0 ? answer.backend === null : pools.includes(got);
  const status = decision.status ?? answer.status;
  return [
    ...(isExpected ? [] : [{ what: "backend", hop: "haproxy", expected, got } as const]),
    ...differing("status", "haproxy", String(status), String(answer.status)),
  ];
}

/** None where both are the same. */
function differing(
  what: string,
  hop: Difference["hop"],
  expected: string,
  got: string,
): readonly Difference[] {
  return expected === got ? [] : [{ what, hop, expected, got }];
}

/** None where `own`, by default all of the header's lines, are the expected ones, byte for byte. */
function headerDifference(
  what: string,
  hop: Difference["hop"],
  want: readonly string[] = [],
  lines: readonly string[] = [],
  own = lines,
): readonly Difference[] {
  return same(want, own) ? [] : [{ what, hop, expected: printed(want), got: printed(lines) }];
}

/** Hop-by-hop headers (RFC 9110 section 7.6.1) and those of the body's framing, which HAProxy and the backend decide. */
const FRAMING = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
]);

function seenDifferences({ seen: expected }: Decision, { seen }: LabAnswer): readonly Difference[] {
  if (expected === null || seen === null) return [];
  const wanted = byName(expected.headers);
  const got = byName(seen.headers);
  const names = [...new Set([...wanted.keys(), ...got.keys()])].filter((name) => !FRAMING.has(name));
  return [
    ...differing("method seen", "backend", expected.method, seen.method),
    ...differing("target seen", "backend", expected.target, seen.target),
    ...names.flatMap((name) =>
      headerDifference(`header ${name} seen`, "backend", wanted.get(name), got.get(name)),
    ),
  ];
}

/** Headers of responses that a stub or HAProxy may send without a change; errors of HAProxy have `Cache-Control: no-cache`. */
const SENT_ANYWAY = new Set(["cache-control", "content-type", "server", "set-cookie"]);

/** What the description decides: headers that it sets, adds or removes, Location, HSTS, and response bodies. */
function answerDifferences(
  { status, location, body, response }: Decision,
  answer: LabAnswer,
): readonly Difference[] {
  const expected = byName(applyEdits(location === null ? [] : [["Location", location]], response));
  const defaults = new Set(response.setIfAbsent.map(({ name }) => name.toLowerCase()));
  const got = byName(answer.headers);
  const decided = new Set([
    "location",
    "strict-transport-security",
    ...[...response.remove, ...response.set].map(({ name }) => name.toLowerCase()),
  ]);
  const headers = [...new Set([...decided, ...expected.keys()])].flatMap((name) => {
    const want = expected.get(name) ?? [];
    const lines = got.get(name) ?? [];
    if (defaults.has(name) && SENT_ANYWAY.has(name) && lines.length > 0) return [];
    // Added header lines follow the lines that the response had already.
    const whole = decided.has(name) || defaults.has(name);
    const own = whole ? lines : lines.slice(Math.max(0, lines.length - want.length));
    return headerDifference(name === "location" ? name : `header ${name}`, "answer", want, lines, own);
  });
  if (status === null || status !== answer.status || body === null) return headers;
  return [...headers, ...differing("body", "answer", JSON.stringify(body), JSON.stringify(answer.body))];
}

function byName(headers: HeaderList): ReadonlyMap<string, readonly string[]> {
  const lines = Map.groupBy(headers, ([name]) => name.toLowerCase());
  return new Map([...lines].map(([name, own]) => [name, own.map(([, value]) => value)]));
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

function printed(lines: readonly string[]): string {
  return lines.length === 0
    ? "none"
    : lines.map((text) => JSON.stringify(Buffer.from(text, "latin1").toString())).join(", ");
}
