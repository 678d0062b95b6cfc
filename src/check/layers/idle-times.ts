// Idle timeouts of both sides of every hop on the paths through HAProxy, and which side closes an idle connection first.
import type { Position } from "../../findings/finding.ts";
import type { Setting } from "../../wiring/haproxy/wiring.ts";
import type { Wiring } from "../../wiring/wiring.ts";
import { isKnown, type Known } from "../../wiring/written.ts";
import { keyOf, onceEach } from "../groups.ts";
import { backendsOf, knownSetting } from "./haproxy-view.ts";
import { type BalancedPath, balancedPaths } from "./hops.ts";
import { idleConnectionTime } from "./idle.ts";

/** What the connection is doing. */
export type IdleState = "between requests" | "waiting for a response" | "tunnel" | "TCP";

export interface IdleTime {
  /** `aws_lb.edge port 443` */
  readonly start: string;
  /** `load balancer → HAProxy`; towards servers with the backend. */
  readonly pair: string;
  readonly state: IdleState;
  /** In ms, on the side nearer to clients; undefined: not set, or not known. */
  readonly before: Limit;
  readonly after: Limit;
}

export interface Limit {
  readonly ms: number | undefined;
  /** `timeout server`, `idle timeout of aws_lb.edge`; `not known`. */
  readonly name: string;
  readonly at?: Position | undefined;
}

/** One row for each pair and state, of each path with other times. */
export function idleTimesOf(wiring: Wiring): readonly IdleTime[] {
  const paths = onceEach(
    balancedPaths(wiring),
    ({ loadBalancer, listener, proxy }) => `${loadBalancer.id} ${keyOf(listener.at)} ${keyOf(proxy.at)}`,
  );
  return paths.flatMap((path) => [...towardsClients(path), ...behindProxy(path)]);
}

const NOTHING: Limit = { ms: undefined, name: "" };

function startOf({ loadBalancer, port, proxy }: BalancedPath): string {
  return `${loadBalancer.id} port ${port ?? "?"} → ${proxy.name}`;
}

function towardsClients(path: BalancedPath): readonly IdleTime[] {
  const { proxy } = path;
  const start = startOf(path);
  const balancer = balancerLimit(path);
  const first = { start, pair: "client → load balancer", before: NOTHING, after: balancer };
  const second = { start, pair: "load balancer → HAProxy", before: balancer };
  const client = limitOf("timeout client", proxy.timeouts.get("client"));
  if (proxy.mode.value !== "http")
    return [
      { ...first, state: "TCP" },
      { ...second, state: "TCP", after: client },
    ];
  const idle = idleConnectionTime(proxy);
  const name =
    ["http-keep-alive", "http-request", "client"].find((one) => proxy.timeouts.has(one)) ?? "client";
  return [
    { ...first, state: "between requests" },
    { ...second, state: "between requests", after: limitOf(`timeout ${name}`, idle) },
  ];
}

/** While HAProxy waits for a server, its connection to the load balancer is idle as well. */
function behindProxy(path: BalancedPath): readonly IdleTime[] {
  const { haproxy, proxy } = path;
  const start = startOf(path);
  const balancer = balancerLimit(path);
  return backendsOf({ layer: haproxy, proxy })
    .filter(({ servers }) => servers.length > 0)
    .flatMap((backend): readonly IdleTime[] => {
      const server = limitOf("timeout server", backend.timeouts.get("server"));
      const tunnel = backend.timeouts.get("tunnel");
      const [client, after] = [proxy.timeouts.get("client"), backend.timeouts.get("server")].map(
        knownSetting,
      );
      // Without `timeout tunnel`, the shorter one of both sides holds (manual 3.2, section 4.2, timeout tunnel).
      const shorter = (client?.value ?? Infinity) < (after?.value ?? Infinity) ? "client" : "server";
      const inTunnel =
        tunnel !== undefined
          ? limitOf("timeout tunnel", tunnel)
          : limitOf(`timeout ${shorter}`, shorter === "client" ? client : after);
      const pair = `load balancer → HAProxy → ${backend.name}`;
      const http = backend.mode.value === "http";
      return [
        { start, pair, state: http ? "waiting for a response" : "TCP", before: balancer, after: server },
        { start, pair, state: "tunnel", before: balancer, after: inTunnel },
      ];
    });
}

function balancerLimit({ loadBalancer }: BalancedPath): Limit {
  const idle: Known<number> = loadBalancer.idleTimeoutS;
  const name = `idle timeout of ${loadBalancer.id}`;
  return isKnown(idle)
    ? { ms: idle.value * 1000, name, at: idle.at }
    : { ms: undefined, name: `${name} is not known: ${idle.unknown}`, at: idle.at };
}

function limitOf(name: string, setting: Setting<number | undefined> | undefined): Limit {
  return setting === undefined
    ? { ms: undefined, name: `no ${name}` }
    : {
        ms: setting.value,
        name: setting.value === undefined ? `${name} is not known` : name,
        at: setting.at,
      };
}

/** Which side closes an idle connection first; undefined: it is not known, or both at once. */
export function closesFirst({
  before,
  after,
}: Pick<IdleTime, "before" | "after">): "before" | "after" | undefined {
  if (before.ms === undefined || after.ms === undefined) return undefined;
  if (before.ms === after.ms) return undefined;
  return before.ms < after.ms ? "before" : "after";
}
