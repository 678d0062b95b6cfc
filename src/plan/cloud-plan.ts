// The cloud in front of the nodes: a load balancer in AWS and its resources.
import type { Position } from "../findings/finding.ts";
import type { Decided, ProxyProtocol } from "./plan.ts";

export interface CloudPlan {
  readonly kind: "aws-classic-elb" | "aws-nlb";
  readonly name: Decided<string>;
  /** Reachable from private networks only. */
  readonly internal: boolean;
  readonly tags: Readonly<Record<string, string>>;
  readonly listeners: readonly CloudListener[];
  /** What clients are shown; null: TLS does not end at the load balancer. */
  readonly certificate: (CloudCertificate & { readonly at: Position | undefined }) | null;
  readonly healthCheck: CloudHealthCheck;
  readonly crossZone: Decided<boolean>;
  /** Deregistration delay: how long connections through a removed node may continue, in s. */
  readonly drainingS: Decided<number>;
  /** How long connections through a node that fails its checks may continue, in s; null: the load balancer's default. */
  readonly unhealthyDrainingS: Decided<number> | null;
  /** Whether nodes see the client's own address as the source of a connection. */
  readonly keepsClientAddress: Decided<boolean>;
  /** Networks that may connect to its ports, IPv4. */
  readonly clients: Decided<readonly string[]>;
  readonly accessLogs: {
    readonly bucket: string;
    readonly prefix: string | null;
    readonly intervalMinutes: Decided<number>;
  } | null;
  /** Hosts that lead to it by a Route 53 record. */
  readonly aliases: readonly string[];
}

export interface CloudListener {
  /** The listener of HAProxy that it leads to: `http`, `https`, `stats`. */
  readonly name: string;
  readonly port: Decided<number>;
  readonly nodePort: Decided<number>;
  readonly protocol: "tcp" | "tls";
  readonly proxyProtocol: ProxyProtocol;
  /** null: it does not terminate TLS. */
  readonly tlsPolicy: Decided<string> | null;
  /** null: only an NLB that terminates TLS has an ALPN policy. */
  readonly alpn: Decided<string> | null;
  /** In s; null: it cannot be set. */
  readonly idleTimeoutS: Decided<number> | null;
}

/** `arn`: it exists. `variable`: its ARN is a variable of the account. `acm`: AWS issues it, for these names. */
export type CloudCertificate =
  | { readonly from: "arn"; readonly arn: string }
  | { readonly from: "variable" }
  | {
      readonly from: "acm";
      readonly names: readonly string[];
      /** The names whose DNS records validate all names: a wildcard has the same record as the name below it. */
      readonly validationNames: readonly string[];
    };

export interface CloudHealthCheck {
  readonly protocol: "tcp" | "http";
  readonly nodePort: Decided<number>;
  /** null: no HTTP. */
  readonly path: string | null;
  /** Protocol and port together: what the check verifies. */
  readonly because: string;
  readonly intervalS: Decided<number>;
  readonly timeoutS: Decided<number>;
  readonly healthy: Decided<number>;
  readonly unhealthy: Decided<number>;
}
