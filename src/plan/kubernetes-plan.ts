// What Kubernetes runs: the objects' names, ports and numbers that the manifests and the deployment agree on.
import type { Position } from "../findings/finding.ts";
import type { Decided } from "./plan.ts";

export interface KubernetesPlan {
  readonly workload: Decided<"Deployment" | "DaemonSet">;
  /** Names of objects; ConfigMaps add a hash of their content. */
  readonly names: {
    /** Workload, ServiceAccount, PodDisruptionBudget, HorizontalPodAutoscaler, NetworkPolicy, ConfigMaps' stem. */
    readonly edge: string;
    /** The Service that the load balancer reaches; null: none does. */
    readonly publicService: string | null;
    /** The Service for in-cluster clients; null: there is neither an internal entrance nor a stats page. */
    readonly internalService: Decided<string> | null;
    /** The headless Service that names every pod, for metrics. */
    readonly metricsService: string;
  };
  /** The port of the internal Service that leads to the internal listener; the stats page's has HAProxy's number. */
  readonly internalPort: Decided<number>;
  /** How the load balancer reaches the pods: node ports, a cloud's LoadBalancer Service, or ports of the hosts. */
  readonly exposure: Decided<"NodePort" | "LoadBalancer" | "hostPort" | "none">;
  readonly externalTrafficPolicy: Decided<"Cluster" | "Local">;
  /** null: the number of pods is fixed (`Plan.replicas`). */
  readonly autoscale: {
    readonly min: number;
    readonly max: number;
    /** Average use of the requested CPU, in percent. */
    readonly cpuPercent: Decided<number>;
  } | null;
  readonly probes: {
    /** `health`: HTTP on the health listener; `stats`: a TCP connection to the stats port. */
    readonly readiness: Decided<"health" | "stats">;
    readonly readinessPeriodS: Decided<number>;
    readonly readinessFailures: Decided<number>;
    readonly startupSeconds: Decided<number>;
    readonly livenessPeriodS: Decided<number>;
    readonly livenessFailures: Decided<number>;
  };
  readonly resources: {
    /** As Kubernetes writes quantities: `500m`. */
    readonly cpuRequest: Decided<string>;
    /** Bytes. */
    readonly memoryRequest: Decided<number>;
    readonly memoryLimit: Decided<number>;
  };
  /** null: no NetworkPolicy. */
  readonly networkPolicy: {
    /** Networks (CIDR) that may reach the public ports; empty: all. */
    readonly publicFrom: Decided<readonly string[]>;
    /** Namespaces whose pods HAProxy connects to. */
    readonly backendNamespaces: readonly string[];
    /** Servers with an address of their own; a name may be anywhere. */
    readonly backendNetworks: readonly Destination[];
    /** Name servers in addition to the cluster's (`dns.nameServers`). */
    readonly nameServers: readonly Destination[];
    /** A syslog server that HAProxy sends to (UDP); null: none. */
    readonly logServer: Destination | null;
  } | null;
  /** What the folder of HAProxy's sockets may hold, in memory. */
  readonly runFolderBytes: Decided<number>;
  readonly podMonitor: boolean;
  readonly pullSecrets: readonly string[];
  /** TLS at HAProxy: Secrets mounted as files. */
  readonly certificates: readonly { readonly secret: string; readonly file: string }[];
  /** CAs of backends: ConfigMaps and Secrets mounted as files. */
  readonly authorities: readonly {
    readonly kind: "configMap" | "secret";
    readonly name: string;
    readonly key: string;
    readonly file: string;
    readonly at: Position | undefined;
  }[];
  /** The pod may bind ports below 1024 (a safe sysctl, allowed by Pod Security level restricted). */
  readonly lowPorts: boolean;
}

/** What HAProxy may send to: a port in a network. */
export interface Destination {
  /** `203.0.113.7/32`, `::/0` */
  readonly cidr: string;
  readonly port: number;
  readonly at: Position | undefined;
}

/** The listener for probes and metrics collectors: never on the Service for the load balancer. */
export interface HealthPlan {
  readonly port: Decided<number>;
  /** How long after its start HAProxy may be unready because it still resolves names, in s. */
  readonly nameResolutionS: Decided<number>;
  /** Names of the backends whose servers it waits for. */
  readonly waitsFor: readonly string[];
}
