// The phases of a request through a frontend and a backend, in HAProxy's order: the order of lines counts only within a phase.
import { wordsBeforeCondition } from "../../wiring/haproxy/condition.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { FALSE, type Formula, TRUE } from "../formula.ts";
import { type Answer, type Leaf, UNCHANGED } from "../program.ts";
import { readRedirect, redirectAnswer, statusAnswer } from "./answers.ts";
import { backendOf, hasServer } from "./backends.ts";
import { one, whenChoice } from "./choice.ts";
import { evaluateFormat } from "./evaluate-expression.ts";
import { pathAndQuery, receivedMethod } from "./fetch.ts";
import { type FlowRule, readable, rulesFrom } from "./flow.ts";
import { forwardedHeaders } from "./forwarded-headers.ts";
import { initialStore } from "./initial-store.ts";
import { placeOf, ruleLines, textOf } from "./rule-lines.ts";
import { answeredByHaproxy, answeredByServer } from "./run-response.ts";
import { runHttpRules, runsWhen, runTcpRules, scopeOf } from "./run-rules.ts";
import { copyStore, type Scope, type World } from "./scope.ts";
import { testText } from "./text-tests.ts";
import { traceRule, traceWhole } from "./trace.ts";
import { serversOf } from "./use-server.ts";
import { constantText, partsOf, type Scalar, showScalar, type Value } from "./value.ts";

/** What becomes of the requests that enter at the binds of a frontend or `listen`. */
export function runFrontend(world: World, proxy: HaproxyProxy): readonly FlowRule[] {
  const flow: FlowRule[] = [];
  world.ran.add(proxy);
  const http = proxy.mode.value === "http";
  const base: Omit<Scope, "http"> = {
    world,
    readings: world.everyRequest ? world.times : undefined,
    formulas: world.formulas,
    at: proxy.at,
    proxy,
    section: proxy,
    frontend: proxy,
    store: initialStore(world, proxy),
    phase: "request",
  };
  const early: Scope = { ...base, http: false, connecting: true };
  const { client } = early.store;
  early.store.client = early.store.connectedClient;
  runTcpRules(early, ruleLines(proxy, "tcp-request", "connection"), flow, answeredByHaproxy);
  early.store.client = client;
  runTcpRules(
    { ...early, connecting: false },
    ruleLines(proxy, "tcp-request", "session"),
    flow,
    answeredByHaproxy,
  );
  const { variables } = early.store;
  // Earlier requests may have changed them.
  for (const name of [...variables.keys()])
    if (/^(?:sess|proc)\./.test(name) && world.maySet(name)) variables.delete(name);
  const scope: Scope = { ...base, http };
  runTcpRules(scope, ruleLines(proxy, "tcp-request", "content"), flow, answeredByHaproxy);
  if (http) runHttp(scope, flow);
  useBackends(scope, flow);
  return flow;
}

function runHttp(scope: Scope, flow: FlowRule[]): void {
  monitor(scope, flow);
  runHttpRules(scope, ruleLines(scope.proxy, "http-request"), flow, answeredByHaproxy);
  stats(scope, flow);
  redirects(scope, flow);
}

/** `monitor-uri`: the whole target, by any method (manual section 4.2). */
function monitor(scope: Scope, flow: FlowRule[]): void {
  const rule = ruleLines(scope.proxy, "monitor-uri").at(-1);
  const uri = rule?.line.tokens[1]?.value;
  if (rule === undefined || uri === undefined) return;
  const { formulas } = scope;
  const here = scopeOf(scope, rule, flow);
  const when = whenTarget(here, "exact", uri);
  const place = { at: here.at, text: textOf(rule.line) };
  const ending = (status: number) =>
    answeredByHaproxy(here, {
      key: `${status} monitor`,
      text: `${status} monitor-uri`,
      answer: { kind: "own", status },
    });
  for (const fail of ruleLines(scope.proxy, "monitor", "fail")) {
    const fails = runsWhen(scopeOf(scope, fail, undefined), fail);
    flow.push({
      when: formulas.and(when, fails),
      ends: ending(503),
      at: placeOf(scope.world, fail.line),
      text: textOf(fail.line),
    });
  }
  traceWhole(scope, flow, when, place);
  flow.push({ when, ends: ending(200), ...place });
}

function whenTarget(scope: Scope, kind: "exact" | "prefix", value: string): Formula {
  return whenText(scope, pathAndQuery(scope), kind, value);
}

function whenText(scope: Scope, text: Value, kind: "exact" | "prefix", value: string): Formula {
  return whenChoice(scope.formulas, text, (scalar) =>
    testText(scope, partsOf(scalar), { kind, value, ignoreCase: false }),
  );
}

/** The stats page: GET, HEAD and POST of what begins with its URI, after `http-request` and before `redirect`. */
function stats(scope: Scope, flow: FlowRule[]): void {
  const { stats: page } = scope.proxy;
  if (page === undefined) return;
  const { formulas } = scope;
  const methods = ["GET", "HEAD", "POST"].map((value) =>
    whenText(scope, receivedMethod(scope), "exact", value),
  );
  const when = formulas.and(
    whenTarget({ ...scope, at: page.uri.at }, "prefix", page.uri.value),
    formulas.or(...methods),
  );
  const auth = page.auth.length > 0 ? " with a password" : "";
  const leaf: Leaf = {
    key: `stats${auth} ${page.auth.map(({ value }) => value).join(" ")}`,
    text: `stats page${auth}`,
    answer: { kind: "own", status: auth === "" ? 200 : undefined },
  };
  statsRules(scope, when, flow);
  const ends = answeredByHaproxy({ ...scope, at: page.uri.at }, leaf);
  const place = { at: page.uri.at, text: `stats uri ${page.uri.value}` };
  traceWhole(scope, flow, when, place);
  flow.push({ when, ends, ...place });
}

/** `stats http-request {allow | deny | auth}`, for requests of the page. */
function statsRules(scope: Scope, page: Formula, flow: FlowRule[]): void {
  const { formulas } = scope;
  let left: Formula = FALSE;
  for (const rule of ruleLines(scope.proxy, "stats", "http-request")) {
    const here = scopeOf(scope, rule, flow);
    const when = formulas.and(page, runsWhen(here, rule), formulas.not(left));
    if (rule.line.tokens[2]?.value === "allow") left = formulas.or(left, when);
    else {
      const ends = answeredByHaproxy(
        here,
        statusAnswer(here, rule.line.tokens[2]?.value === "auth" ? 401 : 403),
      );
      flow.push({ when, ends, at: here.at, text: textOf(rule.line) });
    }
  }
}

/** `redirect` without `http-request` in front. */
function redirects(scope: Scope, flow: FlowRule[]): void {
  for (const rule of ruleLines(scope.proxy, "redirect")) {
    const here = scopeOf(scope, rule, flow);
    const redirect = readRedirect(
      wordsBeforeCondition(rule.line)
        .slice(1)
        .map(({ value }) => value),
      false,
    );
    if (redirect === undefined) continue;
    const place = { at: here.at, text: textOf(rule.line) };
    const ends = rulesFrom(redirectAnswer(here, redirect), (leaf) => answeredByHaproxy(here, leaf), place);
    const when = runsWhen(here, rule);
    traceRule(here, rule, flow, { runs: when, when, isExact: true });
    flow.push({ when, ends, ...place });
  }
}

function useBackends(scope: Scope, flow: FlowRule[]): void {
  const backends = new Backends(scope);
  const byDefault = backends.byDefault();
  for (const rule of ruleLines(scope.proxy, "use_backend")) {
    const here = scopeOf(scope, rule, flow);
    const name = rule.line.tokens[1];
    if (name === undefined) continue;
    const place = { at: here.at, text: textOf(rule.line) };
    const ends = rulesFrom(
      evaluateFormat(here, name.value),
      (scalar) => backends.named(scalar, here) ?? byDefault,
      place,
    );
    const when = runsWhen(here, rule);
    traceRule(here, rule, flow, { runs: when, when, isExact: true });
    flow.push({ when, ends, ...place });
  }
  const { defaultBackend } = scope.proxy;
  const text = defaultBackend === undefined ? "no backend" : `default_backend ${defaultBackend.value}`;
  const applies = byDefaultApplies(scope);
  const at = defaultBackend?.at ?? scope.proxy.at;
  if (applies !== TRUE)
    flow.push({ when: scope.formulas.not(applies), ends: backends.none(), at, text: "no backend" });
  traceWhole(scope, flow, applies, { at, text });
  flow.push({ when: TRUE, ends: byDefault, at, text });
}

/** A `default_backend` between `.if` and `.endif`. */
function byDefaultApplies(scope: Scope): Formula {
  const rule = ruleLines(scope.proxy, "default_backend").at(-1);
  return rule === undefined ? TRUE : scope.world.appliesWhen(rule.line);
}

/** The backends that a frontend leads to, each run once with the request as it is then. */
class Backends {
  readonly #scope: Scope;
  readonly #known = new Map<string, FlowRule["ends"]>();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  byDefault(): FlowRule["ends"] {
    const { proxy, world } = this.#scope;
    const name = proxy.defaultBackend?.value;
    if (name !== undefined) {
      const found = backendOf(world, name);
      if (found !== undefined) return this.#run(found);
      return anyBackend(name, this.#scope);
    }
    return proxy.kind === "listen" ? this.#ending(proxy, this.#scope) : this.none();
  }

  /** 503, and what `errorfile` makes of it. */
  none(): FlowRule["ends"] {
    const leaf = noServer(this.#scope, this.#scope.proxy);
    const answer: Answer = { ...leaf.answer, noRoute: true };
    return answeredByHaproxy(this.#scope, { ...leaf, answer });
  }

  /** undefined: the default, because there is no backend of this name. */
  named(scalar: Scalar | undefined, scope: Scope): FlowRule["ends"] | undefined {
    if (scalar === undefined) return undefined;
    const parts = partsOf(scalar);
    const name = constantText(parts);
    if (name === undefined) return this.#dynamic(scalar, scope);
    const found = backendOf(scope.world, name);
    if (found !== undefined) return this.#run(found);
    return name.includes("$") ? anyBackend(name, scope) : undefined;
  }

  /** The name is a text of the request: each backend where it is its name, else the default. */
  #dynamic(scalar: Scalar, scope: Scope): FlowRule["ends"] {
    const parts = partsOf(scalar);
    const unfollowed = parts.find((part) => part.kind === "opaque");
    if (unfollowed !== undefined)
      return anyBackend(readable(parts), scope, { id: showScalar(scalar), why: unfollowed.why });
    const named = scope.world.wiring.proxies
      .filter(({ kind }) => kind !== "frontend")
      .map((proxy) => ({
        proxy,
        when: testText(scope, parts, { kind: "exact", value: proxy.name, ignoreCase: false }),
      }));
    const rules = named
      .filter(({ when }) => when !== FALSE)
      .map(({ proxy, when }) => ({
        when,
        ends: this.#run(proxy),
        at: scope.at,
        text: `use_backend ${proxy.name}`,
      }));
    return [...rules, { when: TRUE, ends: this.byDefault(), at: scope.proxy.at, text: "default_backend" }];
  }

  #run(backend: HaproxyProxy): FlowRule["ends"] {
    const known = this.#known.get(backend.name);
    if (known !== undefined) return known;
    const made = this.#runOnce(backend);
    this.#known.set(backend.name, made);
    return made;
  }

  #runOnce(backend: HaproxyProxy): FlowRule["ends"] {
    const from = this.#scope;
    const scope: Scope = {
      ...from,
      proxy: backend,
      section: backend,
      store: copyStore(from.store),
      at: backend.at,
    };
    const flow: FlowRule[] = [];
    from.world.ran.add(backend);
    runTcpRules(scope, ruleLines(backend, "tcp-request", "content"), flow, answeredByHaproxy);
    if (scope.http && backend.mode.value === "http") {
      runHttpRules(scope, ruleLines(backend, "http-request"), flow, answeredByHaproxy);
      stats(scope, flow);
      redirects(scope, flow);
    } else if (backend.mode.value === "http") from.world.partlyRun.add(backend);
    const ends = this.#ending(backend, scope);
    if (flow.length === 0 && !from.world.everyRequest) return ends;
    flow.push({ when: TRUE, ends, at: backend.at, text: `backend ${backend.name}` });
    return flow;
  }

  #ending(backend: HaproxyProxy, scope: Scope): FlowRule["ends"] {
    const { frontend } = scope;
    if (!hasServer(backend)) return answeredByHaproxy(scope, noServer(scope, backend));
    const servers = serversOf(scope);
    const proxies = backend === frontend ? [frontend] : [frontend, backend];
    for (const proxy of proxies) if (scope.http) forwardedHeaders(scope, proxy);
    const text = `→ ${backend.name}`;
    const answer = { kind: "forward", backends: [backend.name] } as const;
    return answeredByServer(scope, { key: text, text, answer }, servers);
  }
}

/** In `mode tcp` on both sides HAProxy closes the connection: nothing has been read as HTTP. */
function noServer(
  scope: Scope,
  backend: HaproxyProxy,
): Leaf & { readonly answer: Exclude<Answer, { readonly kind: "forward" }> } {
  const http = scope.http || backend.mode.value === "http";
  return http
    ? statusAnswer(scope, 503)
    : { key: "closed", text: "connection closed", answer: { kind: "closed" } };
}

const ANY_BACKEND = { kind: "forward", backends: undefined } as const;

/** A name that is not followed, or that a variable of the environment completes: any backend, or the default. */
function anyBackend(
  text: string,
  scope: Scope,
  { id, why }: { readonly id: string; readonly why?: string } = { id: text },
): FlowRule["ends"] {
  const { world, at, frontend } = scope;
  for (const one of world.wiring.proxies) {
    if (one.kind === "frontend") continue;
    world.ran.add(one);
    world.partlyRun.add(one);
  }
  const dependsOn = [{ text: why === undefined ? text : `${text} (${why})`, at }];
  const leaf: Leaf = { key: `→ ${id}`, text: `→ ${text}`, dependsOn, answer: ANY_BACKEND };
  return answeredByServer({ ...scope, proxy: frontend }, leaf, one(UNCHANGED));
}
