// The two sides of a comparison of haproxy.cfg as programs, in which one listener has one name.
import { ownBindOf } from "../lab/own-binds.ts";
import type { Sides } from "../space/compare.ts";
import { Formulas } from "../space/formula.ts";
import { evaluateHaproxy, inputOf, listenerNames } from "../space/haproxy/evaluate-haproxy.ts";
import { haproxyQueryDimensions } from "../space/haproxy/haproxy-query.ts";
import type { Program } from "../space/program.ts";
import type { QueryListener } from "../space/query.ts";
import type { HaproxyBind } from "../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../wiring/wiring.ts";
import type { Programs } from "./compare-requests.ts";
import type { IsBackend } from "./confirm.ts";

export interface HaproxySide {
  readonly layer: HaproxyLayer;
  readonly trafficPaths: Wiring["trafficPaths"];
}

type BindNames = ReadonlyMap<HaproxyBind, string>;

export interface HaproxyPrograms extends Programs {
  /** Evaluates a change of either side with the listeners of both. */
  readonly evaluate: (layer: HaproxyLayer) => Program;
  /** Public ones first. */
  readonly listeners: readonly QueryListener[];
  /** The frontend of a listener, if requests enter at binds. */
  readonly frontendOf: Sides<(listener: string) => string | undefined>;
}

export function haproxyPrograms(before: HaproxySide, after: HaproxySide): HaproxyPrograms {
  const formulas = new Formulas();
  const names = bindNames(before, after);
  const all = [...new Set([...names.before.values(), ...names.after.values()])];
  const evaluate = (layer: HaproxyLayer, named: BindNames) =>
    evaluateHaproxy(
      {
        ...inputOf(layer),
        otherListeners: all,
        names: named,
      },
      formulas,
    );
  const listenersOf = (side: HaproxySide, named: BindNames) =>
    haproxyQueryDimensions(side.layer, side, named).listeners;
  const [old, now] = [listenersOf(before, names.before), listenersOf(after, names.after)];
  const frontendIn = (own: readonly QueryListener[]) => (listener: string) =>
    own.find(({ name }) => name === listener)?.frontend;
  return {
    formulas,
    before: evaluate(before.layer, names.before),
    after: evaluate(after.layer, names.after),
    // Its binds are those of the earlier side or of the later one.
    evaluate: (layer) =>
      evaluate(layer, bindNames(before, { layer, trafficPaths: after.trafficPaths }).after),
    listeners: [...now, ...old].toSorted((a, b) => rankOf(a) - rankOf(b)),
    frontendOf: { before: frontendIn(old), after: frontendIn(now) },
  };
}

function rankOf({ entrance }: QueryListener): number {
  return entrance === "public" ? 0 : 1;
}

/** A bind has the name of one on the earlier side with the same address, or that the same port of a load balancer or Service leads to. */
function bindNames(before: HaproxySide, after: HaproxySide): Sides<BindNames> {
  const [old, now] = [listenerNames(before.layer.wiring), listenerNames(after.layer.wiring)];
  const byAddress = new Map(addressed(old).map(({ key, bind }) => [key, bind]));
  const byEntrance = entrances(before);
  const names = new Map<HaproxyBind, string>();
  const taken = new Set<string>();
  const name = (bind: HaproxyBind, same: HaproxyBind | undefined) => {
    const known = same && old.get(same);
    if (known === undefined || taken.has(known)) return;
    names.set(bind, known);
    taken.add(known);
  };
  for (const { key, bind } of addressed(now)) name(bind, byAddress.get(key));
  for (const [entrance, bind] of entrances(after)) if (!names.has(bind)) name(bind, byEntrance.get(entrance));
  for (const [bind, own] of now) if (!names.has(bind)) names.set(bind, own);
  return { before: old, after: names };
}

/** `:80`, `*:80` and `0.0.0.0:80` are one address. */
function addressed(names: BindNames): readonly { readonly key: string; readonly bind: HaproxyBind }[] {
  const counts = new Map<string, number>();
  return [...names.keys()].map((bind) => {
    const { kind, host, ports, prefix = "", text } = bind.address;
    const isAny = kind === "any" || host === "0.0.0.0";
    const address = isAny ? `${prefix} ${ports?.from}-${ports?.to}` : text;
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    return { key: `${address} ${count}`, bind };
  });
}

function entrances({ trafficPaths, layer }: HaproxySide): ReadonlyMap<string, HaproxyBind> {
  const own = trafficPaths.filter(({ start, haproxy }) => start !== "bind" && haproxy === layer);
  return new Map(own.flatMap((path) => (path.bind ? [[entranceKey(path), path.bind] as const] : [])));
}

function entranceKey({ start, port, service }: TrafficPath): string {
  return `${start} ${port} ${start === "service" ? service?.name : ""}`;
}

/** A server that is a bind of the same HAProxy sends its requests on. */
export function isBackendIn({ wiring }: HaproxyLayer): IsBackend {
  const chained = new Set(
    wiring.proxies
      .filter(({ servers }) => servers.some((server) => ownBindOf(wiring, server) !== undefined))
      .map(({ name }) => name),
  );
  return (expected, seen) => expected.includes(seen) || expected.some((name) => chained.has(name));
}
