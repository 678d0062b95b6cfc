// Holds the space of a plan to the model: the decision of the region that contains a request is the model's decision for it.
import { isDeepStrictEqual } from "node:util";
import type { RequestValue } from "../../../src/description/message-text.ts";
import { type Decision, decide, hostOf, type ModelRequest, refusal } from "../../../src/model/decide.ts";
import { forwardedClient, passedOn } from "../../../src/model/forwarded.ts";
import { applyEdits, type HeaderList, received, valuesOf } from "../../../src/model/headers.ts";
import { refusedByLoadBalancer } from "../../../src/model/load-balancer-access.ts";
import { patternOf } from "../../../src/model/pattern.ts";
import { readTarget, type Target } from "../../../src/model/request-target.ts";
import { UPGRADE } from "../../../src/model/upgrade.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { isRemovedHeader } from "../../../src/plan/proxy-headers.ts";
import { Budget } from "../../../src/space/budget.ts";
import type { DecidingRule } from "../../../src/space/chain.ts";
import type { Node } from "../../../src/space/diagram.ts";
import { Evaluator } from "../../../src/space/evaluate.ts";
import { Members } from "../../../src/space/find-member.ts";
import { Formulas } from "../../../src/space/formula.ts";
import { type Partition, partition } from "../../../src/space/partition.ts";
import { evaluatePlan, type PlanProgram } from "../../../src/space/plan/evaluate-plan.ts";
import { locateRequest } from "../../../src/space/plan/locate-request.ts";
import type { PlanDecision } from "../../../src/space/plan/plan-decision.ts";
import { NO_VALUE } from "../../../src/space/plan/plan-dimensions.ts";
import { type Leaf, UNCHANGED } from "../../../src/space/program.ts";
import { headerLines, type Witness, witnessOf } from "../../../src/space/witness.ts";
import { type FuzzRequest, isComparable } from "../../fuzz/requests.ts";
import { valueAt } from "../value-at.ts";
import { fillTemplate } from "./fill-template.ts";

export interface PlanSpace {
  readonly plan: Plan;
  readonly program: PlanProgram;
  readonly partition: Partition;
  readonly decisions: Node<DecidingRule>;
  /** By facet. */
  readonly values: ReadonlyMap<string, Node<Leaf>>;
}

export function spaceOf(plan: Plan): PlanSpace {
  const formulas = new Formulas();
  const program = evaluatePlan(plan, { formulas, paths: plan.paths });
  const parts = partition([program]);
  const budget = new Budget(50_000_000);
  const evaluator = new Evaluator(parts, formulas, budget);
  return {
    plan,
    program,
    partition: parts,
    decisions: evaluator.facet(program, "answer").decisions(),
    values: new Map(program.facets.map(({ id }) => [id, evaluator.facet(program, id).values])),
  };
}

/** What differs; undefined: the request is outside the space. `connecting`: the client that the load balancer knows. */
export function differences(
  { plan, program, partition: parts, decisions, values }: PlanSpace,
  request: ModelRequest,
  connecting: string,
): readonly string[] | undefined {
  const classes = classesOf(plan, parts, request, connecting);
  if (classes === undefined) return undefined;
  const missing = parts.dimensions.filter((_, index) => classes[index] === undefined);
  if (missing.length > 0) return missing.map(({ dimension }) => `no class of ${dimension.id}`);
  const rule = valueAt(decisions, classes as readonly number[]);
  const decision = program.decisionOf(rule.outcome);
  if (decision === undefined) return [`no decision: ${rule.text}`];
  for (const { id, view } of program.facets) {
    const value = values.get(id);
    const wanted = view?.(rule.outcome) ?? rule.outcome;
    if (value === undefined || valueAt(value, classes as readonly number[]).key !== wanted.key)
      return [`${id} is not that of the deciding rule: ${rule.text}`];
  }
  return compared(plan, program, rule.outcome, decision, request, expected(plan, request, connecting));
}

/** By dimension; undefined: the request is outside the space. */
export function classesOf(
  plan: Plan,
  parts: Partition,
  request: ModelRequest,
  connecting: string,
): readonly (number | undefined)[] | undefined {
  const located = locateRequest(plan, request, connecting);
  if ("outside" in located) return undefined;
  return parts.dimensions.map(({ dimension, classOf }) =>
    classOf(
      dimension.kind === "unknown"
        ? unknownHolds(dimension.id, request, located.value)
        : located.value(dimension.id),
    ),
  );
}

/** The request that is made for a choice of classes. */
export function witnessAt({ partition: parts }: PlanSpace, classes: readonly number[]): Witness {
  return witnessOf({ classes, values: new Members(parts).valuesOf(classes) });
}

/** As it is sent to the lab: undefined where no listener is behind it, or it is not comparable with HAProxy. */
export function sentWitness(plan: Plan, witness: Witness): FuzzRequest | undefined {
  const { listener, method, host, target, client, bodyLength, others } = witness;
  if (!plan.listeners.some(({ name }) => name === listener)) return undefined;
  // RFC 9110 section 9.3.6: the bytes after CONNECT are no body. An empty Host is not the host of its target.
  if (method === "CONNECT" && (bodyLength !== 0 || host === "")) return undefined;
  // The simulator of a load balancer that reads requests refuses longer numbers.
  if (plan.loadBalancer.kind === "http" && bodyLength !== undefined && bodyLength >= 10 ** 15)
    return undefined;
  const isSentWhole = bodyLength !== undefined && bodyLength <= LONGEST_BODY;
  const request: FuzzRequest = {
    listener: listener ?? "",
    from: String(others.get("client-of-load-balancer") ?? client),
    httpVersion: "HTTP/1.1",
    method,
    target,
    headers: headerLines(witness),
    body: isSentWhole ? "x".repeat(bodyLength) : "",
  };
  const sent = bodyLength === undefined ? { ...request, body: "0\r\n\r\n" } : request;
  return isComparable(plan, sent) ? sent : undefined;
}

/** In bytes. */
const LONGEST_BODY = 100_000;

/** What differs between a choice of classes and its witness. */
export function witnessDifferences(
  space: PlanSpace,
  classes: readonly number[],
  witness: Witness,
): readonly string[] {
  const { plan, partition: parts, decisions } = space;
  const listener = plan.listeners.find(({ name }) => name === witness.listener);
  // Where no plan is behind the listener, there is no request either.
  if (listener === undefined) return [];
  const { method, target, client } = witness;
  const headers = passedOn(listener, headerLines(witness), client);
  const request = { listener: listener.name, method, target, headers, client };
  const connecting = String(witness.others.get("client-of-load-balancer") ?? client);
  const found = classesOf(plan, parts, request, connecting);
  if (found === undefined) return [`${JSON.stringify(request)} is outside the space`];
  // Conditions that no request decides have the value that they have.
  const actual = classes.map((one, index) =>
    parts.dimensions[index]?.dimension.kind === "unknown" ? (found[index] ?? one) : one,
  );
  const located = found.map((one, index) => one ?? actual[index] ?? 0);
  const elsewhere = valueAt(decisions, located) === valueAt(decisions, actual) ? [] : ["another region"];
  const all = [...elsewhere, ...(differences(space, request, connecting) ?? ["outside the space"])];
  return all.length === 0 ? [] : [JSON.stringify(request), ...all];
}

/** The model's decision, with what the load balancer refuses. */
export function expected(plan: Plan, request: ModelRequest, connecting: string): Decision {
  const listener = plan.listeners.find(({ name }) => name === request.listener);
  const refused = listener && refusedByLoadBalancer(plan, listener, connecting);
  return refused === undefined ? decide(plan, request) : refusal(refused);
}

/** Conditions on headers that are no dimension of their own, and expressions that are not followed. */
function unknownHolds(
  id: string,
  { headers }: ModelRequest,
  located: (dimension: string) => unknown,
): boolean {
  const [, dimension = "", asked = ""] = /^test:(\S+) (.*)$/s.exec(id) ?? [];
  if (asked !== "") {
    const source: string = JSON.parse(asked).source.replace("(*NUL)", "");
    const text = located(dimension);
    return typeof text === "string" && text !== NO_VALUE && patternOf(source).test(text);
  }
  const [, name = "", kind = "", value = ""] = /^header:(\S+) (present|exact|regex) ?(.*)$/s.exec(id) ?? [];
  const actual = headers.findLast(([other]) => other.toLowerCase() === name)?.[1].trim();
  if (actual === undefined) return false;
  if (kind === "present") return true;
  return kind === "exact"
    ? actual === Buffer.from(value).toString("latin1")
    : new RegExp(value, "su").test(actual);
}

function compared(
  plan: Plan,
  program: PlanProgram,
  leaf: Leaf,
  { answer, site, route }: PlanDecision,
  request: ModelRequest,
  decision: Decision,
): readonly string[] {
  const found: string[] = [];
  const same = (what: string, got: unknown, wanted: unknown) => {
    if (!isDeepStrictEqual(got, wanted))
      found.push(`${what}: ${JSON.stringify(got)}, the model ${JSON.stringify(wanted)}`);
  };
  same("refused", answer.kind === "refused", decision.refused !== null);
  if (decision.refused !== null) return found;
  same("site", site?.name, decision.site?.name);
  same("route", route?.id, decision.route?.id);
  same("status", answer.kind === "status" ? answer.status : null, decision.status);
  const target = readTarget(request.target, plan.paths, request.method);
  if ("problem" in target) return [target.problem];
  const values = { host: hostOf(request.headers) ?? "", path: target.path, query: target.query };
  if (answer.kind === "status") {
    same(
      "location",
      answer.location && fillTemplate(answer.location, values),
      decision.location ?? undefined,
    );
    const body = request.method === "HEAD" && answer.body !== undefined ? "" : answer.body;
    same("body", body, decision.body ?? undefined);
  }
  if (answer.kind === "forward") {
    const pools = decision.backends.map(({ pool, weight }) => ({ backend: pool, weight }));
    same("backends", answer.to, pools);
    const seen = decision.seen?.target ?? "";
    const path = seen.slice(
      target.origin === "" || target.path === "" ? 0 : seen.indexOf("/", seen.indexOf("://") + 3),
    );
    const rewritten = route?.rewrite.path != null;
    const written = target.path === "" && !rewritten ? target.origin : fillTemplate(answer.path, values);
    same("path", written, path.split("?")[0]);
  }
  for (const facet of program.facets) {
    const [kind = "", name = ""] = facet.id.split(":");
    const value = facet.view?.(leaf) ?? leaf;
    const fill = (line: string) => filledLine(line, plan, request, target);
    if (kind === "response-header")
      for (const sent of [["as sent"], []])
        same(facet.id, editedBy(value, sent, fill), responseLines(name, sent, decision));
    if (kind === "request-header" && decision.seen !== null && name !== "upgrade")
      same(facet.id, ...requestLines(plan, name, value, request, decision.seen.headers, fill));
  }
  if (decision.seen !== null)
    same("other headers", ...otherHeaders(plan, program, request, decision.seen.headers));
  return found;
}

/** The lines of a header after a facet's edits. */
function editedBy(
  { key }: Leaf,
  sent: readonly string[],
  fill: (line: string) => string | undefined,
): readonly string[] {
  if (key === UNCHANGED.key) return sent;
  // The second line, if any, is about responses of HAProxy itself.
  const [kept, added, ifAbsent] = JSON.parse(key.split("\n")[0] || "[true, []]") as [
    boolean,
    string[],
    string?,
  ];
  const lines = ifAbsent !== undefined && sent.length === 0 ? [ifAbsent] : added;
  const filled = lines.map((line) => fill(line) ?? Buffer.from(line).toString("latin1"));
  return [...(kept ? sent : []), ...filled];
}

/** A line that is made of parts of the request. */
function filledLine(line: string, plan: Plan, request: ModelRequest, target: Target): string | undefined {
  const listener = plan.listeners.find((one) => one.name === request.listener);
  if (!line.startsWith("\0") || listener === undefined) return undefined;
  const client =
    listener.client.value === "x-forwarded-for" ? (forwardedClient(request.headers) ?? "") : request.client;
  const headers = received(listener, request);
  if (line === "\0host") return linesOf(headers, "host")[0] ?? "";
  if (line === "\0client") return client;
  const parts: readonly (string | RequestValue)[] = JSON.parse(line.slice("\0parts".length));
  const values = valuesOf({ ...request, client, headers }, target, hostOf(headers), listener);
  return parts
    .map((part) => (typeof part === "string" ? Buffer.from(part).toString("latin1") : values(part)))
    .join("")
    .replace(/^[ \t]+|[ \t]+$/g, "");
}

function responseLines(name: string, sent: readonly string[], { response }: Decision): readonly string[] {
  const headers = sent.map((line) => [name, line] as const);
  return linesOf(applyEdits(headers, response), name);
}

function requestLines(
  plan: Plan,
  name: string,
  value: Leaf,
  request: ModelRequest,
  seen: HeaderList,
  fill: (line: string) => string | undefined,
): [readonly string[], readonly string[]] {
  const listener = plan.listeners.find((one) => one.name === request.listener);
  const client = linesOf(seen, "x-forwarded-for")[0] ?? "";
  const sent = linesOf(listener === undefined ? [] : received(listener, request), name);
  const passed = isRemovedHeader(name) && !JSON.parse(value.key || "[false]")[0] ? [] : sent;
  const usual: Readonly<Record<string, readonly string[]>> = {
    "x-forwarded-for": [client],
    "x-forwarded-proto": [listener?.scheme ?? ""],
  };
  const before = value.key === "" ? (usual[name] ?? passed) : passed;
  return [editedBy(value, before, fill), linesOf(seen, name)];
}

/** Headers without a facet reach the backend as they are received. */
function otherHeaders(
  plan: Plan,
  program: PlanProgram,
  request: ModelRequest,
  seen: HeaderList,
): [HeaderList, HeaderList] {
  const listener = plan.listeners.find((one) => one.name === request.listener);
  const faceted = new Set(program.facets.map(({ id }) => id.replace("request-header:", "")));
  const own = ["x-forwarded-for", "x-forwarded-proto", "upgrade", "connection"];
  const others = (headers: HeaderList) =>
    headers.filter(([name]) => !faceted.has(name.toLowerCase()) && !own.includes(name.toLowerCase()));
  const sent = listener === undefined ? [] : received(listener, request);
  return [others(sent.filter((line) => line !== UPGRADE)), others(seen)];
}

function linesOf(headers: HeaderList, wanted: string): readonly string[] {
  return headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
}
