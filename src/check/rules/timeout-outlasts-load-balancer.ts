// timeout-outlasts-load-balancer: server timeout longer than the load balancer's idle timeout.
import { formatDurationMs } from "../../plan/durations.ts";
import { readCondition } from "../../wiring/haproxy/condition.ts";
import { directiveOf } from "../../wiring/haproxy/config.ts";
import { readDurationMs } from "../../wiring/haproxy/read-settings.ts";
import type { HaproxyProxy, Setting } from "../../wiring/haproxy/wiring.ts";
import { knownValue } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import { knownSetting, lineageOf, linesOf, placeOf, settingLine } from "../layers/haproxy-view.ts";
import { type BalancedPath, balancedPaths, oncePerPlaces } from "../layers/hops.ts";
import { sendsRequests } from "../layers/idle.ts";
import type { Described, Rule, RuleFinding } from "../rule.ts";
import { noted } from "../wording.ts";

export const timeoutOutlastsLoadBalancer: Rule = {
  code: "timeout-outlasts-load-balancer",
  severity: "warning",
  check: (wiring) => oncePerPlaces(onceEach(balancedPaths(wiring), keyOfWay).flatMap(findingsOf)),
};

function findingsOf(trafficPath: BalancedPath): readonly RuleFinding[] {
  const idleS = knownValue(trafficPath.loadBalancer.idleTimeoutS);
  if (idleS === undefined || sendsRequests(trafficPath.listener) === undefined) return [];
  return backendsOf(trafficPath)
    .filter(({ mode }) => mode.value === "http")
    .flatMap((backend) => [
      ...longest(trafficPath, backend, "server", idleS * 1000),
      ...(restartsIdleTimer(trafficPath, idleS * 1000)
        ? []
        : longest(trafficPath, backend, "tunnel", idleS * 1000)),
    ]);
}

/** The setting of the backend, and those of single requests: `http-request set-timeout`. One without a condition replaces all before it. */
function longest(
  trafficPath: BalancedPath,
  backend: HaproxyProxy,
  kind: Kind,
  idleMs: number,
): readonly RuleFinding[] {
  const { config } = trafficPath.haproxy;
  const lines = lineageOf(backend)
    .toReversed()
    .flatMap(({ section }) => linesOf(section, "http-request", "set-timeout", kind));
  const ofRequests = lines.map((line) => {
    const value = readDurationMs(directiveOf(line).words[3]?.value ?? "");
    return { value, at: placeOf(config, line), always: readCondition(line) === undefined };
  });
  const last = ofRequests.findLastIndex(({ always }) => always);
  const setting = last < 0 ? knownSetting(backend.timeouts.get(kind)) : undefined;
  const field = ["backends", backend.name, "timeouts", kind];
  return [
    ...(setting === undefined ? [] : [{ value: setting.value, at: setting.at, field }]),
    ...ofRequests
      .slice(Math.max(last, 0))
      .flatMap(({ value, at }) => (value === undefined ? [] : [{ value, at }])),
  ]
    .filter(({ value }) => value >= idleMs)
    .map((wait) => outlasting(trafficPath, backend, { kind, ...wait }, idleMs));
}

type Kind = "server" | "tunnel";
type Wait = Pick<Setting<number>, "value" | "at"> & Pick<Described, "field"> & { readonly kind: Kind };

/** A wait of HAProxy that the load balancer cuts short, with what is different for responses and for WebSockets. */
function outlasting(
  { loadBalancer, listener }: BalancedPath,
  { name }: HaproxyProxy,
  { kind, value, at, ...field }: Wait,
  idleMs: number,
): RuleFinding {
  const [idle, wait] = [idleMs, value].map(formatDurationMs);
  const ping = kind === "tunnel" ? "Let the application send a ping more often, or write" : "Write";
  const isTlsOfNlb = loadBalancer.kind === "nlb" && knownValue(listener.protocol) === "tls";
  const keepAlive = isTlsOfNlb ? "; TCP keep-alive does not help on a TLS listener of an NLB (AWS)" : "";
  const end =
    sendsRequests(listener) === true
      ? "and sends a 504 of its own"
      : "and the client gets no response at all instead of a 504";
  return {
    ...(kind === "server"
      ? {
          what: `HAProxy waits ${wait} for a server of \`${name}\`, the load balancer ${idle}`,
          why: `Until the server responds, no data is sent on the load balancer's connection either: after ${idle} the load balancer closes it, ${end}.`,
        }
      : {
          what: `a WebSocket to \`${name}\` may be idle for ${wait}, and the load balancer closes it after ${idle}`,
          why: `The load balancer closes every connection on which no data is sent for ${idle}, regardless of HAProxy's timeout${keepAlive}.`,
        }),
    remedy: `${ping} a \`timeout ${kind}\` below ${idle}, or a longer idle timeout of the load balancer.`,
    at: [
      noted(at, "HAProxy's timeout"),
      noted(loadBalancer.idleTimeoutS.at ?? loadBalancer.at, "closed after its idle timeout"),
    ],
    described: {
      remedy: `${ping} a shorter time, or a longer \`idleTimeout\` of the load balancer.`,
      ...field,
    },
  };
}

/** Keep-alive packets restart the timer of an NLB that passes TCP on, if HAProxy sends them soon enough (AWS, "Connection idle timeout"). */
function restartsIdleTimer({ loadBalancer, listener, proxy }: BalancedPath, idleMs: number): boolean {
  if (loadBalancer.kind !== "nlb" || knownValue(listener.protocol) !== "tcp") return false;
  const line = settingLine(proxy, "clitcpka-idle");
  const first = line && readDurationMs(directiveOf(line).words[1]?.value ?? "");
  return proxy.options.has("clitcpka") && first !== undefined && first < idleMs;
}

function keyOfWay({ loadBalancer, proxy }: BalancedPath): string {
  return `${loadBalancer.id} ${keyOf(proxy.at)}`;
}

/** Those that a frontend names; one that is computed for each request may be any. */
function backendsOf({ haproxy, proxy }: BalancedPath): readonly HaproxyProxy[] {
  if (proxy.servers.length > 0) return [proxy];
  const names = [proxy.defaultBackend?.value, ...proxy.useBackends.map(({ name }) => name)];
  const computed = names.some((name) => name?.includes("%["));
  return haproxy.wiring.proxies.filter(
    ({ kind, name, servers }) =>
      kind === "backend" && servers.length > 0 && (computed || names.includes(name)),
  );
}
