// The response of HAProxy itself to a GET, as far as its configuration decides it; responses of backends are not known.
import type { Position } from "../../findings/finding.ts";
import {
  type AclTest,
  type Condition,
  type ConditionTerm,
  readCondition,
} from "../../wiring/haproxy/condition.ts";
import { directiveOf, type HaproxyConfig, type HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { PATH_REWRITES } from "./actions.ts";
import { lineageOf, passesOn, placeOf } from "./haproxy-view.ts";

export interface Answer {
  readonly status: number;
  /** The line that decides. */
  readonly at: Position;
}

interface GetRequest {
  readonly config: HaproxyConfig;
  readonly proxy: HaproxyProxy;
  readonly bind: HaproxyBind;
  readonly path: string;
}

/** Actions that change the result of later conditions on the path or the method. */
const REWRITES: readonly string[] = [...PATH_REWRITES, "normalize-uri", "set-method"];

/**
 * undefined: not known. HAProxy goes through monitor-uri, `http-request` rules, the stats page and `redirect` rules in this order
 * (tested on 2.6 and 3.2), those of `defaults` before a section's own.
 */
export function answerTo(request: GetRequest): Answer | undefined {
  const [first] = stepsOf(request);
  if (first === undefined || first === "servers" || first.holds === undefined) return undefined;
  const { status, at } = first;
  return typeof status === "number" ? { status, at } : undefined;
}

/** A step that may end the request. `holds` undefined: the condition depends on something unknown; `status` undefined: the line rewrites it. */
export interface Step {
  readonly line?: HaproxyLine;
  readonly holds: true | undefined;
  readonly status: number | "unknown" | undefined;
  readonly at: Position;
}

/** Every step that may decide, up to the first one that certainly does; the last one is `servers` if the request may reach them. */
export function stepsOf(request: GetRequest): readonly (Step | "servers")[] {
  const { config, proxy, path } = request;
  if (proxy.mode.value !== "http") return [];
  const lines = lineageOf(proxy)
    .toReversed()
    .flatMap(({ section }) => section.lines)
    .filter((line) => !directiveOf(line).negated && line.tokens.length > 0);
  const steps: (Step | "servers")[] = [];
  for (const step of candidates(request, lines)) {
    steps.push(step);
    if (step.holds === true) return steps;
  }
  const { stats } = proxy;
  if (stats !== undefined && path.startsWith(stats.uri.value))
    return [...steps, { holds: true, status: stats.auth.length > 0 ? 401 : 200, at: stats.uri.at }];
  for (const line of lines.filter((one) => wordsOf(one)[0] === "redirect")) {
    const holds = conditionHolds(request, readCondition(line));
    if (holds === false) continue;
    steps.push({ line, holds, status: codeOf(wordsOf(line), 302), at: placeOf(config, line) });
    if (holds === true) return steps;
  }
  return [...steps, passesOn(proxy) ? "servers" : { holds: true, status: 503, at: proxy.at }];
}

/** `monitor-uri` answers before all rules; otherwise `http-request` rules that end the request, or change what later ones compare. */
function candidates(request: GetRequest, lines: readonly HaproxyLine[]): readonly Step[] {
  const { config, path } = request;
  const monitor = lines.find((line) => wordsOf(line)[0] === "monitor-uri" && wordsOf(line)[1] === path);
  if (monitor !== undefined)
    return [
      ...lines
        .filter((line) => wordsOf(line)[0] === "monitor" && wordsOf(line)[1] === "fail")
        .map((line) => ({ line, holds: undefined, status: 503, at: placeOf(config, line) })),
      { line: monitor, holds: true, status: 200, at: placeOf(config, monitor) },
    ];
  return lines
    .filter((one) => wordsOf(one)[0] === "http-request")
    .flatMap((line) => {
      const [, action = ""] = wordsOf(line);
      const status = statusOf(wordsOf(line).slice(1));
      if (status === undefined && !REWRITES.includes(action)) return [];
      const holds = conditionHolds(request, readCondition(line));
      return holds === false ? [] : [{ line, holds, status, at: placeOf(config, line) }];
    });
}

function wordsOf(line: HaproxyLine): readonly string[] {
  return line.tokens.map(({ value }) => value);
}

/** The status that an `http-request` action ends a request with; undefined: the request continues. */
function statusOf([action = "", ...words]: readonly string[]): number | "unknown" | undefined {
  switch (action) {
    case "return":
      return Number(words[words.indexOf("status") + 1] ?? 200) || 200;
    case "deny":
    case "tarpit":
      if (words.includes("deny_status")) return Number(words[words.indexOf("deny_status") + 1]);
      return action === "deny" ? 403 : 500;
    case "auth":
      return 401;
    case "redirect":
      return codeOf(words, 302);
    // A connection that ends without an answer has no status.
    case "reject":
    case "silent-drop":
    case "use-service":
      return "unknown";
    default:
      return action.startsWith("lua.") ? "unknown" : undefined;
  }
}

function codeOf(words: readonly string[], byDefault: number): number {
  return words.includes("code") ? Number(words[words.indexOf("code") + 1]) : byDefault;
}

/** undefined: not known. */
function conditionHolds(request: GetRequest, condition: Condition | undefined): boolean | undefined {
  if (condition === undefined) return true;
  const each = condition.anyOf.map((terms) => allHold(request, terms));
  if (each.includes(true)) return condition.keyword === "if";
  return each.includes(undefined) ? undefined : condition.keyword === "unless";
}

function allHold(request: GetRequest, terms: readonly ConditionTerm[]): boolean | undefined {
  const each = terms.map(({ name, test, negated }) => {
    const holds = test === undefined ? namedHolds(request, name ?? "") : testHolds(request, test);
    return holds === undefined ? undefined : holds !== negated;
  });
  if (each.includes(false)) return false;
  return each.includes(undefined) ? undefined : true;
}

/** ACLs of one name are one: any of them. */
function namedHolds(request: GetRequest, name: string): boolean | undefined {
  if (name === "TRUE") return true;
  if (name === "FALSE") return false;
  const { proxy } = request;
  const acls = lineageOf(proxy)
    .flatMap((section) => section.acls)
    .filter((acl) => acl.name === name);
  if (acls.length === 0) return undefined;
  const each = acls.map(({ test }) => testHolds(request, test));
  if (each.includes(true)) return true;
  return each.includes(undefined) ? undefined : false;
}

function testHolds(
  { path, bind }: GetRequest,
  { fetch, method, ignoreCase, files, patterns }: AclTest,
): boolean | undefined {
  // A match method, or a file.
  if (files.length > 0 || method !== undefined || ignoreCase) return undefined;
  const values = patterns.map(({ value }) => value);
  const bare = path.split("?")[0] ?? path;
  switch (fetch.value) {
    case "path":
      return values.includes(bare);
    case "path_beg":
      return values.some((value) => bare.startsWith(value));
    case "path_end":
      return values.some((value) => bare.endsWith(value));
    case "method":
      return values.includes("GET");
    case "ssl_fc":
      return bind.ssl;
    default:
      return undefined;
  }
}
