// The plan's decisions about HAProxy, and the values in haproxy.cfg.

import { linesOf, placeOf, settingLine } from "../../src/check/layers/haproxy-view.ts";
import type { BackendPlan, ServerPlan } from "../../src/plan/backend-plan.ts";
import { MOST_GLITCHES, RESERVED } from "../../src/plan/limits.ts";
import type { ListenerPlan, Plan } from "../../src/plan/plan.ts";
import { frontendName } from "../../src/plan/proxy-names.ts";
import { readDurationMs } from "../../src/wiring/haproxy/read-settings.ts";
import type { HaproxyProxy, HaproxyServer, Setting } from "../../src/wiring/haproxy/wiring.ts";
import type { HaproxyLayer, Wiring } from "../../src/wiring/wiring.ts";
import type { Known, Written } from "../../src/wiring/written.ts";
import { type Fact, fact, said } from "./fact.ts";

export function haproxyFacts(plan: Plan, { haproxies }: Wiring): readonly Fact[] {
  const [layer] = haproxies;
  if (layer === undefined) return fact("haproxy.cfg", "there", null);
  return [
    ...globalFacts(plan, layer),
    ...reservedFacts(layer),
    ...statsFacts(plan, layer),
    ...routeTimeoutFacts(plan, layer),
    ...resolverFacts(plan, layer),
    ...plan.listeners.flatMap((listener) => listenerFacts(plan, listener, layer)),
    ...plan.backends.flatMap((backend) => backendFacts(plan, backend, layer)),
  ];
}

function globalFacts({ drain, limits, logs, threads }: Plan, layer: HaproxyLayer): readonly Fact[] {
  return [
    ...fact(
      "maxconn of the process",
      limits.allConnections.value,
      number(wordOf(layer, "global", "maxconn")),
    ),
    ...(limits.bufferBytes === null
      ? []
      : fact("tune.bufsize", limits.bufferBytes.value, number(wordOf(layer, "global", "tune.bufsize")))),
    ...fact("nbthread", threads.value, number(wordOf(layer, "global", "nbthread"))),
    ...fact("grace in ms", drain.graceMs.value, duration(wordOf(layer, "global", "grace"))),
    ...fact(
      "hard-stop-after in ms",
      drain.hardStopMs.value,
      duration(wordOf(layer, "global", "hard-stop-after")),
    ),
    ...fact(
      "tune.h2.fe.glitches-threshold",
      MOST_GLITCHES,
      number(wordOf(layer, "global", "tune.h2.fe.glitches-threshold")),
    ),
    ...fact("mode of the Runtime API's socket", "600", socketMode(layer)),
    ...(logs.format === "off" ? [] : fact("longest log line", "8192", longestLogLine(layer))),
    ...(logs.format === "off" ? [] : fact("log's target", logs.to.value, wordOf(layer, "global", "log"))),
  ];
}

/** The connections of frontends that clients cannot use. */
function reservedFacts(layer: HaproxyLayer): readonly Fact[] {
  const reserved = { stats: RESERVED.stats, probes: RESERVED.probes, "load-balancer-check": RESERVED.check };
  return Object.entries(reserved).flatMap(([name, planned]) => {
    const proxy = layer.wiring.proxies.find((one) => one.name === name);
    const found = proxy && number(inherited(layer, proxy, "maxconn"));
    return found ? fact(`maxconn of the frontend ${name}`, planned, found) : [];
  });
}

/** The stats page has its own port. */
function statsFacts(plan: Plan, { config, wiring }: HaproxyLayer): readonly Fact[] {
  const frontend = frontendName(plan, "stats");
  const proxy = wiring.proxies.find(({ name }) => name === frontend);
  if (plan.stats === null || proxy === undefined) return [];
  const [line] = linesOf(proxy.section, "stats", "refresh");
  const found = line && said(line.tokens[2]?.value ?? null, placeOf(config, line));
  return fact("refresh of the stats page", "10s", found, proxy.at);
}

/** Each timeout that some route sets, in all sections together. */
function routeTimeoutFacts(
  { sites, timeouts: { request } }: Plan,
  { wiring }: HaproxyLayer,
): readonly Fact[] {
  const routes = sites.flatMap((site) => site.routes);
  const forwards = routes.filter(({ action }) => action.kind === "forward");
  const listed = (some: readonly unknown[]) => [...new Set(some.map(String))].sort().join(" ");
  const times = (...words: readonly string[]) =>
    wiring.proxies
      .flatMap(({ section }) => linesOf(section, "http-request", ...words))
      .map(({ tokens }) => readDurationMs(tokens[3]?.value ?? ""));
  const waits = routes.some(({ maxBody }) => maxBody?.unknownLength === "refuse") ? [request.value] : [];
  return [
    ...(["server", "tunnel"] as const).flatMap((name) => {
      const planned = forwards.flatMap(({ timeouts }) => timeouts[`${name}Ms`] ?? []);
      const found = said(listed(times("set-timeout", name)), undefined);
      return fact(`timeouts ${name} of routes in ms`, listed(planned), found);
    }),
    ...fact("wait for bodies in ms", listed(waits), said(listed(times("wait-for-body", "time")), undefined)),
  ];
}

function resolverFacts({ resolvers }: Plan, layer: HaproxyLayer): readonly Fact[] {
  if (resolvers === null) return [];
  const times = [
    [["timeout", "resolve"], resolvers.resolve.value],
    [["timeout", "retry"], resolvers.retry.value],
    [["hold", "nx"], resolvers.holdNx.value],
    [["hold", "timeout"], resolvers.holdOther.value],
    [["hold", "refused"], resolvers.holdOther.value],
    [["hold", "other"], resolvers.holdOther.value],
  ] as const;
  return [
    ...times.flatMap(([words, ms]) =>
      fact(`${words.join(" ")} of the resolvers in ms`, ms, duration(wordOf(layer, "resolvers", ...words))),
    ),
    ...fact(
      "accepted_payload_size",
      resolvers.payloadBytes.value,
      number(wordOf(layer, "resolvers", "accepted_payload_size")),
    ),
  ];
}

function listenerFacts(plan: Plan, listener: ListenerPlan, layer: HaproxyLayer): readonly Fact[] {
  const { limits, timeouts } = plan;
  const of = (what: string) => `${what} of the listener ${listener.name}`;
  const frontend = frontendName(plan, listener);
  const proxy = layer.wiring.proxies.find(({ name }) => name === frontend);
  if (proxy === undefined) return fact(of("frontend"), listener.port.value, null);
  const bind = proxy.binds.find(({ address }) => address.ports?.from === listener.port.value);
  const expects = proxy.expectProxy.length > 0 || proxy.binds.some(({ acceptProxy }) => acceptProxy);
  const trusted = layer.wiring.sources
    .filter(({ owner, decidesProxy }) => decidesProxy && owner === proxy.name)
    .map(({ value }) => value);
  const proxied = listener.proxyProtocol.value !== "none";
  const { value: sources } = plan.loadBalancer.sources;
  const anybody = sources.some((network) => network.endsWith("/0"));
  return [
    ...fact(
      of("port"),
      listener.port.value,
      bind === undefined ? null : said(listener.port.value, bind.address.at),
      proxy.at,
    ),
    ...fact(
      of("TLS"),
      listener.tls !== null,
      said(
        proxy.binds.some(({ ssl }) => ssl),
        proxy.at,
      ),
    ),
    ...fact(of("PROXY protocol"), proxied, said(expects, proxy.at)),
    ...(proxied && !anybody
      ? fact(
          of("networks that may send a PROXY header"),
          [...sources].sort().join(" "),
          said([...new Set(trusted)].sort().join(" "), proxy.at),
        )
      : []),
    ...fact(
      of("maxconn"),
      limits.byListener.find((one) => one.listener === listener.name)?.value ?? null,
      number(inherited(layer, proxy, "maxconn")),
      proxy.at,
    ),
    ...fact(of("redispatch"), "1", said(proxy.options.get("redispatch")?.value.join(" ") ?? null, proxy.at)),
    ...fact(of("mode"), "http", settingOf(proxy.mode)),
    ...fact(of("timeout client"), timeouts.client.value, timeoutOf(proxy, "client"), proxy.at),
    ...(timeouts.handshake === null
      ? []
      : fact(of("timeout client-hs"), timeouts.handshake.value, timeoutOf(proxy, "client-hs"), proxy.at)),
    ...fact(of("timeout http-request"), timeouts.request.value, timeoutOf(proxy, "http-request"), proxy.at),
    ...fact(
      of("timeout http-keep-alive"),
      timeouts.keepAlive.value,
      timeoutOf(proxy, "http-keep-alive"),
      proxy.at,
    ),
  ];
}

function backendFacts(plan: Plan, backend: BackendPlan, layer: HaproxyLayer): readonly Fact[] {
  const of = (what: string) => `${what} of the backend ${backend.name}`;
  const proxy = layer.wiring.proxies.find(({ name, kind }) => name === backend.name && kind === "backend");
  if (proxy === undefined) return fact("backend", backend.name, null);
  const { timeouts, health } = backend;
  const timeout = (name: string, ms: number) =>
    fact(of(`timeout ${name}`), ms, timeoutOf(proxy, name), proxy.at);
  return [
    ...timeout("server", timeouts.serverMs ?? plan.timeouts.server.value),
    ...timeout("connect", timeouts.connectMs ?? plan.timeouts.connect.value),
    ...timeout("queue", timeouts.queueMs ?? plan.timeouts.queue.value),
    ...(health.kind === "none" ? [] : timeout("check", health.timeoutMs.value)),
    ...(backend.balance === null
      ? []
      : fact(of("balance"), backend.balance.value, inherited(layer, proxy, "balance"), proxy.at)),
    ...(health.kind === "http" && backend.servers.some((server) => checked(backend, server))
      ? fact(of("health check"), health.path, checkUri(layer, proxy), proxy.at)
      : []),
    ...backend.servers.flatMap((server) => serverFacts(backend, server, proxy)),
  ];
}

function serverFacts(backend: BackendPlan, planned: ServerPlan, proxy: HaproxyProxy): readonly Fact[] {
  const of = (what: string) => `${what} of the server ${backend.name}/${planned.name}`;
  const found = proxy.servers.find(({ name, template }) =>
    planned.slots === null ? name === planned.name : template !== undefined,
  );
  if (found === undefined) return fact("server", `${backend.name}/${planned.name}`, null, proxy.at);
  const { health } = backend;
  const setting = (name: string) => settingOf(found.settings.get(name));
  return [
    ...fact(of("address"), planned.host, said(found.address.host, found.address.at)),
    ...fact(of("port"), planned.port, said(found.address.ports?.from ?? null, found.address.at)),
    ...fact(of("check"), checked(backend, planned), said(found.check, found.at)),
    ...fact(of("TLS"), backend.tls !== null, said(found.ssl, found.at)),
    ...fact(of("PROXY header"), backend.proxyProtocol, said(found.sendProxy?.value ?? "none", found.at)),
    ...fact(of("backup"), planned.backup, said(found.backup, found.at)),
    ...fact(of("weight"), planned.weight, number(settingOf(found.weight)), found.at),
    ...fact(of("maxconn"), backend.maxConnections, number(settingOf(found.maxconn)), found.at),
    ...(health.kind === "none" || !checked(backend, planned)
      ? []
      : [
          ...fact(
            of("check interval"),
            health.intervalMs.value,
            duration(setting("inter") ?? CHECKS.inter),
            found.at,
          ),
          ...fact(of("rise"), health.rise.value, number(setting("rise") ?? CHECKS.rise), found.at),
          ...fact(of("fall"), health.fall.value, number(setting("fall") ?? CHECKS.fall), found.at),
        ]),
    ...(planned.slots === null
      ? []
      : fact(of("slots"), `1-${planned.slots.value}`, said(found.template ?? null, found.at))),
    ...fact(of("look-up"), planned.resolved, said(looksUp(found), found.at)),
  ];
}

/** HAProxy's defaults (manual section 5.2, inter, rise, fall). */
const CHECKS = { inter: { value: "2s" }, rise: { value: "2" }, fall: { value: "3" } } as const;

/** A variant's servers track the checks of the shared servers; those of a template cannot (manual section 5.2, track). */
function checked({ health, variantOf }: BackendPlan, { slots }: ServerPlan): boolean {
  return health.kind !== "none" && (variantOf === null || slots !== null);
}

function looksUp({ address, resolvers, initAddr }: HaproxyServer): boolean {
  return address.kind === "name" && resolvers !== undefined && initAddr?.value === "none";
}

function settingOf<T>(setting: Setting<T> | undefined): Written<T> | null {
  return setting === undefined ? null : { value: setting.value, at: setting.at };
}

function timeoutOf({ timeouts }: HaproxyProxy, name: string): Known<number> | null {
  const setting = timeouts.get(name);
  if (setting === undefined) return null;
  const { value, at } = setting;
  return value === undefined ? { unknown: "it is not a fixed duration", at } : { value, at };
}

/** The word after these, in the first section of a kind. */
function wordOf({ config }: HaproxyLayer, kind: string, ...words: readonly string[]): Written<string> | null {
  const section = config.sections.find((one) => one.kind === kind);
  const [line] = section === undefined ? [] : linesOf(section, ...words);
  const word = line?.tokens[words.length]?.value;
  return line === undefined || word === undefined ? null : { value: word, at: placeOf(config, line) };
}

/** The words after a keyword, in a proxy's own section or in the nearest defaults. */
function inherited({ config }: HaproxyLayer, proxy: HaproxyProxy, keyword: string): Written<string> | null {
  const line = settingLine(proxy, keyword);
  if (line === undefined) return null;
  const words = line.tokens.slice(1).map(({ value }) => value);
  return { value: words.join(" "), at: placeOf(config, line) };
}

/** `http-check send meth GET uri /health …`. */
function checkUri({ config }: HaproxyLayer, proxy: HaproxyProxy): Written<string> | null {
  const [line] = linesOf(proxy.section, "http-check", "send");
  const words = line?.tokens.map(({ value }) => value) ?? [];
  const uri = words[words.indexOf("uri") + 1];
  return line === undefined || uri === undefined ? null : { value: uri, at: placeOf(config, line) };
}

function number(one: Written<string> | null): Written<number | null> | null {
  return one === null ? null : { value: Number(one.value), at: one.at };
}

function duration(one: Written<string> | null): Written<number | null> | null {
  return one === null ? null : { value: readDurationMs(one.value) ?? null, at: one.at };
}

/** `stats socket PATH mode 600 …`. */
function socketMode(layer: HaproxyLayer): Written<string | null> | null {
  return wordAfter(layer, "mode", "stats", "socket");
}

function longestLogLine(layer: HaproxyLayer): Written<string | null> | null {
  return wordAfter(layer, "len", "log");
}

/** On the first line of the global section that begins with some words. */
function wordAfter(
  { config }: HaproxyLayer,
  keyword: string,
  ...start: readonly string[]
): Written<string | null> | null {
  const section = config.sections.find(({ kind }) => kind === "global");
  const [line] = section === undefined ? [] : linesOf(section, ...start);
  if (line === undefined) return null;
  const words = line.tokens.map(({ value }) => value);
  return { value: words[words.indexOf(keyword) + 1] ?? null, at: placeOf(config, line) };
}
