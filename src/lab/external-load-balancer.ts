// What stands in front of a port of an edge whose load balancer is somebody else's.

/** What stands in front of a port, where the layers do not say it. */
export interface ExternalLoadBalancer {
  /** `http` and `https`: it reads requests, and says in X-Forwarded-For whose they are. */
  readonly protocol: "tcp" | "tls" | "http" | "https";
  readonly proxyProtocol: "none" | "v1" | "v2";
  /** The node port that it leads to, where no layer has a way there that begins outside. */
  readonly nodePort?: number;
  readonly idleTimeoutMs?: number;
  /** It refuses clients outside the Service's `loadBalancerSourceRanges`; by default it is not known to. */
  readonly sourceRanges?: true;
}

export function readsRequests(front: Pick<ExternalLoadBalancer, "protocol"> | undefined): boolean {
  return front?.protocol === "http" || front?.protocol === "https";
}
