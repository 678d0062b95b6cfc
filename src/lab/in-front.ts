// What stands in front of a port of an edge whose load balancer is somebody else's.

/** What stands in front of a port, where the layers do not say it. */
export interface InFront {
  readonly protocol: "tcp" | "tls";
  readonly proxyProtocol: "none" | "v1" | "v2";
}
