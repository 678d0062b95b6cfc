// Facts about a cloud that creates load balancers for Services, each with its source document.

export type ProviderName =
  | "aws-nlb-controller"
  | "aws-in-tree"
  | "google"
  | "azure"
  | "digitalocean"
  | "hetzner"
  | "scaleway"
  | "openstack"
  | "ovh"
  | "linode"
  | "oracle"
  | "ibm"
  | "civo"
  | "metallb";

export type ProxyVersion = "v1" | "v2";
export type TrafficPolicy = "Cluster" | "Local";
export type Annotations = Readonly<Record<string, string>>;

/** An annotation to write, with the reason: a phrase. */
export interface Annotation {
  readonly name: string;
  readonly value: string;
  readonly because: string;
}

/** A value with the annotation that sets it; `by` undefined: the provider's default. */
export interface Sourced<T> {
  readonly value: T;
  readonly by?: string | undefined;
}

/** Not known from the Service; `unknown` is the reason, a phrase. */
export interface Unsourced {
  readonly unknown: string;
  readonly by?: string | undefined;
}

export type Reading<T> = Sourced<T> | Unsourced;

/** The part of a Service that determines its load balancer. */
export interface ServiceText {
  readonly annotations: Annotations;
  readonly loadBalancerClass?: string | undefined;
  readonly externalTrafficPolicy: TrafficPolicy;
  /** undefined: Kubernetes chooses it (`Local`), or there is none. */
  readonly healthCheckNodePort?: number | undefined;
  /** The Service's own ports. */
  readonly ports: readonly ServicePortText[];
}

export interface ServicePortText {
  readonly port: number;
  readonly name?: string | undefined;
  /** undefined: the cluster chooses it. */
  readonly nodePort?: number | undefined;
  readonly appProtocol?: string | undefined;
}

/** The protocol of a port towards HAProxy. */
export interface PortAsked {
  readonly port: number;
  readonly proxy: ProxyVersion | "none";
  /** The certificate with which TLS is terminated here; undefined: it is not. */
  readonly certificate?: string | undefined;
}

/** Requested settings of the load balancer. */
export interface ServiceRequirements {
  readonly ports: readonly PortAsked[];
  readonly internal: boolean;
  /** undefined: the provider's default is right, or it cannot be set. */
  readonly idleTimeoutS?: number | undefined;
}

/** How the load balancer determines which nodes get connections. */
export interface HealthCheckFact {
  /** What is checked: kube-proxy, which reports whether the node has a ready pod (`Local`) or only that it runs itself (port 10256). */
  readonly answeredBy: "haproxy" | "kube-proxy";
  readonly protocol: "tcp" | "http";
  readonly port: "traffic" | "healthCheckNodePort" | number;
  readonly path?: string | undefined;
  /** Whether it starts with a PROXY header if connections do: kube-proxy does not support the header. */
  readonly withProxy: boolean;
  /** undefined: not documented. */
  readonly intervalS?: number | undefined;
  readonly timeoutS?: number | undefined;
  readonly healthy?: number | undefined;
  readonly unhealthy?: number | undefined;
}

export type HealthCheckField =
  | "protocol"
  | "port"
  | "path"
  | "intervalS"
  | "timeoutS"
  | "healthy"
  | "unhealthy"
  | "statuses";

/** Annotation names. */
export type HealthCheckFields = Readonly<Record<HealthCheckField, string>>;

/** What a Service sets of its health check, as text; the port `traffic-port` is the one that connections go to. */
export type HealthCheckTexts = Readonly<Partial<Record<HealthCheckField, Sourced<string> | undefined>>>;

export interface ProxyFact {
  /** Empty: not documented. HAProxy reads both (manual 5.1, accept-proxy). */
  readonly versions: readonly ProxyVersion[];
  /** Whether it can be on for one port and off for another. */
  readonly perPort: boolean;
  readonly write: (ports: readonly PortAsked[]) => readonly Annotation[];
  readonly read: (service: ServiceText, port: number) => Reading<ProxyVersion | "none">;
}

export interface TlsFact {
  /** What names the certificate: a phrase, `the ARN of a certificate`. */
  readonly certificate: string;
  readonly write: (ports: readonly PortAsked[]) => readonly Annotation[];
  /** undefined: TLS does not end there. */
  readonly read: (service: ServiceText, port: number) => Reading<string> | undefined;
}

export interface IdleTimeoutFact {
  /** undefined: not documented. */
  readonly defaultS?: number | undefined;
  /** The allowed range, in seconds; undefined: not documented. `stepS`: only multiples of it. */
  readonly range?: { readonly leastS: number; readonly mostS: number } | undefined;
  readonly stepS: number;
  /** undefined: it cannot be changed by an annotation. */
  readonly write?: ((seconds: number, ports: readonly PortAsked[]) => readonly Annotation[]) | undefined;
  readonly read: (annotations: Annotations) => Reading<number>;
}

export interface InternalFact {
  readonly write: readonly Annotation[];
  readonly read: (annotations: Annotations) => Reading<boolean>;
}

export interface Provider {
  readonly name: ProviderName;
  /** The provider's name for itself. */
  readonly title: string;
  /** The provider's name for its load balancer. */
  readonly makes: string;
  /** Where the facts are from: URLs by title. */
  readonly documents: Readonly<Record<string, string>>;
  /** Whether a Service belongs to it. */
  readonly owns: (service: Pick<ServiceText, "annotations" | "loadBalancerClass">) => boolean;
  /** Annotations that every Service needs. */
  readonly always: (requirements: ServiceRequirements) => readonly Annotation[];
  /** undefined: none. */
  readonly proxy?: ProxyFact | undefined;
  /** The policy that preserves the client address, as Portico writes the Service; undefined: with none. */
  readonly keepsClientAddress?: "Local" | undefined;
  /** Whether they do with externalTrafficPolicy `Local`. */
  readonly readKeeps: (annotations: Annotations) => Reading<boolean>;
  /** undefined: it cannot, or only as an HTTP proxy of its own, or for all ports at once; `tlsNote` says which. */
  readonly tls?: TlsFact | undefined;
  readonly tlsNote?: string | undefined;
  /** By externalTrafficPolicy; undefined: not documented. */
  readonly healthCheck: Readonly<Record<TrafficPolicy, HealthCheckFact | undefined>>;
  /** Annotations (name and value) that make it an HTTP proxy of its own: Portico reads nothing else of such a Service. */
  readonly httpAnnotations: readonly (readonly [name: RegExp, value: RegExp])[];
  /** The values of the health check that the Service sets, for one of its ports. */
  readonly readHealthCheck?: ((service: ServiceText, port: number) => HealthCheckTexts) | undefined;
  /** Annotations with an effect on the health check that Portico does not read: with one of them, rules ignore the health check. */
  readonly healthCheckAnnotations?: RegExp | undefined;
  readonly idleTimeout?: IdleTimeoutFact | undefined;
  /** undefined: not documented. */
  readonly internal?: InternalFact | undefined;
  /** Whether the provider enforces `loadBalancerSourceRanges`; undefined: not documented. */
  readonly sourceRanges?: boolean | undefined;
  /** What happens to in-cluster clients that connect to the load balancer's address: a sentence; undefined: not documented. */
  readonly fromInside?: string | undefined;
  /** Additional notes: sentences. */
  readonly notes: readonly string[];
  /** The destination of connections. */
  readonly targets: (annotations: Annotations) => "service" | "pod";
}
