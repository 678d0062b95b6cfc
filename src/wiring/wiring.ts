// The wiring of an edge, read from its files: load-balancer port → node port → pod port → bind, hand-written or rendered.
import type { Fix, Position } from "../findings/finding.ts";
import type { LoadBalancer, LoadBalancerListener, SecurityGroup } from "./cloud.ts";
import type { ComposeService } from "./compose/wiring.ts";
import type { HaproxyConfig } from "./haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy, HaproxyWiring } from "./haproxy/wiring.ts";
import type { MountedFile } from "./join/mounted-files.ts";
import type { LabelSelector, NetworkPolicy } from "./kubernetes/policy.ts";
import type { ServerPath } from "./server-path.ts";
import type { Known, Written } from "./written.ts";

export interface Wiring {
  /** Every file that was read, with its text for code frames. */
  readonly files: readonly WiringFile[];
  readonly loadBalancers: readonly LoadBalancer[];
  readonly securityGroups: readonly SecurityGroup[];
  readonly services: readonly Service[];
  readonly workloads: readonly Workload[];
  readonly configMaps: readonly ConfigMap[];
  readonly networkPolicies: readonly NetworkPolicy[];
  readonly disruptionBudgets: readonly DisruptionBudget[];
  /** Every Kubernetes object, the ones above included: for rules about API groups and the like. */
  readonly objects: readonly KubernetesObject[];
  readonly images: readonly ImageBuild[];
  readonly haproxies: readonly HaproxyLayer[];
  /** The path of each connection, from where it starts to the bind that accepts it, or to where it breaks. */
  readonly trafficPaths: readonly TrafficPath[];
  /** The path of HAProxy's own connections to each of its servers. */
  readonly serverPaths: readonly ServerPath[];
  /** Parts that were not understood or not read, each with the reason. Nothing is guessed. */
  readonly leftOut: readonly LeftOut[];
}

export interface WiringFile {
  /** As findings name it. */
  readonly file: string;
  readonly kind:
    | "haproxy"
    | "haproxy-map"
    | "kubernetes"
    | "compose"
    | "terraform"
    | "dockerfile"
    | "resolv-conf"
    | "other";
  readonly text: string;
}

/** A file whose kind is not known from its name has one. */
export type LayerFile = Omit<WiringFile, "kind"> & { readonly kind?: WiringFile["kind"] };

export interface LeftOut {
  /** `does not parse`, `not read: larger than 32 MiB`, `count is not known`: one line. */
  readonly what: string;
  /** What is unknown or unchecked because of it. */
  readonly why: string;
  /** `error`: the file does not do what its writer meant (does not parse). `note`: Portico does not support it. */
  readonly severity: "error" | "note";
  readonly at: Position;
  /** The safe fix, if there is one. */
  readonly fix?: Fix;
}

// Kubernetes

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** `default` where none is written. */
  readonly namespace: string;
  readonly name: string;
  /** The object as plain data. */
  readonly data: Readonly<Record<string, unknown>>;
  /** The position of the value at a path, with `key` of its key; undefined: it is missing. */
  readonly place: (
    path: readonly (string | number)[],
    options?: { readonly key?: boolean },
  ) => Position | undefined;
  /** Of the object's `kind`. */
  readonly at: Position;
}

export interface Service {
  readonly object: KubernetesObject;
  readonly name: string;
  readonly namespace: string;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  readonly headless: boolean;
  /** Its own address, if it is set. */
  readonly clusterIp?: string | undefined;
  /** For an `ExternalName`: the external name. */
  readonly externalName?: Written<string> | undefined;
  /** The families of its addresses; undefined: the cluster's primary family. */
  readonly families?: Written<readonly ("IPv4" | "IPv6")[]> | undefined;
  /** Whether endpoints include pods that are not ready. */
  readonly publishesNotReady: boolean;
  /** Labels of the pods; undefined: none, endpoints come from elsewhere. */
  readonly selector?: Readonly<Record<string, string>> | undefined;
  readonly ports: readonly ServicePort[];
  readonly externalTrafficPolicy: Written<"Cluster" | "Local">;
  /** `loadBalancerSourceRanges`, as written; empty: all clients. */
  readonly sourceRanges: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly at: Position;
}

export interface ServicePort {
  readonly name?: string | undefined;
  readonly protocol: string;
  readonly port: Written<number>;
  /** A number, or the name of a container's port; the port's own number where nothing is written. */
  readonly targetPort: Written<number | string>;
  /** undefined: none, or one that the cluster chooses. */
  readonly nodePort?: Written<number> | undefined;
  readonly at: Position;
}

export interface Workload {
  readonly object: KubernetesObject;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** undefined: of a DaemonSet, or not known. */
  readonly replicas?: Written<number> | undefined;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Those that run as long as the pod: sidecars, too, which are init containers with `restartPolicy: Always`. */
  readonly containers: readonly Container[];
  /** Those that end before the containers start. */
  readonly initContainers: readonly Container[];
  readonly hostNetwork: boolean;
  readonly gracePeriodS: Written<number>;
  readonly volumes: readonly Volume[];
  /** Of a service of Compose, which has one container. */
  readonly compose?: ComposeService | undefined;
  /** Path of the pod's spec in `object`, for places that are not named here. */
  readonly podPath: readonly (string | number)[];
  readonly at: Position;
}

export interface Container {
  readonly name: string;
  readonly image?: Written<string> | undefined;
  /** undefined: as the image has it. */
  readonly command?: Written<readonly string[]> | undefined;
  readonly args?: Written<readonly string[]> | undefined;
  readonly ports: readonly ContainerPort[];
  readonly probes: {
    readonly readiness?: Probe | undefined;
    readonly liveness?: Probe | undefined;
    readonly startup?: Probe | undefined;
  };
  readonly memoryLimitBytes?: Written<number> | undefined;
  readonly memoryRequestBytes?: Written<number> | undefined;
  readonly runAsUser?: Written<number> | undefined;
  readonly runAsNonRoot?: Written<boolean> | undefined;
  /** How many seconds the handler waits; undefined: there is no handler. */
  readonly preStop?: Known<number> | undefined;
  readonly mounts: readonly Mount[];
  /** Files of the folder that it mounts, by their path in the container: bind mounts of Compose. */
  readonly bound?: ReadonlyMap<string, MountedFile> | undefined;
  /** Variables by name; undefined: set from a ConfigMap or the pod. */
  readonly env: ReadonlyMap<string, ContainerVariable | undefined>;
  /** Path of the container in its workload's object. */
  readonly path: readonly (string | number)[];
  readonly at: Position;
}

export interface Mount {
  readonly volume: string;
  readonly path: string;
  /** The part of the volume that is mounted; undefined: all of it. */
  readonly subPath?: string | undefined;
  /** Whether `subPathExpr` names the part, which only a running pod has. */
  readonly variable: boolean;
  readonly readOnly: boolean;
  readonly at: Position;
}

export type ContainerVariable =
  | { readonly value: string }
  | { readonly secret: string; readonly key: string };

export interface ContainerPort {
  readonly name?: string | undefined;
  readonly port: Written<number>;
  readonly hostPort?: Written<number> | undefined;
  readonly at: Position;
}

export interface Probe {
  readonly kind: "http" | "tcp" | "exec" | "grpc";
  /** A number or a port's name; undefined: `exec`. */
  readonly port?: Written<number | string> | undefined;
  readonly path?: Written<string> | undefined;
  readonly initialDelayS: Written<number>;
  readonly periodS: Written<number>;
  readonly timeoutS: Written<number>;
  readonly successes: Written<number>;
  readonly failures: Written<number>;
  readonly at: Position;
}

export interface Volume {
  readonly name: string;
  /** Names of the ConfigMaps it shows, in order. */
  readonly configMaps: readonly Written<string>[];
  readonly secrets: readonly Written<string>[];
  readonly at: Position;
}

export interface ConfigMap {
  readonly object: KubernetesObject;
  readonly name: string;
  readonly namespace: string;
  readonly data: ReadonlyMap<string, { readonly text: string; readonly at: Position }>;
  readonly at: Position;
}

export interface DisruptionBudget {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly selector: LabelSelector;
  readonly at: Position;
}

// The image

export interface ImageBuild {
  readonly file: string;
  /** The last stage's; a name of an earlier stage is followed to its own base. */
  readonly base: Known<string>;
  /** Packages that are installed in the stages of the image. */
  readonly packages: readonly Written<string>[];
  /** undefined: none is set, root. */
  readonly user?: Written<string> | undefined;
  readonly stopSignal?: Written<string> | undefined;
  readonly entrypoint?: ImageCommand | undefined;
  readonly command?: ImageCommand | undefined;
  /** What is copied from the build's folder, by its place in the image. */
  readonly copies: readonly { readonly from: string; readonly to: string; readonly at: Position }[];
  /** What instructions other than COPY of the build's own files change, in their order. */
  readonly changes: readonly ImageChange[];
  readonly exposed: readonly Written<number>[];
  /** Of ENV, as far as the values are known. */
  readonly env: ReadonlyMap<string, Written<string>>;
  readonly at: Position;
}

export type ImageChange =
  /** `user`: of the instruction that makes it; undefined: the base's. */
  | { readonly kind: "folder"; readonly path: string; readonly user?: string | undefined }
  /** Owner or mode of a path changed. */
  | { readonly kind: "permissions"; readonly path: string }
  /** The content at and below the path is not known; `/`: anywhere. */
  | { readonly kind: "unknown"; readonly path: string }
  /** `setcap` gives them to a program's file. */
  | { readonly kind: "capabilities" }
  /** `uid` undefined: the build chooses it. */
  | { readonly kind: "user"; readonly name: string; readonly uid?: number | undefined };

export interface ImageCommand {
  readonly form: "exec" | "shell";
  /** Of the shell form: one word, the whole line. */
  readonly words: readonly string[];
  readonly at: Position;
}

// HAProxy

export interface HaproxyLayer {
  readonly config: HaproxyConfig;
  readonly wiring: HaproxyWiring;
  /** Files of the folder that the configuration names, by the path in the configuration. */
  readonly maps: ReadonlyMap<string, WiringFile>;
  /** The container that runs it, as far as the files show. */
  readonly runBy?: { readonly workload: Workload; readonly container: Container } | undefined;
  /** The build whose image it runs in; undefined: not described here. */
  readonly image?: ImageBuild | undefined;
  /** `config-map`: it is read from there by the pod; positions are still in `config.file`. */
  readonly from: "file" | "config-map";
}

/** Hops through Kubernetes; undefined after a fault. */
export interface KubernetesHops {
  readonly service?: Service | undefined;
  readonly servicePort?: ServicePort | undefined;
  readonly workload?: Workload | undefined;
  /** undefined although the pod is known: a port that no container lists, which Kubernetes allows. */
  readonly containerPort?: ContainerPort | undefined;
}

/** The path of a connection through the layers. What comes after the fault is undefined. */
export interface TrafficPath extends KubernetesHops {
  /**
   * Where it starts: a port of a load balancer, of a Service for in-cluster clients, or of a host; or at the bind itself, which the lab
   * adds for layers without any of them.
   */
  readonly start: "load-balancer" | "service" | "host" | "bind";
  /** As clients write it; undefined: not known. */
  readonly port: number | undefined;
  readonly loadBalancer?: LoadBalancer | undefined;
  readonly listener?: LoadBalancerListener | undefined;
  readonly container?: Container | undefined;
  readonly haproxy?: HaproxyLayer | undefined;
  readonly bind?: HaproxyBind | undefined;
  readonly proxy?: HaproxyProxy | undefined;
  /** Where it breaks; undefined: it leads to a bind. */
  readonly brokenAt?: PathBreak | undefined;
}

export interface PathBreak {
  /** `family`: both ends of a hop are there, and none of their address families is the same. */
  readonly hop: "load-balancer" | "service" | "pod" | "haproxy" | "family";
  /** `unknown`: the files do not show it; `missing`: the partner is missing. */
  readonly kind: "unknown" | "missing";
  /** A phrase: `no Service has the node port 31009`. */
  readonly because: string;
  readonly at?: Position | undefined;
}
