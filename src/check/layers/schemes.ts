// Whether clients reach a proxy by HTTP or by HTTPS, wherever TLS is terminated.
import { readCondition } from "../../wiring/haproxy/condition.ts";
import { wordsText } from "../../wiring/haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy } from "../../wiring/haproxy/wiring.ts";
import type { HaproxyLayer, Wiring } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { isLocal, linesFor, linesOf, type PlacedProxy, pathsTo } from "./haproxy-view.ts";
import { memoized } from "./memoized.ts";

export type Scheme = "http" | "https";

/** Ports that clients use for plain HTTP where the same HAProxy terminates TLS on another port. */
const PLAIN_PORTS: readonly (number | undefined)[] = [80, 8080];

/** The scheme of a bind's clients; undefined: the files do not show it. */
export function schemeOf(wiring: Wiring, placed: PlacedProxy, bind: HaproxyBind): Scheme | undefined {
  if (bind.ssl) return "https";
  const protocols = pathsTo(wiring, [bind]).flatMap(({ listener }) => listener?.protocol ?? []);
  const stated = schemeInFront(protocols.map(knownValue)) ?? statedScheme(placed.proxy);
  if (stated !== undefined || protocols.length > 0) return stated;
  if (bind.acceptProxy || isLocal(bind.address) || placed.proxy.expectProxy.length > 0) return undefined;
  return terminatesTls(placed.layer) && PLAIN_PORTS.includes(bind.address.ports?.from) ? "http" : undefined;
}

/** A redirect to HTTPS or a refusal, whatever its condition: then plain HTTP is not served on purpose. */
export const rejectsPlainHttp = memoized((proxy: HaproxyProxy): boolean =>
  linesFor(proxy).some((line) => {
    const text = wordsText(line);
    return (
      /\bredirect (?:scheme|prefix|location) https\b/.test(text) || /^http-request deny(?: |$)/.test(text)
    );
  }),
);

/** The same in its own section: refusals in `defaults` are about invalid requests. */
export const rejectsPlainHttpItself = memoized(({ parent: _, ...own }: HaproxyProxy) =>
  rejectsPlainHttp(own),
);

function schemeInFront(protocols: readonly (string | undefined)[]): Scheme | undefined {
  if (protocols.some((protocol) => protocol === "tls" || protocol === "https")) return "https";
  return protocols.length === 0 || protocols.includes(undefined) ? undefined : "http";
}

const terminatesTls = memoized(({ wiring }: HaproxyLayer): boolean =>
  wiring.proxies.some(({ binds, mode }) => mode.value === "http" && binds.some(({ ssl }) => ssl)),
);

/** The scheme that the proxy itself gives to servers for every request of a plain bind. */
const statedScheme = memoized((proxy: HaproxyProxy): Scheme | undefined => {
  if (proxy.binds.some(({ ssl }) => ssl)) return undefined;
  const line = ["set-header", "add-header"]
    .flatMap((action) => linesOf(proxy.section, "http-request", action))
    .find(
      (one) => one.tokens[2]?.value.toLowerCase() === "x-forwarded-proto" && readCondition(one) === undefined,
    );
  const value = line?.tokens[3]?.value;
  return value === "http" || value === "https" ? value : undefined;
});
