// A query over the whole space: a condition on requests, and one on their answer.

import type { NetworksQuery, StatusRange } from "../description/query-text.ts";
import type { AnswerQuery, InvariantPlan, Query, RequestQuery } from "../plan/query.ts";
import type { AddressDimension, ChoiceDimension, Dimension, TextDimension, TextTest } from "./dimension.ts";
import type { Question, Verdict } from "./find-regions.ts";
import { FALSE, type Formula, type Formulas, TRUE } from "./formula.ts";
import { globMatches } from "./location-glob.ts";
import { pattern } from "./plan/route-condition.ts";
import type { Answer } from "./program.ts";
import { isInUniverse } from "./text/values.ts";

/** The dimensions that an evaluator gives to what a query names. */
export interface QueryDimensions {
  readonly path: TextDimension;
  readonly host: TextDimension;
  readonly method: ChoiceDimension;
  readonly header: (name: string) => TextDimension;
  readonly listener: ChoiceDimension;
  readonly listeners: readonly QueryListener[];
  /** Where requests without a path are apart from others. */
  readonly form: ChoiceDimension | undefined;
}

export interface QueryListener {
  readonly name: string;
  readonly scheme: "http" | "https";
  readonly client: AddressDimension;
  /** As clients write it; undefined: not known. */
  readonly port: number | undefined;
  readonly entrance: "public" | "internal";
  /** The frontend or listen, of a haproxy.cfg. */
  readonly section?: string;
  /** The same, where only the bind is known: `port` is that of the bind. */
  readonly frontend?: string;
}

/** A part of a query that no request can have: `why` is a sentence. */
export class ImpossibleQuery extends Error {
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

function requestFormula(query: RequestQuery, on: QueryDimensions, formulas: Formulas): Formula {
  const { path, host, methods, headers } = query;
  const test = (dimension: TextDimension, of: TextTest) => formulas.test({ on: dimension, test: of });
  return formulas.and(
    listenerFormula(query, on, formulas),
    path === undefined ? TRUE : test(on.path, pathTest(path, on.path)),
    path === undefined ? TRUE : formulas.not(formIs(on, formulas, ["asterisk", "connect"])),
    host === undefined ? TRUE : test(on.host, hostTest(host, on.host)),
    host === undefined ? TRUE : formulas.not(formIs(on, formulas, ["invalid-host"])),
    methods === undefined ? TRUE : methodFormula(methods, on, formulas),
    ...Object.entries(headers ?? {}).map(([name, value]) => {
      const dimension = on.header(name.toLowerCase());
      return test(dimension, exactly(value, dimension));
    }),
  );
}

/** Requests with a path and a valid Host, of which the rules of a configuration decide. */
function ordinaryRequests({ form }: QueryDimensions, formulas: Formulas): Formula {
  return form === undefined ? TRUE : formulas.test({ on: form, test: { kind: "one-of", values: ["path"] } });
}

function formIs({ form }: QueryDimensions, formulas: Formulas, values: readonly string[]): Formula {
  return form === undefined ? FALSE : formulas.test({ on: form, test: { kind: "one-of", values } });
}

function listenerFormula(
  { listener, scheme, from }: RequestQuery,
  on: QueryDimensions,
  formulas: Formulas,
): Formula {
  const chosen = on.listeners.filter(
    (one) => (listener ?? one.name) === one.name && (scheme ?? one.scheme) === one.scheme,
  );
  if (listener !== undefined && !on.listeners.some(({ name }) => name === listener))
    throw new ImpossibleQuery(
      `There is no listener \`${listener}\`; there are ${[...new Set(on.listeners.map(({ name }) => `\`${name}\``))].join(", ")}.`,
    );
  if (chosen.length === 0 && scheme !== undefined)
    throw new ImpossibleQuery(`No request enters by ${scheme}: no listener has this scheme.`);
  const byClient = Map.groupBy(chosen, ({ client }) => client);
  return formulas.or(
    ...[...byClient].map(([client, listeners]) => {
      const values = listeners.map(({ name }) => name);
      const here = formulas.test({ on: on.listener, test: { kind: "one-of", values } });
      return formulas.and(here, from === undefined ? TRUE : clientFormula(from, client, formulas));
    }),
  );
}

function clientFormula({ networks, not }: NetworksQuery, on: AddressDimension, formulas: Formulas): Formula {
  const inside = formulas.test({ on, test: { kind: "networks", networks, comparedBy: "haproxy" } });
  return not ? formulas.not(inside) : inside;
}

function methodFormula(methods: readonly string[], on: QueryDimensions, formulas: Formulas): Formula {
  const special = [
    methods.includes("OPTIONS") ? formIs(on, formulas, ["asterisk"]) : FALSE,
    methods.includes("CONNECT") ? formIs(on, formulas, ["connect"]) : FALSE,
  ];
  const ordinary = formulas.and(
    formulas.test({ on: on.method, test: { kind: "one-of", values: methods } }),
    formulas.not(formIs(on, formulas, ["asterisk", "connect"])),
  );
  return formulas.or(ordinary, ...special);
}

function pathTest(path: NonNullable<RequestQuery["path"]>, on: TextDimension): TextTest {
  if (typeof path === "object" && "regex" in path) return pattern(path.regex);
  if (typeof path === "object") return exactly(path.exact, on);
  const own = exactly(path === "/" ? path : path.replace(/\/$/, ""), on);
  if (path === "/") return { kind: "prefix", value: "/", ignoreCase: false };
  return {
    kind: "any",
    tests: [own, { kind: "prefix", value: `${own.value}/`, ignoreCase: false }],
  };
}

function hostTest(written: string, on: TextDimension): TextTest {
  const ignoreCase = isInUniverse(on, "A");
  const host = ignoreCase ? written : written.toLowerCase();
  if (!host.startsWith("*.")) return { ...exactly(host, on), ignoreCase };
  return { ...exactly(`a${host.slice(1)}`, on), kind: "suffix", value: host.slice(1), ignoreCase };
}

function exactly(value: string, on: TextDimension): Extract<TextTest, { readonly value: string }> {
  if (isInUniverse(on, value)) return { kind: "exact", value, ignoreCase: false };
  throw new ImpossibleQuery(`No request that HAProxy routes has the ${nameOf(on)} \`${value}\`.`);
}

function nameOf({ id }: Dimension): string {
  return id.startsWith("header:") ? `header value (${id.slice("header:".length)})` : id;
}

/**
 * Which requests get an answer.
 * @throws ImpossibleQuery
 */
export function findQuestion({ request, answer }: Query, on: QueryDimensions, formulas: Formulas): Question {
  return {
    requests: requestFormula(request, on, formulas),
    verdictOf: (leaf) => mayAnswer(answer, withHost(leaf.answer, request)),
  };
}

/**
 * Which requests get another answer. Requests that HAProxy refuses before any rule, `OPTIONS *` and CONNECT are left out.
 * @throws ImpossibleQuery
 */
export function violationQuestion(
  { request, answer }: Query,
  on: QueryDimensions,
  formulas: Formulas,
): Question {
  return {
    requests: formulas.and(requestFormula(request, on, formulas), ordinaryRequests(on, formulas)),
    verdictOf: (leaf) => opposite(mustAnswer(answer, withHost(leaf.answer, request))),
  };
}

/** Whether an answer that was seen is one that an invariant excludes. */
export function violates({ kind, request, answer }: InvariantPlan, seen: Answer): boolean {
  // No answer shows why it was given.
  const { noRoute, ...own } = answer;
  if (Object.keys(own).length === 0) return seen.kind === "own";
  const found = withHost(seen, request);
  return kind === "never" ? mayAnswer(own, found) === "yes" : mustAnswer(own, found) === "no";
}

/** The host in a location is known where the query names one. */
function withHost(answer: Answer | undefined, { host }: RequestQuery): Answer | undefined {
  if (host === undefined || host.startsWith("*.")) return answer;
  if (answer?.kind !== "own" || answer.location === undefined) return answer;
  const location = answer.location.map((part) =>
    typeof part === "object" && part.from === "host" ? host : part,
  );
  return { ...answer, location };
}

/** Some request may get such an answer. Of an answer that a backend gives, statuses below 400 count. */
function mayAnswer(query: AnswerQuery, answer: Answer | undefined): Verdict {
  return all(partsOf(query, answer, (backends, wanted) => backends.includes(wanted)));
}

/** The answer is always such. A backend's counts as a success; no answer at all, or a refusal of a malformed request, is no other answer. */
function mustAnswer(query: AnswerQuery, answer: Answer | undefined): Verdict {
  if (answer?.kind === "closed" || (answer?.kind === "own" && answer.malformed === true)) return "yes";
  return all(
    partsOf(query, answer, (backends, wanted) => backends.every((backend) => backend === wanted), 200),
  );
}

/** `forwardedStatus`: the one that represents a backend's answers; without it, any below 400. */
function partsOf(
  { backend, status, redirect, noRoute }: AnswerQuery,
  answer: Answer | undefined,
  isWanted: (backends: readonly string[], wanted: string) => boolean,
  forwardedStatus?: number,
): readonly Verdict[] {
  if (answer === undefined) return ["depends"];
  const parts: Verdict[] = [];
  if (backend !== undefined) {
    const backends = answer.kind === "forward" ? answer.backends : [];
    const known = backends !== undefined && answer.kind === "forward";
    parts.push(backends === undefined ? "depends" : verdict(known && isWanted(backends, backend)));
  }
  if (status !== undefined) parts.push(statusVerdict(status, answer, forwardedStatus));
  if (redirect !== undefined) parts.push(redirectVerdict(redirect, answer));
  if (noRoute !== undefined) {
    const is = answer.kind !== "forward" && answer.noRoute === true;
    parts.push(verdict(is === noRoute));
  }
  return parts;
}

function statusVerdict(
  { from, to }: StatusRange,
  answer: Answer,
  forwardedStatus: number | undefined,
): Verdict {
  if (answer.kind === "closed") return "no";
  if (answer.kind === "forward" && answer.status === undefined) {
    if (forwardedStatus === undefined) return verdict(from < FIRST_ERROR);
    return verdict(from <= forwardedStatus && forwardedStatus <= to);
  }
  if (answer.status === undefined) return "depends";
  return verdict(from <= answer.status && answer.status <= to);
}

/** Backends may answer with any status; those from here on do not count as wanted. */
export const FIRST_ERROR = 400;

function redirectVerdict(glob: string, answer: Answer): Verdict {
  if (answer.kind === "forward" && answer.relocated === true) return "depends";
  if (answer.kind !== "own") return "no";
  if (answer.location !== undefined) return globMatches(glob, answer.location);
  return answer.status === undefined ? "depends" : "no";
}

function verdict(is: boolean): Verdict {
  return is ? "yes" : "no";
}

function all(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("no")) return "no";
  return verdicts.includes("depends") ? "depends" : "yes";
}

function opposite(of: Verdict): Verdict {
  if (of === "depends") return of;
  return verdict(of === "no");
}
