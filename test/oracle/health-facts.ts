// The plan's decisions about the listener for probes, and its responses.

import { linesOf, placeOf } from "../../src/check/layers/haproxy-view.ts";
import type { HttpCheckPlan, Plan } from "../../src/plan/plan.ts";
import type { HaproxyLine } from "../../src/wiring/haproxy/config.ts";
import type { HaproxyProxy } from "../../src/wiring/haproxy/wiring.ts";
import type { HaproxyLayer, Wiring } from "../../src/wiring/wiring.ts";
import { type Fact, fact, said } from "./fact.ts";

export function healthFacts({ health, loadBalancer }: Plan, { haproxies: [layer] }: Wiring): readonly Fact[] {
  if (layer === undefined) return [];
  const proxy = listening(layer, health.port.value);
  const { http } = loadBalancer.healthCheck;
  const check = http === null ? undefined : listening(layer, http.port.value);
  return [
    ...fact("port of the health listener", true, said(proxy !== undefined, undefined)),
    ...(proxy === undefined ? [] : answersOf(layer, proxy, health.waitsFor.length > 0)),
    ...(proxy === undefined || health.waitsFor.length === 0 ? [] : waitingFacts(health, layer, proxy)),
    ...(http === null
      ? []
      : fact("port of the load balancer's check", true, said(check !== undefined, undefined))),
    ...(http === null || check === undefined ? [] : checkFacts(layer, check, http)),
  ];
}

function listening({ wiring }: HaproxyLayer, port: number): HaproxyProxy | undefined {
  return wiring.proxies.find(({ binds }) => binds.some(({ address }) => address.ports?.from === port));
}

/** The load balancer's check: fails while HAProxy stops, otherwise passes. */
function checkFacts(
  layer: HaproxyLayer,
  { section, binds, at }: HaproxyProxy,
  { path, proxyProtocol }: HttpCheckPlan,
): readonly Fact[] {
  const found = linesOf(section, "http-request", "return").map((line) => {
    const words = wordsOf(line);
    const probePath = words[words.indexOf("path") + 1];
    return `${words[words.indexOf("status") + 1]} to ${probePath}${words.includes("stopping") && words.at(-2) === "stopping" ? " while it stops" : ""}`;
  });
  return [
    ...fact(
      "answers to the load balancer's check",
      `503 to ${path} while it stops, 200 to ${path}`,
      said(found.join(", "), at),
    ),
    ...fact(
      "PROXY protocol of the load balancer's check",
      proxyProtocol.value !== "none",
      said(
        binds.some(({ acceptProxy }) => acceptProxy),
        at,
      ),
    ),
    ...denyFacts(layer, section),
  ];
}

function denyFacts({ config }: HaproxyLayer, section: HaproxyProxy["section"]): readonly Fact[] {
  return linesOf(section, "http-request", "deny").flatMap((line) =>
    fact(
      "response to requests other than checks",
      404,
      said(wordsOf(line)[3] ?? null, placeOf(config, line)),
    ),
  );
}

/** The status of a probe, by the line's condition. */
function answersOf(layer: HaproxyLayer, { section, at }: HaproxyProxy, waits: boolean): readonly Fact[] {
  const lines = linesOf(section, "http-request", "return").map((line) => ({ line, words: wordsOf(line) }));
  const answer = (when: string, status: number, has: (words: readonly string[]) => boolean) => {
    const found = lines.find(({ words }) => has(words));
    const value = found === undefined ? undefined : found.words[found.words.indexOf("status") + 1];
    return fact(
      `answer of the health listener ${when}`,
      status,
      value === undefined
        ? null
        : said(value, found === undefined ? undefined : placeOf(layer.config, found.line)),
      at,
    );
  };
  const ready = (words: readonly string[]) => words.includes("/ready");
  return [
    ...answer("while HAProxy stops", 503, (words) => ready(words) && words.includes("stopping")),
    ...(waits
      ? answer("while names are resolved", 503, (words) => ready(words) && words.includes("young"))
      : []),
    ...answer(
      "when HAProxy is ready",
      200,
      (words) => ready(words) && !words.includes("stopping") && !words.includes("young"),
    ),
    ...answer("while HAProxy lives", 200, (words) => words.includes("/live")),
    ...denyFacts(layer, section),
  ];
}

function waitingFacts(
  { waitsFor, nameResolutionS }: Plan["health"],
  layer: HaproxyLayer,
  { section, at }: HaproxyProxy,
): readonly Fact[] {
  const waited = linesOf(section, "acl", "no_server_yet").flatMap(
    (line) => /^nbsrv\((.*)\)$/.exec(wordsOf(line)[2] ?? "")?.[1] ?? [],
  );
  const young = linesOf(section, "acl", "young")[0];
  return [
    ...fact(
      "backends that readiness waits for",
      [...waitsFor].sort().join(" "),
      said(waited.sort().join(" "), at),
    ),
    ...fact(
      "seconds that readiness waits",
      nameResolutionS.value,
      young === undefined ? null : said(Number(wordsOf(young).at(-1)), placeOf(layer.config, young)),
      at,
    ),
  ];
}

function wordsOf({ tokens }: HaproxyLine): readonly string[] {
  return tokens.map(({ value }) => value);
}
