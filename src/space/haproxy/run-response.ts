// The rules for responses, `http-response` and `http-after-response`: of the backend, then of the frontend.
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { TRUE } from "../formula.ts";
import type { Answer, Leaf } from "../program.ts";
import { LOCATION_HEADER } from "./answers.ts";
import { type Choice, combine, one } from "./choice.ts";
import { type Ending, type FlowRule, rulesFrom } from "./flow.ts";
import { fixed } from "./header-lines.ts";
import { RESPONSE_STATUS } from "./request-dimensions.ts";
import { ruleLines } from "./rule-lines.ts";
import { runHttpRules } from "./run-rules.ts";
import { copyStore, notExamined, type Response, type Scope } from "./scope.ts";
import { opaque, type Scalar } from "./value.ts";

/** HAProxy answers, or closes the connection: only `http-after-response` rules run. `sent`: what a server got before. */
export function answeredByHaproxy(
  scope: Scope,
  leaf: Leaf,
  sent: Pick<Ending, "store" | "servers"> = { store: undefined },
): FlowRule["ends"] {
  const proxies = proxiesOf(scope);
  const ending: Ending = { ...sent, leaf, proxies };
  if (scope.world.everyRequest) return ending;
  const runs = scope.http && leaf.answer?.kind !== "closed" && hasRules(proxies, "http-after-response");
  return runs ? afterResponse(scope, ending, ownResponse(scope, leaf)) : ending;
}

/** A server of the backend answers. */
export function answeredByServer(scope: Scope, leaf: Leaf, servers: Choice<Leaf>): FlowRule["ends"] {
  const proxies = proxiesOf(scope);
  const ending: Ending = { leaf, store: scope.store, servers, proxies };
  const isHttp = scope.http && scope.proxy.mode.value === "http";
  if (!isHttp || scope.world.everyRequest || !hasRules(proxies, "http-response", "http-after-response"))
    return ending;
  const here = responseScope(scope, serverResponse(scope));
  const flow: FlowRule[] = [];
  for (const proxy of proxies)
    runHttpRules(here, ruleLines(proxy, "http-response"), flow, (at, own) =>
      answeredByHaproxy(at, own, { store: scope.store, servers }),
    );
  const ends = afterResponse(here, ending, here.store.response);
  return flow.length === 0 ? ends : [...flow, { when: TRUE, ends, ...placeOf(scope.proxy) }];
}

function proxiesOf({ proxy, frontend }: Scope): readonly HaproxyProxy[] {
  return proxy === frontend ? [frontend] : [proxy, frontend];
}

function hasRules(proxies: readonly HaproxyProxy[], ...keywords: readonly string[]): boolean {
  return proxies.some((proxy) => keywords.some((keyword) => ruleLines(proxy, keyword).length > 0));
}

function placeOf({ at, kind, name }: HaproxyProxy): Pick<FlowRule, "at" | "text"> {
  return { at, text: `${kind} ${name}` };
}

/** Request variables no longer exist. */
function responseScope(scope: Scope, response: Response | undefined): Scope {
  const store = copyStore({ ...scope.store, response });
  for (const name of store.variables.keys()) if (name.startsWith("req.")) store.variables.delete(name);
  return { ...scope, phase: "response", store, world: { ...scope.world, trace: undefined } };
}

function afterResponse(from: Scope, ending: Ending, response: Response | undefined): FlowRule["ends"] {
  const scope = responseScope(from, response);
  const flow: FlowRule[] = [];
  for (const proxy of ending.proxies)
    runHttpRules(scope, ruleLines(proxy, "http-after-response"), flow, (_, leaf) => ({ ...ending, leaf }));
  const ends = changedEnding(scope, ending);
  return flow.length === 0 ? ends : [...flow, { when: TRUE, ends, ...placeOf(scope.proxy) }];
}

function changedEnding({ store: { response }, proxy }: Scope, ending: Ending): FlowRule["ends"] {
  if (response === undefined) return ending;
  const { status, receivedStatus, headers } = response;
  const isRelocated = headers.has("location");
  const relocated = (leaf: Leaf): Ending => ({
    ...{ ...ending, response },
    leaf: isRelocated ? relocatedLeaf(leaf) : leaf,
  });
  if (status === receivedStatus) return relocated(ending.leaf);
  const changed = combine(receivedStatus, status, (before, now) => one({ isSame: before === now, now }));
  return rulesFrom(
    changed,
    ({ isSame, now }) => relocated(isSame ? ending.leaf : leafWithStatus(ending.leaf, now)),
    placeOf(proxy),
  );
}

function relocatedLeaf(leaf: Leaf): Leaf {
  const { answer } = leaf;
  if (answer?.kind === "forward") return { ...leaf, answer: { ...answer, relocated: true } };
  const isRedirect =
    answer?.kind === "own" && (answer.location !== undefined || isRedirectStatus(answer.status ?? 0));
  if (!isRedirect) return leaf;
  return { ...leaf, answer: { ...answer, location: [LOCATION_HEADER] } };
}

function leafWithStatus({ key, text, answer, ...leaf }: Leaf, scalar: Scalar | undefined): Leaf {
  const status = scalar?.kind === "number" ? scalar.constant : undefined;
  return {
    ...leaf,
    key: `${key} set-status ${status}`,
    text: `${text}, status ${status}`,
    ...(answer && status !== undefined && { answer: answerWithStatus(answer, status) }),
  };
}

function answerWithStatus(answer: Answer, status: number): Answer {
  if (answer.kind === "closed") return answer;
  if (answer.kind === "forward") return { ...answer, status };
  const { location, ...rest } = answer;
  return { ...rest, status, ...(isRedirectStatus(status) && location && { location }) };
}

function isRedirectStatus(status: number): boolean {
  return status >= 300 && status <= 399;
}

function serverResponse({ formulas, world, at }: Scope): Response {
  const status = one<Scalar | undefined>({
    kind: "number",
    id: RESPONSE_STATUS.id,
    range: (from, to) => {
      const [low, high] = [Math.max(from, RESPONSE_STATUS.from), Math.min(to, RESPONSE_STATUS.to)];
      if (from <= 101 && 101 <= to && low > high)
        notExamined(world, "answers with the status 101, which switches the protocol", at);
      if (low > high) return formulas.not(TRUE);
      return formulas.test({ on: RESPONSE_STATUS, test: { kind: "range", from: low, to: high } });
    },
  });
  return { by: "server", status, receivedStatus: status, headers: new Map(), removals: [] };
}

/** Its headers are known where neither a file nor the rule gives some. */
function ownResponse({ at }: Scope, { key, answer }: Leaf): Response {
  const number = answer?.kind === "own" ? answer.status : undefined;
  const why = "the status of HAProxy's own answer";
  const scalar =
    number === undefined
      ? opaque({ id: `status of ${key}`, text: "status", why, state: true, at })
      : fixed(number);
  const status = one<Scalar | undefined>(scalar);
  const isPlain = number !== undefined && !/ hdr /.test(key);
  return {
    by: isPlain ? "haproxy" : "page",
    status,
    receivedStatus: status,
    headers: new Map(),
    removals: [],
  };
}
