// What the request space shows about two plans: a request of each part that differs, or the proof that no part does.
import { maskedConfigLine } from "../findings/masked-text.ts";
import type { Plan } from "../plan/plan.ts";
import { type ChangedRegion, type ComparedFacet, comparePrograms } from "../space/compare.ts";
import { conditionsText } from "../space/condition-text.ts";
import { Formulas } from "../space/formula.ts";
import { evaluatePlan } from "../space/plan/evaluate-plan.ts";
import { planQueryDimensions } from "../space/plan/plan-query.ts";
import type { QueryListener } from "../space/query.ts";
import { headerLines, urlOfWitness, type Witness } from "../space/witness.ts";
import { PLAIN_REQUEST, type Probe } from "./probe.ts";

export interface AllRequests {
  readonly parts: readonly DifferingPart[];
  /** Every request has the same outcome on both sides. False where the plans have raw lines, which the space of a plan leaves out. */
  readonly proven: boolean;
  /** Why more may differ than `parts`, one sentence each, without full stop. */
  readonly undecided: readonly string[];
}

export interface DifferingPart {
  /** `listener https, host app.example.com, GET: 403 → 200`; `…: request-header:x-site differs`. */
  readonly text: string;
  /** One of its requests; undefined: the lab cannot send it. */
  readonly probe: Probe | undefined;
}

/** Of one facet. */
const MOST_PARTS = 50;

export function compareAllRequests(before: Plan, after: Plan): AllRequests {
  const formulas = new Formulas();
  const paths = before.paths === "as-is" && after.paths === "as-is" ? "as-is" : "normal";
  const programs = [before, after].map((plan) => evaluatePlan(plan, { formulas, paths }));
  const [old, now] = programs;
  if (old === undefined || now === undefined) throw new RangeError("two plans are compared");
  const { facets } = comparePrograms(old, now, { formulas, mostRegions: MOST_PARTS });
  const listeners = [after, before].flatMap((plan) => planQueryDimensions(plan).listeners);
  const parts = facets.flatMap(({ id, changed }) =>
    changed.map((region) => ({ text: partText(id, region), probe: probeOf(region, listeners) })),
  );
  const undecided = facets.flatMap(undecidedTexts);
  const isWhole = programs.every(({ unexamined }) => unexamined.length === 0);
  return { parts, undecided, proven: isWhole && parts.length === 0 && undecided.length === 0 };
}

function undecidedTexts({ id, undecided, incomplete }: ComparedFacet): readonly string[] {
  const more = {
    budget: `${id}: the comparison needs more steps than its budget`,
    "more regions": `${id}: more than ${MOST_PARTS} parts differ`,
  };
  return [
    ...undecided.map((region) => {
      const on = region.dependsOn.map(({ text }) => maskedConfigLine(text)).join(", ");
      return `${partText(id, region)}, if at all: it depends on ${on}`;
    }),
    ...(incomplete === undefined ? [] : [more[incomplete]]),
  ];
}

/** Without values of headers, which may be credentials. */
function partText(id: string, { conditions, before, after }: ChangedRegion): string {
  const requests = maskedConfigLine(conditionsText(conditions));
  return id === "answer" ? `${requests}: ${before.text} → ${after.text}` : `${requests}: ${id} differs`;
}

/** Larger bodies take too long. */
const LARGEST_BODY_BYTES = 64 * 1024;
const UNKNOWN_LENGTH = {
  headers: [["Transfer-Encoding", "chunked"] as const],
  body: "1\r\nx\r\n0\r\n\r\n",
} as const;

function probeOf(
  { witness, conditions }: ChangedRegion,
  listeners: readonly QueryListener[],
): Probe | undefined {
  const { listener: name, method, host = "", target, bodyLength = 1, assumed, webSocket } = witness;
  const listener = listeners.find((one) => one.name === name && isReached(one));
  const isPlain = target.startsWith("/") && /^[\w.-]+$/.test(host) && !assumed.some(({ holds }) => holds);
  if (listener === undefined || !isPlain || bodyLength > LARGEST_BODY_BYTES) return undefined;
  const isFrom = conditions.some(({ on }) => on.kind === "address");
  return {
    ...PLAIN_REQUEST,
    method,
    url: urlOfWitness(witness, listener),
    headers: headersOf(witness),
    body: witness.bodyLength === undefined ? UNKNOWN_LENGTH.body : "x".repeat(bodyLength),
    webSocket,
    through: listener.entrance,
    from: isFrom ? clientOf(witness) : null,
  };
}

/** The load balancer has no port for some public listeners. */
function isReached({ entrance, port }: QueryListener): boolean {
  return entrance === "internal" || port !== undefined;
}

function headersOf(witness: Witness): Probe["headers"] {
  const own = headerLines({ ...witness, host: undefined, webSocket: false, bodyLength: 0 });
  return witness.bodyLength === undefined ? [...own, ...UNKNOWN_LENGTH.headers] : own;
}

function clientOf({ client, others }: Witness): string {
  const before = others.get("client-of-load-balancer");
  return typeof before === "string" ? before : client;
}
