// The timeouts of the edge, each with its reason.
import { DEFAULTS } from "../description/defaults.ts";
import { parseDurationMs } from "../description/text.ts";
import { chosen, decide, decideOr } from "./described.ts";
import { formatDurationMs, inMs, LONGEST_MS } from "./durations.ts";
import type { Lowering } from "./lowering.ts";
import type { Decided, ListenerPlan, LoadBalancerPlan, TimeoutsPlan } from "./plan.ts";

export const CHECK_TIMEOUT_REASON = "slower checks count as failed";

export function lowerTimeouts(
  lowering: Lowering,
  loadBalancer: LoadBalancerPlan,
  listeners: readonly ListenerPlan[],
): TimeoutsPlan {
  const timeouts = lowering.described.get("timeouts");
  const described = (key: keyof TimeoutsPlan, because: string, value = byDefault(key)) =>
    decide(inMs(lowering, timeouts.get(key)), value, because);
  const client = described("client", "longest idle time within a request");
  const hasHandshake = listeners.some(
    ({ tls, proxyProtocol }) => tls !== null || proxyProtocol.value !== "none",
  );
  // RFC 8446 needs two round trips; a PROXY header is the first packet.
  const handshake = described(
    "handshake",
    `TLS handshake or PROXY header; ${formatDurationMs(client.value)} on HAProxy 2.6`,
    Math.min(byDefault("handshake"), client.value),
  );
  return {
    client,
    handshake: hasHandshake ? handshake : null,
    server: described("server", "longest expected response time"),
    connect: described("connect", "survives one lost SYN (retransmitted after 1 s, RFC 6298)"),
    request: described("request", "complete request headers; slower clients get 408"),
    keepAlive: decideOr(inMs(lowering, timeouts.get("keepAlive")), keepAliveOf(loadBalancer)),
    queue: described("queue", "requests that wait longer for a server get 503"),
    check: described("check", CHECK_TIMEOUT_REASON),
  };
}

function byDefault(key: keyof TimeoutsPlan): number {
  return parseDurationMs(DEFAULTS.timeouts[key]);
}

/** How much longer HAProxy keeps a connection than the load balancer, which closes it: a retransmission and clock drift. */
const LATER_MS = 15_000;

/**
 * A request that is sent on a connection while the other side closes it is lost. Behind a load balancer that reads
 * requests the connection is the load balancer's own, which reuses it: if HAProxy closes it first, the next request
 * fails, and its client gets 502 (AWS, "Edit attributes for your Application Load Balancer", connection idle timeout;
 * "Configure the idle connection timeout for your Classic Load Balancer").
 */
function keepAliveOf({ kind, idleTimeoutMs }: LoadBalancerPlan): Decided<number> {
  const idle = formatDurationMs(idleTimeoutMs.value);
  if (kind === "http")
    return chosen(
      Math.min(LONGEST_MS, idleTimeoutMs.value + LATER_MS),
      `above the load balancer's ${idle}, which reuses connections`,
      idleTimeoutMs,
    );
  const because =
    kind === "none"
      ? "closes idle connections between requests"
      : `below the load balancer's ${idleTimeoutMs.value / 1000} s: HAProxy closes first`;
  const ms = Math.min(byDefault("keepAlive"), Math.floor(idleTimeoutMs.value / 2));
  return chosen(Math.max(1000, ms), because, ...(kind === "none" ? [] : [idleTimeoutMs]));
}
