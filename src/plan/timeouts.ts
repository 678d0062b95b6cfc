// How long HAProxy waits for whom: the edge's own times, each with its reason.

import { decideMs } from "./durations.ts";
import type { Lowering } from "./lowering.ts";
import type { LoadBalancerPlan, TimeoutsPlan } from "./plan.ts";

export function lowerTimeouts(lowering: Lowering, loadBalancer: LoadBalancerPlan): TimeoutsPlan {
  const { timeouts } = lowering.edge;
  const described = (key: keyof NonNullable<typeof timeouts>, value: number, because: string) =>
    decideMs(lowering, timeouts?.[key], ["timeouts", key], { value, because });
  const idleS = loadBalancer.idleTimeoutMs.value / 1000;
  const keepAlive = Math.max(1000, Math.min(30_000, Math.floor(loadBalancer.idleTimeoutMs.value / 2)));
  return {
    client: described(
      "client",
      30_000,
      "a client that is silent for so long in the middle of a request is gone",
    ),
    server: described("server", 30_000, "a person has given up by then"),
    connect: described(
      "connect",
      2000,
      "a lost SYN is sent again after 1 s (RFC 6298, 2.1): one loss is survived",
    ),
    request: described("request", 10_000, "a whole head in 10 s: slower is an attack or a broken client"),
    keepAlive: described(
      "keepAlive",
      keepAlive,
      loadBalancer.kind === "none"
        ? "an idle connection is cheap, but not for ever"
        : `shorter than the load balancer's ${idleS} s, so that HAProxy ends an idle connection politely before it is cut`,
    ),
    queue: described("queue", 10_000, "who waits longer for a free server gets 503"),
    check: described("check", 1000, "a check that takes longer than a second means trouble"),
  };
}
