// forwarded-headers-passed: X-Forwarded-* headers of clients reach the servers.
import { type Condition, readCondition } from "../../wiring/haproxy/condition.ts";
import { directiveOf, type HaproxyLine } from "../../wiring/haproxy/config.ts";
import type { Expression } from "../../wiring/haproxy/expression.ts";
import type { HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import { actionOf } from "../layers/actions.ts";
import {
  expressionsOf,
  headerOf,
  type PlacedTest,
  readsVariable,
  testsOf,
  variablesFrom,
} from "../layers/conditions.ts";
import {
  backendsOf,
  clientSides,
  lineageOf,
  linesFor,
  linesOf,
  type PlacedProxy,
  pathsTo,
  placeOf,
  reachOf,
} from "../layers/haproxy-view.ts";
import { sendsRequests } from "../layers/idle.ts";
import { forwards, servesClients } from "../layers/serves.ts";
import type { Rule, RuleFinding } from "../rule.ts";

type Header = "X-Forwarded-For" | "X-Forwarded-Proto";

const HEADERS: readonly Header[] = ["X-Forwarded-For", "X-Forwarded-Proto"];

const CHOSEN: Readonly<Record<Header, string>> = {
  "X-Forwarded-For": "the client address in their logs and limits",
  "X-Forwarded-Proto": "whether the request counts as HTTPS",
};

export const forwardedHeadersPassed: Rule = {
  code: "forwarded-headers-passed",
  severity: "warning",
  check: (wiring) =>
    clientSides(wiring).flatMap((placed) => {
      const { proxy } = placed;
      const reach = reachOf(wiring, placed);
      if (proxy.mode.value !== "http" || reach === "cluster" || reach === "itself") return [];
      if (!servesClients(placed) || redirectsPlainHttp(proxy)) return [];
      // An HTTP load balancer sets them; whether they can be trusted is another rule.
      const trafficPaths = pathsTo(wiring, proxy.binds);
      if (trafficPaths.some(({ listener }) => listener !== undefined && sendsRequests(listener) === true))
        return [];
      const passed = HEADERS.filter((header) => !replaced(placed, header));
      const copied = HEADERS.flatMap((header) => copiedFrom(placed, header) ?? []);
      if (passed.length === 0) return copied;
      const names = passed.join(" and ");
      const finding: RuleFinding = {
        what: `\`${proxy.name}\` passes on the ${names} that a client sends`,
        why: `Servers trust ${passed.length === 1 ? "it" : "them"} as if HAProxy had set ${passed.length === 1 ? "it" : "them"}: any client chooses ${passed.map((header) => CHOSEN[header]).join(", and ")}.`,
        remedy: `Write ${passed.flatMap((header) => settingsOf(header, proxy)).join(" and ")}${passed.includes("X-Forwarded-Proto") ? ", with the scheme of this port" : ""}.`,
        at: [
          proxy.binds[0]?.address.at ?? proxy.at,
          ...proxy.useBackends.slice(0, 1).map(({ at }) => at),
          proxy.defaultBackend?.at,
        ],
      };
      return [finding, ...copied];
    }),
};

/** The value is what a client sends in another header, and no later line replaces it. */
function copiedFrom({ layer, proxy }: PlacedProxy, header: Header): RuleFinding | undefined {
  const backends = backendsOf({ layer, proxy }).filter((backend) => backend !== proxy && forwards(backend));
  if (backends.length > 0 && backends.every((backend) => replaces(backend, header))) return undefined;
  const isSource = (one: Expression) => (headerOf(one) ?? "host") !== "host";
  const chosen = variablesFrom(proxy, isSource);
  const lines = lineageOf(proxy)
    .toReversed()
    .flatMap(({ section }) => linesOf(section, "http-request"));
  const trafficPaths = lines.map((line) => {
    const from = expressionsOf(line).find((one) => isSource(one) || readsVariable(one, chosen));
    return { line, from, sets: isAbout(line, header) || isAbout(line, header, "add-header") };
  });
  const last = trafficPaths.findLastIndex(
    ({ line, from, sets }) => sets && from !== undefined && isForUntrusted(proxy, line),
  );
  const { line, from } = trafficPaths[last] ?? {};
  if (line === undefined || from === undefined) return undefined;
  const after = trafficPaths
    .slice(last + 1)
    .filter((one) => one.from === undefined && isAbout(one.line, header));
  if (after.some((one) => readCondition(one.line) === undefined)) return undefined;
  const name = headerOf(from);
  return {
    what: `\`${proxy.name}\` takes ${header} from ${name === undefined ? "a header" : `\`${name}\``} that a client sends`,
    why: `Servers trust ${header} as if HAProxy had set it: any client chooses ${CHOSEN[header]}.`,
    remedy: `Write ${settingsOf(header, proxy).join(" and ")}; or add \`if { src NETWORKS }\` with the networks of the proxy that writes the header.`,
    at: [placeOf(layer.config, line), proxy.binds[0]?.address.at],
  };
}

/** Not limited to some addresses. */
function isForUntrusted(proxy: HaproxyProxy, line: HaproxyLine): boolean {
  return !testsOf(proxy, readCondition(line)).some(
    ({ test, negated }) => !negated && /^src\b/.test(test.fetch.value),
  );
}

/** A frontend with and without TLS has one line for each scheme. */
function settingsOf(header: Header, { binds }: HaproxyProxy): readonly string[] {
  const set = (value: string) => `\`http-request set-header ${header} ${value}\``;
  if (header === "X-Forwarded-For") return [set("%[src]")];
  if (binds.every(({ ssl }) => ssl)) return [set("https")];
  return binds.some(({ ssl }) => ssl)
    ? [set("https if { ssl_fc }"), set("http if !{ ssl_fc }")]
    : [set("http")];
}

/** A plain port that redirects every request to HTTPS: none reaches a server. */
function redirectsPlainHttp(proxy: HaproxyProxy): boolean {
  if (proxy.binds.length === 0 || proxy.binds.some(({ ssl }) => ssl)) return false;
  return linesFor(proxy).some((line) => {
    const condition = readCondition(line);
    if (actionOf(line) !== "redirect" || condition?.terms.length !== 1) return false;
    const tests = testsOf(proxy, condition);
    return tests.length > 0 && tests.every(leavesOutLittle);
  });
}

/** `!{ ssl_fc }`, which is true on a plain port, or anything but the path of ACME challenges, which no application answers. */
function leavesOutLittle({ test, negated }: PlacedTest): boolean {
  const fetch = test.expression?.calls[0]?.name ?? "";
  const isAcme =
    /^path(_\w+)?$/.test(fetch) &&
    test.patterns.length > 0 &&
    test.patterns.every(({ value }) => /^\^?\/\.well-known\/acme-challenge\b/.test(value));
  return negated && (fetch === "ssl_fc" || isAcme);
}

/** In the proxy, in its defaults, or in every backend that it uses by name. */
function replaced(placed: PlacedProxy, header: string): boolean {
  if (replaces(placed.proxy, header)) return true;
  const backends = backendsOf(placed).filter(forwards);
  return backends.length > 0 && backends.every((backend) => replaces(backend, header));
}

/** By a line without a condition, by one whose condition no client can avoid, or by two lines of which one always applies. */
function replaces(proxy: HaproxyProxy, header: string): boolean {
  const lines = linesFor(proxy, "http-request").filter((line) => isAbout(line, header));
  const conditions = lines.map((line) => readCondition(line));
  if (conditions.some((one) => one === undefined || testsOf(proxy, one).every(holdsForClients(proxy))))
    return true;
  const keys = conditions.flatMap((one) => (one === undefined ? [] : [keyOf(one)]));
  return keys.some(({ text, negated }) =>
    keys.some((other) => other.text === text && other.negated !== negated),
  );
}

function isAbout(line: HaproxyLine, header: string, adds = "set-header"): boolean {
  const [, action, name = "", ...rest] = directiveOf(line).words.map(({ value }) => value);
  if (action !== adds && action !== "del-header") return false;
  if (name.toLowerCase() === header.toLowerCase()) return true;
  const method = rest[rest.indexOf("-m") + 1];
  if (action !== "del-header" || !rest.includes("-m")) return false;
  if (method === "beg") return header.toLowerCase().startsWith(name.toLowerCase());
  return method === "reg" && /forwarded/i.test(name);
}

/** A test of the source address, which trusts some addresses, of the presence of the header, or `ssl_fc` if all binds are of one kind. */
function holdsForClients({ binds }: HaproxyProxy): (placed: PlacedTest) => boolean {
  return ({ test, negated }) => {
    const fetch = test.expression?.calls[0]?.name;
    if (fetch === "src") return negated;
    if (fetch === "req.hdr_names")
      return !negated && test.patterns.some(({ value }) => /forwarded/i.test(value));
    return fetch === "ssl_fc" && binds.length > 0 && binds.every(({ ssl }) => ssl !== negated);
  };
}

/** `if !x`, `unless x` and `if x` have the same text, and differ in `negated`. */
function keyOf({ keyword, text }: Condition): { readonly text: string; readonly negated: boolean } {
  const bare = text.replace(/^! */, "");
  return { text: bare, negated: (bare !== text) !== (keyword === "unless") };
}
