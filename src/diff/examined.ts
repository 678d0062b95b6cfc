// What a comparison covers: where its requests were sent, and which parts of the two sides no request reaches.
import { playedHaproxy } from "../lab/entrances.ts";
import { wayText } from "../lab/way-text.ts";
import type { Plan } from "../plan/plan.ts";
import type { Way, Wiring } from "../wiring/wiring.ts";
import type { Comparison } from "./comparison.ts";

type Examined = Pick<Comparison, "examined" | "notExamined">;

/** Requests are sent on paths that lead to a proxy of HAProxy through a known port. */
export function isExamined({ port, haproxy, proxy }: Way): boolean {
  return port !== undefined && haproxy !== null && proxy !== null;
}

export function examinedOfLayers(before: Wiring, after: Wiring): Examined {
  const sides = [before, after];
  return {
    examined: distinct(sides.flatMap(({ ways }) => ways.filter(isExamined).map((way) => wayText(way)))),
    notExamined: distinct(
      sides.flatMap((wiring) => [
        ...wiring.ways.filter((way) => !isExamined(way)).map((way) => wayText(way)),
        ...unreachedBinds(wiring),
        ...otherHaproxies(wiring),
      ]),
    ),
  };
}

export function examinedOfPlans(before: Plan, after: Plan, probes: number, played: number): Examined {
  const listeners = [before, after].flatMap((plan) => plan.listeners);
  const onlyModel = probes - played;
  return {
    examined: distinct(
      listeners.map(({ name, port, entrance }) => `listener ${name} :${port.value} (${entrance})`),
    ),
    notExamined:
      onlyModel === 0
        ? []
        : [`${onlyModel} of ${probes} kinds of request were compared by the model and not sent to HAProxy`],
  };
}

/** Binds of the tested HAProxy that no path leads to. */
function unreachedBinds(wiring: Wiring): readonly string[] {
  const layer = playedHaproxy(wiring);
  if (layer === undefined) return [];
  const reached = new Set(wiring.ways.map(({ bind }) => bind));
  return layer.wiring.proxies.flatMap(({ name, kind, binds }) =>
    binds
      .filter((bind) => !reached.has(bind))
      .map(
        ({ address }) =>
          `${kind} ${name}, bind ${address.text}: no load balancer, Service or host port in the files leads to it`,
      ),
  );
}

function otherHaproxies(wiring: Wiring): readonly string[] {
  const played = playedHaproxy(wiring);
  return wiring.haproxies
    .filter((layer) => layer !== played)
    .map(({ config }) => `${config.file}: requests are sent to ${played?.config.file} alone`);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}
