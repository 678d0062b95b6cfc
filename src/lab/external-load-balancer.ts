// A load balancer that the layers do not describe, in front of one port of the edge.

/** Known from the plan, because no layer describes it. */
export interface ExternalLoadBalancer {
  /** `http` and `https`: it reads requests, and sends the client address in X-Forwarded-For. */
  readonly protocol: "tcp" | "tls" | "http" | "https";
  readonly proxyProtocol: "none" | "v1" | "v2";
  /** The node port that it forwards to, where no layer has a public path to it. */
  readonly nodePort?: number;
  readonly idleTimeoutMs?: number;
  /** It enforces the Service's `loadBalancerSourceRanges`. Default: not known to. */
  readonly sourceRanges?: true;
}

export function readsRequests(external: Pick<ExternalLoadBalancer, "protocol"> | undefined): boolean {
  return external?.protocol === "http" || external?.protocol === "https";
}
