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

/** A value with the annotation that sets it; `by` null: the provider's default. */
export interface Told<T> {
  readonly value: T;
  readonly by: string | null;
}

/** Not known from the Service; `unknown` is the reason, a phrase. */
export interface Untold {
  readonly unknown: string;
  readonly by: string | null;
}

export type Reading<T> = Told<T> | Untold;

/** The part of a Service that its load balancer comes of. */
export interface ServiceText {
  readonly annotations: Annotations;
  readonly loadBalancerClass: string | null;
  readonly externalTrafficPolicy: TrafficPolicy;
  /** null: Kubernetes chooses it (`Local`), or there is none. */
  readonly healthCheckNodePort: number | null;
  /** The Service's own ports. */
  readonly ports: readonly { readonly port: number; readonly name: string | null }[];
}

/** The protocol of a port towards HAProxy. */
export interface PortAsked {
  readonly port: number;
  readonly proxy: ProxyVersion | "none";
  /** The certificate with which TLS is terminated here; null: it is not. */
  readonly certificate: string | null;
}

/** Requested settings of the load balancer. */
export interface ServiceAsked {
  readonly ports: readonly PortAsked[];
  readonly internal: boolean;
  /** null: the provider's default is right, or it cannot be set. */
  readonly idleTimeoutS: number | null;
}

/** How the load balancer finds out which nodes may get connections. */
export interface HealthCheckFact {
  /** What answers: kube-proxy knows whether the node has a ready pod (`Local`), or only that it runs itself (port 10256). */
  readonly answeredBy: "haproxy" | "kube-proxy";
  readonly protocol: "tcp" | "http";
  readonly port: "traffic" | "healthCheckNodePort" | number;
  readonly path: string | null;
  /** Whether it begins with a PROXY header where connections do: kube-proxy understands none. */
  readonly withProxy: boolean;
  /** null: not documented. */
  readonly intervalS: number | null;
  readonly timeoutS: number | null;
  readonly healthy: number | null;
  readonly unhealthy: number | null;
}

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
  /** null: TLS does not end there. */
  readonly read: (service: ServiceText, port: number) => Reading<string> | null;
}

export interface IdleTimeoutFact {
  /** null: not documented. */
  readonly defaultS: number | null;
  /** The allowed range, in seconds; null: not documented. `stepS`: only multiples of it. */
  readonly range: { readonly leastS: number; readonly mostS: number } | null;
  readonly stepS: number;
  /** null: it cannot be changed by an annotation. */
  readonly write: ((seconds: number, ports: readonly PortAsked[]) => readonly Annotation[]) | null;
  readonly read: (annotations: Annotations) => Reading<number>;
}

export interface Provider {
  readonly name: ProviderName;
  /** As its people call it. */
  readonly title: string;
  /** What is made, as its people call it. */
  readonly makes: string;
  /** Where the facts are from: URLs by title. */
  readonly documents: Readonly<Record<string, string>>;
  /** Whether a Service is one of its. */
  readonly owns: (service: Pick<ServiceText, "annotations" | "loadBalancerClass">) => boolean;
  /** Annotations that every Service needs. */
  readonly always: (asked: ServiceAsked) => readonly Annotation[];
  /** null: none. */
  readonly proxy: ProxyFact | null;
  /** The policy with which connections arrive from the client's own address as Portico writes the Service; null: with none. */
  readonly keepsClientAddress: "Local" | null;
  /** Whether they do with externalTrafficPolicy `Local`. */
  readonly readKeeps: (annotations: Annotations) => Reading<boolean>;
  /** null: it cannot, or only as an HTTP proxy of its own, or for all ports at once; `tlsNote` says which. */
  readonly tls: TlsFact | null;
  readonly tlsNote: string | null;
  /** By externalTrafficPolicy; null: not documented. */
  readonly healthCheck: Readonly<Record<TrafficPolicy, HealthCheckFact | null>>;
  /** Annotations (name and value) that make it an HTTP proxy of its own: of that Portico reads nothing more. */
  readonly httpAnnotations: readonly (readonly [name: RegExp, value: RegExp])[];
  /** Annotations that change the health check in ways that Portico does not read: with one of them, the health check is not judged. */
  readonly healthCheckAnnotations: RegExp | null;
  readonly idleTimeout: IdleTimeoutFact | null;
  /** null: not documented. */
  readonly internal: {
    readonly write: readonly Annotation[];
    readonly read: (annotations: Annotations) => Reading<boolean>;
  } | null;
  /** Whether `loadBalancerSourceRanges` keeps others away; null: not documented. */
  readonly sourceRanges: boolean | null;
  /** What happens to in-cluster clients that connect to the load balancer's address: a sentence; null: not documented. */
  readonly fromInside: string | null;
  /** What else a person must know: sentences. */
  readonly notes: readonly string[];
  /** Where connections go. */
  readonly targets: (annotations: Annotations) => "service" | "pod";
}
