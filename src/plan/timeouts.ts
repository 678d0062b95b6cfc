// The timeouts of the edge, each with its reason.

import { decide } from "./described.ts";
import { formatDurationMs, inMs, LONGEST_MS } from "./durations.ts";
import type { Lowering } from "./lowering.ts";
import type { ListenerPlan, LoadBalancerPlan, TimeoutsPlan } from "./plan.ts";

/** RFC 8446 needs two round trips; a PROXY header is the first packet. */
const HANDSHAKE_MS = 10_000;

/** A server answers a check within milliseconds. */
export const CHECK_TIMEOUT = { ms: 1000, because: "slower checks count as failed" } as const;

export function lowerTimeouts(
  lowering: Lowering,
  loadBalancer: LoadBalancerPlan,
  listeners: readonly ListenerPlan[],
): TimeoutsPlan {
  const timeouts = lowering.described.get("timeouts");
  const described = (key: keyof TimeoutsPlan, value: number, because: string) =>
    decide(inMs(lowering, timeouts.get(key)), value, because);
  const client = described("client", 30_000, "longest idle time within a request");
  const hasHandshake = listeners.some(
    ({ tls, proxyProtocol }) => tls !== null || proxyProtocol.value !== "none",
  );
  const handshake = described(
    "handshake",
    Math.min(HANDSHAKE_MS, client.value),
    `TLS handshake or PROXY header; ${formatDurationMs(client.value)} on HAProxy 2.6`,
  );
  return {
    client,
    handshake: hasHandshake ? handshake : null,
    server: described("server", 30_000, "longest expected response time"),
    connect: described("connect", 2000, "survives one lost SYN (retransmitted after 1 s, RFC 6298)"),
    request: described("request", 10_000, "complete request headers; slower clients get 408"),
    keepAlive: described("keepAlive", ...keepAliveOf(loadBalancer)),
    queue: described("queue", 10_000, "requests that wait longer for a server get 503"),
    check: described("check", CHECK_TIMEOUT.ms, CHECK_TIMEOUT.because),
  };
}

/** How much longer HAProxy keeps a connection than the load balancer, which closes it: a retransmission and clock drift. */
const LATER_MS = 15_000;

/**
 * A request that is sent on a connection while the other side closes it is lost. Behind a load balancer that reads requests the
 * connection is the load balancer's own, which uses it again: ended by HAProxy first, the next request meets a closed one, and its client gets 502
 * (AWS, "Edit attributes for your Application Load Balancer", connection idle timeout; "Configure the idle connection timeout for your Classic
 * Load Balancer").
 */
function keepAliveOf({ kind, idleTimeoutMs }: LoadBalancerPlan): readonly [value: number, because: string] {
  const idle = formatDurationMs(idleTimeoutMs.value);
  if (kind === "http")
    return [
      Math.min(LONGEST_MS, idleTimeoutMs.value + LATER_MS),
      `above the load balancer's ${idle}, which reuses connections`,
    ];
  const value = Math.max(1000, Math.min(30_000, Math.floor(idleTimeoutMs.value / 2)));
  return [
    value,
    kind === "none"
      ? "closes idle connections between requests"
      : `below the load balancer's ${idleTimeoutMs.value / 1000} s: HAProxy closes first`,
  ];
}
