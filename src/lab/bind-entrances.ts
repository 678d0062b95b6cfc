// Requests that enter HAProxy at a bind, of layers in which no other layer leads to HAProxy.
import { directiveOf, type HaproxyLine } from "../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy } from "../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, TrafficPath, Wiring } from "../wiring/wiring.ts";
import { testedHaproxy } from "./entrances.ts";
import { covers, ownBindOf } from "./own-binds.ts";
import type { UrlParts } from "./send.ts";

/** Where no layer has a path to HAProxy, each bind begins one. */
export function withBindPaths(wiring: Wiring): Wiring {
  const layer = wiring.trafficPaths.length > 0 ? undefined : testedHaproxy(wiring);
  if (layer === undefined) return wiring;
  const trafficPaths = layer.wiring.proxies.flatMap((proxy) =>
    proxy.binds.map((bind) => pathOf(layer, proxy, bind)),
  );
  return { ...wiring, trafficPaths };
}

function pathOf(haproxy: HaproxyLayer, proxy: HaproxyProxy, bind: HaproxyBind): TrafficPath {
  const because = notEntered(haproxy, bind);
  const { ports, at } = bind.address;
  return {
    start: "bind",
    port: ports?.from,
    haproxy,
    proxy,
    bind,
    ...(because !== undefined && { brokenAt: { hop: "haproxy", kind: "unknown", because, at } }),
  };
}

function notEntered({ wiring }: HaproxyLayer, { address }: HaproxyBind): string | undefined {
  if (/^(?:quic|udp|dgram)/.test(address.prefix ?? "")) return "the lab sends no HTTP/3";
  if (address.kind === "other") return "the lab cannot connect to it";
  const prefixed = wiring.files.some(({ role }) => role === "socket-prefix");
  return address.kind === "path" && prefixed ? "`unix-bind prefix` moves the socket" : undefined;
}

/** Frontends and `listen` sections where a request can enter. */
export function frontendsOf({ trafficPaths }: Pick<Wiring, "trafficPaths">): readonly string[] {
  const names = trafficPaths.flatMap(({ start, brokenAt, proxy }) =>
    start === "bind" && brokenAt === undefined && proxy !== undefined ? [proxy.name] : [],
  );
  return [...new Set(names)];
}

export type BindEntrance =
  | { readonly path: TrafficPath; readonly bind: HaproxyBind; readonly proxy: HaproxyProxy }
  /** `frontends`: those that bind the port, where several do and nothing decides between them. */
  | { readonly refused: string; readonly frontends?: readonly string[] };

/** The bind of a frontend that suits the URL; without a frontend, the bind that has the URL's port, and its address where it is one. */
export function bindEntrance(
  paths: readonly TrafficPath[],
  url: UrlParts,
  frontend: string | undefined,
): BindEntrance {
  const all = paths.flatMap((path) => {
    const { brokenAt, bind, proxy } = path;
    return brokenAt === undefined && bind !== undefined && proxy !== undefined ? [{ path, bind, proxy }] : [];
  });
  if (frontend !== undefined) {
    const own = best(
      all.filter(({ proxy }) => proxy.name === frontend),
      url,
    );
    return own ?? { refused: `the frontend ${frontend} has no bind that the lab can connect to` };
  }
  const open = all.filter(({ bind }) => covers(bind.address, url.port));
  const exact = open.filter(({ bind }) => isExact(bind, url));
  const wild = open.filter(({ bind }) => isWild(bind));
  const candidates = [exact, wild, open].find(({ length }) => length > 0) ?? [];
  const frontends = [...new Set(candidates.map(({ proxy }) => proxy.name))];
  if (frontends.length > 1)
    return { refused: `the frontends ${frontends.join(", ")} all bind the port ${url.port}`, frontends };
  return best(candidates, url) ?? { refused: `no bind has the port ${url.port}` };
}

function best<T extends { readonly bind: HaproxyBind }>(
  candidates: readonly T[],
  url: UrlParts,
): T | undefined {
  const rank = ({ bind }: T): number =>
    (covers(bind.address, url.port) ? 16 : 0) +
    (isExact(bind, url) ? 8 : 0) +
    (bind.ssl === (url.scheme === "https") ? 4 : 0) +
    (isWild(bind) ? 2 : 0) +
    (bind.address.kind === "path" ? 0 : 1);
  return candidates.toSorted((a, b) => rank(b) - rank(a))[0];
}

function isExact({ address }: HaproxyBind, { hostname }: UrlParts): boolean {
  return address.host !== "" && address.host.toLowerCase() === hostname.replace(/^\[|\]$/g, "").toLowerCase();
}

function isWild({ address: { kind, host } }: HaproxyBind): boolean {
  return kind === "any" || kind === "variable" || host === "0.0.0.0" || host === "::";
}

/** Whether HAProxy expects a PROXY header from those who connect, or from some of them. */
export function expectsProxy(bind: HaproxyBind, proxy: HaproxyProxy): boolean {
  return bind.acceptProxy || proxy.expectProxy.length > 0;
}

/**
 * The binds whose clients connect directly: the lab sends their address in a PROXY header, and HAProxy gets `accept-proxy` for it. Not
 * binds that HAProxy itself connects to, and not where rules about the connection itself cannot be moved behind the header.
 */
export function directBinds({ wiring }: HaproxyLayer): ReadonlySet<HaproxyBind> {
  const own = new Set(wiring.servers.map((server) => ownBindOf(wiring, server)?.line));
  return new Set(
    wiring.proxies.flatMap((proxy) => {
      const direct = proxy.binds.filter(
        (bind) => !expectsProxy(bind, proxy) && !own.has(bind.line) && isStream(bind),
      );
      const lines = connectionRules(proxy);
      const all = direct.length === proxy.binds.length;
      return lines.length === 0 || (all && lines.every(isMovable) && !hasOtherRules(proxy)) ? direct : [];
    }),
  );
}

function isStream({ address: { kind, prefix } }: HaproxyBind): boolean {
  return kind !== "path" && kind !== "other" && !/^(?:quic|udp|dgram)/.test(prefix ?? "");
}

/**
 * `tcp-request connection` rules see the address of the connection, and `tcp-request session` rules that of the PROXY header (manual
 * 3.2, section 5.1, accept-proxy).
 */
export function connectionRules({ section, parent }: HaproxyProxy): readonly HaproxyLine[] {
  return [...(parent?.section.lines ?? []), ...section.lines].filter((line) => isRule(line, "connection"));
}

function hasOtherRules({ section, parent }: HaproxyProxy): boolean {
  const inherited = parent?.section.lines.some((line) => isRule(line, "connection")) ?? false;
  return inherited || section.lines.some((line) => isRule(line, "session"));
}

function isRule(line: HaproxyLine, kind: "connection" | "session"): boolean {
  const [keyword, own] = directiveOf(line).words;
  return keyword?.value === "tcp-request" && own?.value === kind;
}

/** Actions of both kinds of rules on all versions (manual 2.6, sections 4.2 tcp-request connection and tcp-request session). */
function isMovable(line: HaproxyLine): boolean {
  const action = directiveOf(line).words[2]?.value ?? "";
  return /^(?:accept|reject|silent-drop|(?:un)?set-var.*|sc-.*|track-sc\d+|set-(?:src|dst)(?:-port)?)$/.test(
    action,
  );
}
