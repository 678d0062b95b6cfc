// What a comparison covers: where requests enter, and which parts of the two sides no request reaches.
import { testedHaproxy } from "../lab/entrances.ts";
import { trafficPathText } from "../lab/path-text.ts";
import type { Plan } from "../plan/plan.ts";
import type { TrafficPath, Wiring } from "../wiring/wiring.ts";
import type { Comparison } from "./comparison.ts";

type Examined = Pick<Comparison, "examined" | "notExamined">;

/** Requests are sent on paths that lead to a proxy of HAProxy through a known port. */
function isExamined({ start, port, haproxy, proxy, brokenAt }: TrafficPath): boolean {
  if (brokenAt !== undefined || haproxy === undefined || proxy === undefined) return false;
  return port !== undefined || start === "bind";
}

export function examinedOfLayers(before: Wiring, after: Wiring): Examined {
  const sides = [before, after];
  return {
    examined: distinct(
      sides.flatMap(({ trafficPaths }) =>
        trafficPaths.filter(isExamined).map((path) => trafficPathText(path)),
      ),
    ),
    notExamined: distinct(
      sides.flatMap((wiring) => [
        ...wiring.trafficPaths.filter((path) => !isExamined(path)).map((path) => trafficPathText(path)),
        ...unreachedBinds(wiring),
        ...otherHaproxies(wiring),
      ]),
    ),
  };
}

export function examinedOfPlans(before: Plan, after: Plan): readonly string[] {
  const listeners = [before, after].flatMap((plan) => plan.listeners);
  return distinct(
    listeners.map(({ name, port, entrance }) => `listener ${name} :${port.value} (${entrance})`),
  );
}

function unreachedBinds(wiring: Wiring): readonly string[] {
  const layer = testedHaproxy(wiring);
  if (layer === undefined) return [];
  const unreached = "no load balancer, Service or host port in the files leads to it";
  const reached = new Set(wiring.trafficPaths.map(({ bind }) => bind));
  return layer.wiring.proxies.flatMap(({ name, kind, binds }) =>
    binds
      .filter((bind) => !reached.has(bind))
      .map(({ address }) => `${kind} ${name}, bind ${address.text}: ${unreached}`),
  );
}

function otherHaproxies(wiring: Wiring): readonly string[] {
  const tested = testedHaproxy(wiring);
  return wiring.haproxies
    .filter((layer) => layer !== tested)
    .map(({ config }) => `${config.file}: requests are sent to ${tested?.config.file} alone`);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
