// Invariants of `portico test`: each proven for all requests, or disproven by a request that HAProxy then gets.
import type { LabAnswer, LabRequestOptions } from "../lab/send.ts";
import type { NotSent } from "../lab/witness-request.ts";
import type { InvariantPlan } from "../plan/query.ts";
import type { Found, FoundRegion } from "../space/find-regions.ts";
import type { Answer } from "../space/program.ts";
import type { QueryListener } from "../space/query.ts";
import type { Planned } from "./planned.ts";
import type { SpaceInput } from "./space-input.ts";

export interface ProvenInvariant {
  readonly invariant: InvariantPlan;
  /** Requests for which it does not hold; undefined: it cannot be examined. */
  readonly found: Found | undefined;
  /** Why it cannot be examined; a sentence. */
  readonly problem?: string;
}

export interface InvariantResult extends ProvenInvariant {
  /** `unproven`: it depends on what is not known or was not examined, or cannot be examined itself. */
  readonly verdict: "proven" | "violated" | "unproven";
  readonly counterexample: Counterexample | NotSent | undefined;
}

/** The request of the first region, and HAProxy's answer. */
interface Counterexample {
  readonly answer: LabAnswer;
  /** HAProxy's answer violates the invariant, too. */
  readonly confirmed: boolean;
}

interface Sender {
  readonly request: (url: string, options: LabRequestOptions) => Promise<LabAnswer>;
}

export async function proveInvariants(
  { program, dimensions, formulas }: SpaceInput,
  invariants: readonly InvariantPlan[],
): Promise<readonly ProvenInvariant[]> {
  const { findQuestion, violationQuestion, ImpossibleQuery } = await import("../space/query.ts");
  const { findRegions } = await import("../space/find-regions.ts");
  return invariants.map((invariant) => {
    const questionOf = invariant.kind === "never" ? findQuestion : violationQuestion;
    try {
      const question = questionOf(invariant, dimensions, formulas);
      return { invariant, found: findRegions(program, question, { formulas }) };
    } catch (error) {
      if (!(error instanceof ImpossibleQuery)) throw error;
      return { invariant, found: undefined, problem: error.why };
    }
  });
}

/** The hosts of all counterexamples, for the certificates of the lab. */
export function hostsOf(proven: readonly ProvenInvariant[]): readonly string[] {
  return proven.flatMap(({ found }) => found?.regions[0]?.witness.host ?? []);
}

/** What the files prove, without sending a request. */
export function settled(
  { notExamined }: SpaceInput,
  proven: readonly ProvenInvariant[],
): readonly InvariantResult[] {
  return proven.map((one) => ({
    ...one,
    verdict: verdictOf(one, notExamined.length),
    counterexample: undefined,
  }));
}

/** Sends the first counterexample of each. */
export async function confirmedIn(
  lab: Sender,
  { dimensions, notExamined }: SpaceInput,
  proven: readonly ProvenInvariant[],
): Promise<readonly InvariantResult[]> {
  const results: InvariantResult[] = [];
  for (const one of proven) {
    const region = one.found?.regions[0];
    const counterexample = region && (await sent(lab, dimensions.listeners, one.invariant, region));
    results.push({ ...one, verdict: verdictOf(one, notExamined.length), counterexample });
  }
  return results;
}

function verdictOf({ found }: ProvenInvariant, notExamined: number): InvariantResult["verdict"] {
  if (found === undefined) return "unproven";
  if (found.regions.length > 0) return "violated";
  const isCertain = notExamined === 0 && found.undecided.length === 0 && found.incomplete === undefined;
  return isCertain ? "proven" : "unproven";
}

async function sent(
  lab: Sender,
  listeners: readonly QueryListener[],
  invariant: InvariantPlan,
  { witness, conditions, answer: predicted }: FoundRegion,
): Promise<Counterexample | NotSent> {
  const { requestOfWitness } = await import("../lab/witness-request.ts");
  const request = requestOfWitness({ witness, conditions, answers: [predicted.answer] }, listeners);
  if ("why" in request) return request;
  const answer = await lab.request(request.url, request.options);
  const { violates } = await import("../space/query.ts");
  return { answer, confirmed: violates(invariant, seenAnswer(answer)) };
}

export function seenAnswer({ refused, backend, status, location }: LabAnswer): Answer {
  if (refused !== null) return { kind: "closed" };
  if (backend !== null) return { kind: "forward", backends: [backend] };
  return {
    kind: "own",
    status: status ?? undefined,
    ...(location !== null && { location: [location] }),
  };
}

/** The invariants of a description, by its plan; undefined: it has none. */
export async function invariantsOf(
  planned: Planned,
): Promise<{ readonly input: SpaceInput; readonly proven: readonly ProvenInvariant[] } | undefined> {
  const { invariants } = planned.plan;
  if (invariants.length === 0) return undefined;
  const { spaceOfPlan } = await import("./space-input.ts");
  const input = await spaceOfPlan(planned);
  return { input, proven: await proveInvariants(input, invariants) };
}
