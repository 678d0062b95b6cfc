// Load balancers' listeners, wherever they lead.
import type { LoadBalancer, LoadBalancerListener } from "../../wiring/cloud.ts";
import type { Wiring } from "../../wiring/wiring.ts";

export interface BalancedListener {
  readonly loadBalancer: LoadBalancer;
  readonly listener: LoadBalancerListener;
}

export function listenersOf(wiring: Wiring): readonly BalancedListener[] {
  return wiring.loadBalancers.flatMap((loadBalancer) =>
    loadBalancer.listeners.map((listener) => ({ loadBalancer, listener })),
  );
}
