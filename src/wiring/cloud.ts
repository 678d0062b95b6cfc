// The cloud's part of the wiring: load balancers with their listeners and health checks, and security groups.
import type { Position } from "../findings/finding.ts";
import type { Known, Unknown } from "./written.ts";

/** `described`: no file creates it, and a description defines how it handles connections. */
export type LoadBalancerKind = "classic-elb" | "nlb" | "alb" | "service" | "described";

export interface LoadBalancer {
  readonly kind: LoadBalancerKind;
  /** Of a `service`, if its annotations show it (src/providers). */
  readonly provider?: string | undefined;
  /** `aws_elb.app`, `module.edge.aws_lb.this`, `Service web/app-edge`: unique. */
  readonly id: string;
  readonly name: Known<string>;
  /** Not reachable from the internet. */
  readonly internal: Known<boolean>;
  readonly listeners: readonly LoadBalancerListener[];
  readonly idleTimeoutS: Known<number>;
  readonly crossZone: Known<boolean>;
  /** The deregistration delay: how long connections to a removed node may continue; 0: they are closed at once. */
  readonly drainingS: Known<number>;
  /** Groups by `SecurityGroup.id`; Unknown where one is not described here. Empty: none can be, or none is named. */
  readonly securityGroups: readonly Known<string>[];
  /** Whether nodes are attached to it by these files; undefined: the kind has no such thing (a Service). */
  readonly targetsAttached?: Known<boolean> | undefined;
  readonly accessLogs: Known<boolean>;
  readonly at: Position;
}

export interface LoadBalancerListener {
  readonly port: Known<number>;
  /** The protocol of clients. `tls`, `https`: TLS is terminated here. */
  readonly protocol: Known<"tcp" | "tls" | "http" | "https" | "udp">;
  /** Where connections go. `service`: to the Service's port of that number; `pod`: to pods without a node port. */
  readonly to: {
    readonly kind: "node" | "service" | "pod" | "nowhere";
    readonly port: Known<number>;
    /** The Service whose pods get the requests, and its port, if the load balancer names one (Ingress). */
    readonly service?: { readonly namespace: string; readonly name: string; readonly port: number | string };
  };
  /** The target group in Terraform: a TargetGroupBinding may name the Service whose pods or nodes are its targets. */
  readonly targetGroup?: { readonly address: string; readonly name?: Known<string> | undefined } | undefined;
  /** The protocol towards targets. */
  readonly targetProtocol: Known<"tcp" | "tls" | "http" | "https" | "udp">;
  /** The address family of connections to targets; undefined: the kind has no such setting. */
  readonly targetFamily?: Known<"IPv4" | "IPv6"> | undefined;
  readonly proxyProtocol: Known<"none" | "v1" | "v2">;
  /** Whether targets see the client's own address as the source of the connection. */
  readonly keepsClientAddress: Known<boolean>;
  /** An ARN or a file; undefined: there is none. */
  readonly certificate?: Known<string> | undefined;
  /** The TLS policy's name; undefined: none is named. */
  readonly tlsPolicy?: Known<string> | undefined;
  readonly alpn?: Known<string> | undefined;
  /** It sends a redirect to https itself (ALB). */
  readonly redirectsToHttps: boolean;
  /** Its own response to every request; undefined: requests go to targets. */
  readonly answer?: Known<ListenerAnswer> | undefined;
  /** undefined: targets are never checked by this load balancer. */
  readonly healthCheck?: LoadBalancerHealthCheck | undefined;
  readonly at: Position;
}

/** AWS, "Listener rules": in a redirect `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}` are those of the request. */
export type ListenerAnswer =
  | {
      readonly kind: "fixed-response";
      readonly status: number;
      readonly contentType: string;
      readonly body: string;
    }
  | {
      readonly kind: "redirect";
      readonly status: number;
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
    };

export interface LoadBalancerHealthCheck {
  readonly protocol: Known<"tcp" | "tls" | "http" | "https">;
  /** A node port, or with `traffic` the port that connections go to. */
  readonly port: Known<number | "traffic">;
  /** undefined: no HTTP. */
  readonly path?: Known<string> | undefined;
  readonly intervalS: Known<number>;
  readonly timeoutS: Known<number>;
  readonly healthy: Known<number>;
  readonly unhealthy: Known<number>;
  /** Statuses of healthy targets, `200-399` or `200,302`; undefined: the default of its kind. */
  readonly statuses?: Known<string> | undefined;
  /** Of `target` or of the block. */
  readonly at: Position;
}

export interface SecurityGroup {
  /** `aws_security_group.app_elb` */
  readonly id: string;
  readonly rules: readonly SecurityRule[];
  /** Rules that could not be read: then it is unknown what the group blocks. */
  readonly complete: boolean;
  readonly at: Position;
}

export interface SecurityRule {
  readonly direction: "ingress" | "egress";
  readonly protocol: Known<"tcp" | "udp" | "icmp" | "all">;
  /** With `all`: 0 to 65535. */
  readonly fromPort: Known<number>;
  readonly toPort: Known<number>;
  readonly networks: readonly Known<string>[];
  /** By `SecurityGroup.id`. */
  readonly groups: readonly Known<string>[];
  readonly at: Position;
}

/** Network Load Balancers, written in Terraform or made for a Service by the AWS Load Balancer Controller. */
export function isNlb({ kind, provider }: Pick<LoadBalancer, "kind" | "provider">): boolean {
  return kind === "nlb" || provider === "aws-nlb-controller";
}

/** Whether `200-399,404` contains a status; undefined: it is not such a list. */
export function statusIn(statuses: string, status: number): boolean | undefined {
  const ranges = statuses.split(",").map((part) => /^\s*(\d{3})(?:-(\d{3}))?\s*$/.exec(part));
  if (ranges.includes(null)) return undefined;
  return ranges.some((range) => status >= Number(range?.[1]) && status <= Number(range?.[2] ?? range?.[1]));
}

/** All values are unknown, for one reason. */
export function unknownHealthCheck(why: Unknown, at: Position = why.at): LoadBalancerHealthCheck {
  return {
    protocol: why,
    port: why,
    path: why,
    intervalS: why,
    timeoutS: why,
    healthy: why,
    unhealthy: why,
    at,
  };
}
