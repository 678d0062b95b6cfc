// Lowering of invariants: the requests, and the outcome that they always or never have.
import type { z } from "zod";
import { readNetworks, readStatus } from "../description/query-text.ts";
import { type invariant, OUTCOMES_OF_ALL } from "../description/schema/invariant.ts";
import { type DescriptionPath, type Lowering, suggestion } from "./lowering.ts";
import type { AnswerQuery, InvariantPlan, RequestQuery } from "./query.ts";

type Invariant = z.output<typeof invariant>;
type Requests = NonNullable<Invariant["always"]>;
type Outcome = NonNullable<Invariant["then"]>;

/** The edge that invariants are about, described or read from layers. */
export interface InvariantsAbout extends Pick<Lowering, "at" | "report"> {
  /** Names of backends. */
  readonly backends: readonly string[];
}

export function lowerInvariants(lowering: Lowering): readonly InvariantPlan[] {
  const { at, report, edge } = lowering;
  const about = { at, report, backends: Object.keys(edge.backends ?? {}) };
  return planInvariants(about, edge.invariants ?? [], ["invariants"]);
}

/** `path`: where the list is. */
export function planInvariants(
  about: InvariantsAbout,
  invariants: readonly Invariant[],
  path: DescriptionPath,
): readonly InvariantPlan[] {
  return invariants.flatMap((one, index) => planInvariant(about, one, [...path, index]));
}

function planInvariant(
  about: InvariantsAbout,
  one: Invariant,
  path: DescriptionPath,
): readonly InvariantPlan[] {
  const kind = one.never === undefined ? "always" : "never";
  const requests = one.never ?? one.always;
  const outcome = one.never ?? one.then;
  const both = one.never !== undefined && (one.always !== undefined || one.then !== undefined);
  if (requests === undefined || outcome === undefined || both || !hasOutcome(outcome)) {
    about.report({
      code: "invalid-invariant",
      what: "the invariant has no outcome, or both forms",
      why: "Nothing would be proven.",
      remedy: "Write `never: { …, status: 2xx }`, or `always: { … }` and `then: { status: 403 }`.",
      path,
    });
    return [];
  }
  checkBackend(about, outcome, [...path, kind === "never" ? "never" : "then", "backend"]);
  return [
    {
      kind,
      request: requestOf(requests),
      answer: answerOf(outcome),
      text: textOf(one),
      at: about.at(path),
    },
  ];
}

function hasOutcome(outcome: Outcome): boolean {
  return OUTCOMES_OF_ALL.some((key) => outcome[key] !== undefined);
}

function checkBackend(
  { report, backends }: InvariantsAbout,
  { backend }: Outcome,
  path: DescriptionPath,
): void {
  if (backend === undefined || backends.includes(backend)) return;
  report({
    code: "unknown-backend",
    what: `there is no backend \`${backend}\``,
    why: "The invariant says nothing about any backend.",
    remedy: suggestion(backend, backends),
    path,
  });
}

function requestOf({ path, host, method, scheme, from, header, listener }: Requests): RequestQuery {
  const networks = from === undefined ? undefined : readNetworks(from);
  return {
    ...(path !== undefined && { path: typeof path === "object" && "prefix" in path ? path.prefix : path }),
    ...(host !== undefined && { host }),
    ...(method !== undefined && { methods: [method].flat() }),
    ...(scheme !== undefined && { scheme }),
    ...(networks !== undefined && { from: networks }),
    ...(header !== undefined && { headers: header }),
    ...(listener !== undefined && { listener }),
  };
}

function answerOf({ backend, status, redirect, noRoute }: Outcome): AnswerQuery {
  const range = status === undefined ? undefined : readStatus(String(status));
  return {
    ...(backend !== undefined && { backend }),
    ...(range !== undefined && { status: range }),
    ...(redirect !== undefined && { redirect }),
    ...(noRoute !== undefined && { noRoute }),
  };
}

/** `never: { path: /admin, status: 2xx }`. */
function textOf(one: Invariant): string {
  return Object.entries(one)
    .map(([key, value]) => `${key}: ${written(value)}`)
    .join(", ");
}

function written(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const parts = Object.entries(value).map(([key, part]) => `${key}: ${written(part)}`);
  return parts.length === 0 ? "{}" : `{ ${parts.join(", ")} }`;
}
