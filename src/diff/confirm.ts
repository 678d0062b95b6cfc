// Sends a request of each differing part to HAProxy on both sides.
import type { Difference } from "../lab/expectation.ts";
import { inParallel } from "../lab/in-parallel.ts";
import type { LayersLab } from "../lab/layers-lab.ts";
import { decidesAnswers } from "../lab/not-run.ts";
import type { LabAnswer } from "../lab/send.ts";
import { requestOfWitness } from "../lab/witness-request.ts";
import type { Sides } from "../space/compare.ts";
import type { Answer } from "../space/program.ts";
import type { QueryListener } from "../space/query.ts";
import type { DifferingPart } from "./compare-requests.ts";
import type { ChangedRequests, Disagreement } from "./comparison.ts";
import { type Outcome, outcomeOfAnswer } from "./outcome.ts";
import { type Probe, probeOf, requestOf } from "./probe.ts";

export interface Confirmed {
  readonly part: DifferingPart;
  readonly result: Pick<ChangedRequests, "sent" | "confirmed" | "unconfirmed">;
  readonly disagreements: readonly Disagreement[];
}

/** Kinds of parts that need no request: no request shows them. */
const NOT_SEEN = new Set(["bind", "compression", "entrance", "servers"]);
const MOST_SENT = 400;

/** Whether a request that should go to one of these backends may arrive at another. */
export type IsBackend = (expected: readonly string[], seen: string) => boolean;

/** A side of the lab. */
export interface ConfirmingSide {
  readonly lab: Pick<LayersLab, "request" | "leftOut">;
  readonly isBackend: IsBackend;
  /** The listener's name on a side; the two sides may use different names. */
  readonly frontendOf?: (listener: string) => string | undefined;
}

export async function confirmParts(
  parts: readonly DifferingPart[],
  listeners: readonly QueryListener[],
  sides: Sides<ConfirmingSide>,
): Promise<readonly Confirmed[]> {
  const isTrusted = [sides.before, sides.after].every(({ lab }) => !lab.leftOut.some(decidesAnswers));
  const confirm = async (part: DifferingPart): Promise<Confirmed> => {
    const { conditions } = part;
    const answers = [part.before.answer, part.after.answer];
    const request = requestOfWitness({ witness: withHeader(part), conditions, answers }, listeners);
    if ("why" in request) return unsent(part, request.why);
    const probe = probeOf(request);
    const [before, after] = [
      await sendTo(sides.before, probe, part.witness.listener),
      await sendTo(sides.after, probe, part.witness.listener),
    ];
    const sent = { probe, before: outcomeOfAnswer(before), after: outcomeOfAnswer(after) };
    const found = (["before", "after"] as const).flatMap((side) => {
      const differences = differencesFrom(
        part,
        side,
        side === "before" ? before : after,
        sides[side].isBackend,
      );
      return differences.length === 0 ? [] : [{ probe, side, differences }];
    });
    const confirmed = found.length === 0 && shows(part, sent.before, sent.after);
    const unconfirmed = unconfirmedText(part, found, isTrusted, [before, after]);
    return {
      part,
      result: { sent, confirmed, ...(!confirmed && { unconfirmed }) },
      disagreements: isTrusted ? found : [],
    };
  };
  const [first, others] = [parts.slice(0, MOST_SENT), parts.slice(MOST_SENT)];
  return [
    ...(await inParallel(first, confirm)),
    ...others.map((part) => unsent(part, `only the first ${MOST_SENT} were sent`)),
  ];
}

function sendTo(
  { lab, frontendOf }: ConfirmingSide,
  { frontend: _, ...probe }: Probe,
  listener: string | undefined,
): Promise<LabAnswer> {
  const frontend = listener === undefined ? undefined : frontendOf?.(listener);
  return lab.request(probe.url, requestOf(frontend === undefined ? probe : { ...probe, frontend }));
}

/** Whether two outcomes differ in what the part is about. */
function shows({ id }: DifferingPart, before: Outcome, after: Outcome): boolean {
  if (NOT_SEEN.has(id)) return false;
  const [, side, name] = /^(request|response)-header:(.*)$/.exec(id) ?? [];
  const seen = { path: "path seen", query: "path seen", method: "method seen" }[id];
  const detail = name === undefined ? seen : `header ${name}${side === "request" ? " seen" : ""}`;
  // The lab makes the certificates.
  const isShown = (one: string) => (detail === undefined ? one !== "certificate" : one === detail);
  const shown = ({ details }: Outcome) => JSON.stringify([...details].filter(([one]) => isShown(one)));
  return (detail === undefined && before.text !== after.text) || shown(before) !== shown(after);
}

/** The outcome of a header is visible if the request has the header. */
function withHeader({ id, witness }: DifferingPart): DifferingPart["witness"] {
  const [, name] = /^request-header:([a-z][\w-]*)$/.exec(id) ?? [];
  if (name === undefined || KEPT_OUT.has(name)) return witness;
  if (witness.headers.some(([own]) => own.toLowerCase() === name)) return witness;
  return { ...witness, headers: [...witness.headers, [name, "any"]] };
}

const KEPT_OUT = new Set(["connection", "content-length", "cookie", "host", "transfer-encoding", "upgrade"]);

export function unsent(part: DifferingPart, why: string): Confirmed {
  return {
    part,
    result: { sent: undefined, confirmed: false, unconfirmed: `not sent: ${why}` },
    disagreements: [],
  };
}

function unconfirmedText(
  { id }: DifferingPart,
  found: readonly Disagreement[],
  isTrusted: boolean,
  answers: readonly LabAnswer[],
): string {
  const refused = answers.find((answer) => answer.refused !== null)?.refused;
  if (found.length > 0) return isTrusted ? "HAProxy answers otherwise" : "the lab does not run every line";
  if (NOT_SEEN.has(id)) return "the lab has servers and ports of its own";
  return refused === undefined || refused === null
    ? "this request gets the same answer"
    : `the lab gets no answer: ${refused}`;
}

/** How HAProxy's outcome differs from the evaluation. */
function differencesFrom(
  { id, before, after }: DifferingPart,
  side: "before" | "after",
  seen: LabAnswer,
  isBackend: IsBackend,
): readonly Difference[] {
  const { answer } = side === "before" ? before : after;
  return id === "answer" && answer !== undefined ? differences(answer, seen, isBackend) : [];
}

/** A load balancer in front may refuse what HAProxy would answer. */
function differences(
  answer: Answer,
  { refused, status, backend }: LabAnswer,
  isBackend: IsBackend,
): readonly Difference[] {
  const differs = (what: string, expected: string, got: string): readonly Difference[] =>
    expected === got ? [] : [{ what, hop: "haproxy", expected, got }];
  if (answer.kind === "closed")
    return differs("connection", "no answer", refused === null ? String(status) : "no answer");
  if (refused !== null) return [];
  const got = backend ?? "none";
  if (answer.kind === "own")
    return [
      ...differs("status", String(answer.status ?? status), String(status)),
      ...differs("backend", "none", got),
    ];
  const { backends } = answer;
  const isExpected = backends === undefined || (backend !== null && isBackend(backends, backend));
  return [
    ...differs("status", String(answer.status ?? status), String(status)),
    ...(isExpected ? [] : differs("backend", backends.join(" or "), got)),
  ];
}
