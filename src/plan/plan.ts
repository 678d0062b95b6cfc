// The plan: everything that the layers must agree on, decided once, each decision with its reason and place. Plain data.
import type { Position } from "../findings/finding.ts";
import type { ProviderName } from "../providers/provider.ts";
import type { BackendPlan } from "./backend-plan.ts";
import type { CloudPlan } from "./cloud-plan.ts";
import type { ExpectationPlan } from "./expectation-plan.ts";
import type { ImagePlan } from "./image-plan.ts";
import type { HealthPlan, KubernetesPlan } from "./kubernetes-plan.ts";
import type { Places } from "./places.ts";
import type { InvariantPlan } from "./query.ts";
import type { RawLine } from "./raw-lines.ts";
import type { SecretPlan } from "./secrets.ts";
import type { SitePlan } from "./site-plan.ts";

/** A value, its reason, and its place in the description. `decide` and `chosen` make one. */
export interface Decided<T> {
  readonly value: T;
  /** `described`, or the reason: a noun phrase or a short clause without full stop. */
  readonly because: string;
  /** Where it is described; undefined: the value is a default, or follows from other decisions. */
  readonly at: Position | undefined;
}

export interface Plan {
  /** The edge's name. */
  readonly edge: string;
  /** The Kubernetes namespace of the edge. */
  readonly namespace: string;
  /** `normal`: paths are routed and passed on in their normal form; `as-is`: as the client wrote them. */
  readonly paths: "normal" | "as-is";
  readonly loadBalancer: LoadBalancerPlan;
  /** The ports HAProxy binds for requests, public ones first. */
  readonly listeners: readonly ListenerPlan[];
  readonly stats: StatsPlan | null;
  readonly health: HealthPlan;
  readonly logs: LogsPlan;
  readonly limits: LimitsPlan;
  readonly timeouts: TimeoutsPlan;
  /** After how many ms without data TCP keep-alive probes are sent to clients; null: none are. */
  readonly tcpKeepAlive: Decided<number> | null;
  /** null: every server has an address. */
  readonly resolvers: ResolversPlan | null;
  /** Media types that are compressed; empty: none. */
  readonly compression: readonly string[];
  /** By status: HTML instead of HAProxy's own page. */
  readonly errorPages: readonly { readonly status: number; readonly html: string }[];
  readonly sites: readonly SitePlan[];
  readonly backends: readonly BackendPlan[];
  /** HAProxy's threads. */
  readonly threads: Decided<number>;
  readonly replicas: Decided<number>;
  readonly drain: DrainPlan;
  readonly dns: DnsPlan;
  readonly image: ImagePlan;
  readonly kubernetes: KubernetesPlan;
  /** null: the load balancer is not one that Terraform makes. */
  readonly cloud: CloudPlan | null;
  /** Raw lines of the global section from the description. */
  readonly rawGlobal: readonly RawLine[];
  readonly expectations: readonly ExpectationPlan[];
  readonly invariants: readonly InvariantPlan[];
  readonly places: Places;
}

/** `http`: it reads requests and forwards each of them (an ALB, a classic ELB in HTTP mode, nginx); users set it up themselves. */
export type LoadBalancerKind = "aws-classic-elb" | "aws-nlb" | "http" | "service" | "none";

export interface LoadBalancerPlan {
  readonly kind: LoadBalancerKind;
  readonly idleTimeoutMs: Decided<number>;
  /** Networks that it connects from; the only ones whose PROXY header, or X-Forwarded-For, is trusted. */
  readonly sources: Decided<readonly string[]>;
  readonly healthCheck: LoadBalancerHealthCheck;
  readonly ports: readonly LoadBalancerPort[];
  /** Of the kind `service`: the settings of the Service for the controller that creates the load balancer; null: another kind. */
  readonly service: LoadBalancerServicePlan | null;
}

export interface LoadBalancerServicePlan {
  /** null: none is described, and the Service is a plain one. */
  readonly provider: ProviderName | null;
  readonly internal: boolean;
  /** By name. */
  readonly annotations: readonly (Decided<string> & { readonly name: string })[];
  /** Networks (CIDR) that the load balancer admits; empty: all. */
  readonly sourceRanges: Decided<readonly string[]>;
}

/** How it checks nodes: by a TCP connection (AWS, "Configure health checks for your Classic Load Balancer"), or by HTTP. */
export interface LoadBalancerHealthCheck {
  /** The listener whose node port is checked, where there is no `http`. */
  readonly listener: string;
  /** null: a TCP connection. */
  readonly http: HttpCheckPlan | null;
  readonly intervalMs: Decided<number>;
  readonly timeoutMs: Decided<number>;
  /** Successes until a node is used, and failures until it is not. */
  readonly healthy: Decided<number>;
  readonly unhealthy: Decided<number>;
}

/** A GET request to a separate port, named `check` in every layer: no client of the load balancer can reach it. */
export interface HttpCheckPlan {
  readonly port: Decided<number>;
  readonly nodePort: Decided<number>;
  readonly path: string;
  readonly proxyProtocol: Decided<ProxyProtocol>;
}

/** A port of the load balancer, and the path from there to HAProxy. */
export interface LoadBalancerPort {
  /** `http`, `https` or `stats`: the listener it leads to. */
  readonly listener: string;
  readonly port: Decided<number>;
  readonly nodePort: Decided<number>;
  /** `tcp`: the load balancer forwards bytes; `tls`: it terminates TLS; `http`, `https`: it reads requests, after terminating TLS. */
  readonly protocol: "tcp" | "tls" | "http" | "https";
  readonly proxyProtocol: ProxyProtocol;
  /** The load balancer's certificate (an ARN), where it terminates TLS. */
  readonly certificate: string | null;
}

export type ProxyProtocol = "v1" | "v2" | "none";
export type Entrance = "public" | "internal";
/**
 * `connection`: the source of the connection; `proxy`: the PROXY header; `x-forwarded-for`: the last entry of that header, which the load
 * balancer appends; no other source may connect.
 */
export type ClientSource = "connection" | "proxy" | "x-forwarded-for";

export interface ListenerPlan {
  /** `http`, `https` or `internal`; unique. */
  readonly name: string;
  readonly entrance: Entrance;
  readonly port: Decided<number>;
  /** The scheme the client used, known from the port and never from a header. */
  readonly scheme: "http" | "https";
  readonly proxyProtocol: Decided<ProxyProtocol>;
  /** Where the client address comes from. */
  readonly client: Decided<ClientSource>;
  /** TLS that HAProxy terminates; null: the load balancer does, or there is none. */
  readonly tls: TlsPlan | null;
  /** Every known host is sent to https, except for routes with `plainHttp: serve`; null: requests are served. */
  readonly httpsRedirect: { readonly status: number } | null;
  /** By scheme: the port that a redirect from here to this scheme leads to, as clients write it. */
  readonly redirectPorts: { readonly http: number; readonly https: number };
  /** A Host with this prefix (lower case) is an in-cluster client on this public port; null: there are none. */
  readonly internalHostPrefix: string | null;
  /** The name of the site for such clients. */
  readonly internalHostSite: string | null;
  /** Client networks that may connect; empty: all. */
  readonly allow: readonly string[];
  /** Headers of the load balancer or CDN in front that are kept, in lower case; they are removed otherwise (`isRemovedHeader`). */
  readonly trustedHeaders: readonly string[];
  readonly raw: readonly RawLine[];
  readonly at: Position | undefined;
}

export interface TlsPlan {
  /** `secret`: mounted from there, the key next to it as `file`.key (manual 3.1, ssl-load-extra-files); null: it is in the container. */
  readonly certificates: readonly {
    readonly file: string;
    readonly secret: string | null;
    readonly hosts: readonly string[];
  }[];
  readonly minVersion: Decided<"1.2" | "1.3">;
  /** Application protocols offered, preferred first (RFC 7301). */
  readonly alpn: readonly ("h2" | "http/1.1")[];
}

export interface StatsPlan {
  readonly port: Decided<number>;
  readonly public: boolean;
  readonly user: { readonly name: string; readonly password: SecretPlan } | null;
}

export interface LogsPlan {
  /** `stdout`, a socket's path, or address:port. */
  readonly to: Decided<string>;
  readonly format: "json" | "httplog" | "off";
  readonly facility: string;
  readonly level: string;
}

export interface LimitsPlan {
  /** Concurrent client connections to one HAProxy. */
  readonly maxConnections: Decided<number>;
  /** All concurrent connections to one HAProxy: of clients, probes and metrics collectors. */
  readonly allConnections: Decided<number>;
  /** The part of `maxConnections` that each listener may have. */
  readonly byListener: readonly (Decided<number> & { readonly listener: string })[];
  /** HAProxy's buffers, with the part kept free for headers that are added; null: HAProxy's own 16 KiB. */
  readonly bufferBytes: (Decided<number> & { readonly rewriteBytes: number }) | null;
  /** File descriptors that HAProxy needs for them. */
  readonly fileDescriptors: Decided<number>;
  /** Bytes of memory that one HAProxy needs when all connections are in use. */
  readonly memoryBytes: Decided<number>;
}

/** All in ms. */
export interface TimeoutsPlan {
  readonly client: Decided<number>;
  /** For the whole of a TLS handshake or PROXY header; HAProxy 2.6 takes `client` for it. null: no listener has either. */
  readonly handshake: Decided<number> | null;
  readonly server: Decided<number>;
  readonly connect: Decided<number>;
  readonly request: Decided<number>;
  readonly keepAlive: Decided<number>;
  readonly queue: Decided<number>;
  readonly check: Decided<number>;
}

/** How HAProxy resolves names of servers at run time (manual section 5.3). All in ms but the size. */
export interface ResolversPlan {
  readonly resolve: Decided<number>;
  readonly retry: Decided<number>;
  readonly holdNx: Decided<number>;
  readonly holdOther: Decided<number>;
  readonly payloadBytes: Decided<number>;
  /** Name servers as `address:port`; empty: the pod's own. */
  readonly nameServers: readonly string[];
}

/** How the pod's C library resolves names (resolv.conf); HAProxy has its own resolvers. */
export interface DnsPlan {
  /** Options of the pod's dnsConfig, `value` null: the option has none. */
  readonly options: readonly (Decided<string | null> & { readonly name: string })[];
  /** HAProxy's name servers instead of the cluster's, as `address` or `address:port`; empty: those of the pod's resolv.conf. */
  readonly nameServers: Decided<readonly string[]>;
  /** HAProxy queries them over TCP instead of UDP. */
  readonly tcp: boolean;
  /** Those of them that the pod's resolv.conf gets, as addresses; empty: the cluster's. */
  readonly podNameServers: Decided<readonly string[]>;
}

/** How a pod is removed without losing a request: from the detection by the load balancer to the grace period of the kubelet. */
export interface DrainPlan {
  /** Until no load balancer or node sends new connections, in ms. */
  readonly detectionMs: Decided<number>;
  /** How long HAProxy accepts new connections after SIGUSR1, in ms (manual section 3.1, grace). */
  readonly graceMs: Decided<number>;
  /** How long in-flight requests and connections may take after that, in ms, before HAProxy closes them (manual 3.1, hard-stop-after). */
  readonly hardStopMs: Decided<number>;
  /** terminationGracePeriodSeconds: SIGKILL follows. */
  readonly gracePeriodS: Decided<number>;
}
