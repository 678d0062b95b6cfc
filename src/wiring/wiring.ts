// The wiring of an edge, read from its files: load-balancer port → node port → pod port → bind, hand-written or rendered.
import type { Fix, Position } from "../findings/finding.ts";
import type { LoadBalancer, LoadBalancerListener, SecurityGroup } from "./cloud.ts";
import type { HaproxyConfig } from "./haproxy/config.ts";
import type { HaproxyBind, HaproxyProxy, HaproxyWiring } from "./haproxy/wiring.ts";
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
  /** What was not understood or not read, each with the reason. Nothing is guessed. */
  readonly leftOut: readonly LeftOut[];
}

export interface WiringFile {
  /** As findings name it. */
  readonly file: string;
  readonly kind:
    | "haproxy"
    | "haproxy-map"
    | "kubernetes"
    | "terraform"
    | "dockerfile"
    | "resolv-conf"
    | "other";
  readonly text: string;
}

export interface LeftOut {
  /** `does not parse`, `not read: larger than 32 MiB`, `count is not known`: one line. */
  readonly what: string;
  /** What is unknown or unchecked because of it. */
  readonly why: string;
  /** `error`: the file does not do what its writer meant (does not parse). `note`: Portico does not know it. */
  readonly severity: "error" | "note";
  readonly at: Position;
  /** The change that is sure, where there is one. */
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
  /** The position of the value at a path, with `key` of its key; null: it is missing. */
  readonly place: (
    path: readonly (string | number)[],
    options?: { readonly key?: boolean },
  ) => Position | null;
  /** Of the object's `kind`. */
  readonly at: Position;
}

export interface Service {
  readonly object: KubernetesObject;
  readonly name: string;
  readonly namespace: string;
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  readonly headless: boolean;
  /** Labels of the pods; null: none, endpoints come from elsewhere. */
  readonly selector: Readonly<Record<string, string>> | null;
  readonly ports: readonly ServicePort[];
  readonly externalTrafficPolicy: Written<"Cluster" | "Local">;
  /** `loadBalancerSourceRanges`, as written; empty: all clients. */
  readonly sourceRanges: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
  readonly at: Position;
}

export interface ServicePort {
  readonly name: string | null;
  readonly protocol: string;
  readonly port: Written<number>;
  /** A number, or the name of a container's port; the port's own number where nothing is written. */
  readonly targetPort: Written<number | string>;
  /** null: none, or one that the cluster chooses. */
  readonly nodePort: Written<number> | null;
  readonly at: Position;
}

export interface Workload {
  readonly object: KubernetesObject;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  /** Of a DaemonSet: null. */
  readonly replicas: Written<number> | null;
  /** Labels of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly Container[];
  readonly initContainers: readonly Container[];
  readonly hostNetwork: boolean;
  readonly gracePeriodS: Written<number>;
  readonly volumes: readonly Volume[];
  /** Path of the pod's spec in `object`, for places that are not named here. */
  readonly podPath: readonly (string | number)[];
  readonly at: Position;
}

export interface Container {
  readonly name: string;
  readonly image: Written<string> | null;
  /** null: as the image has it. */
  readonly command: Written<readonly string[]> | null;
  readonly args: Written<readonly string[]> | null;
  readonly ports: readonly ContainerPort[];
  readonly probes: {
    readonly readiness: Probe | null;
    readonly liveness: Probe | null;
    readonly startup: Probe | null;
  };
  readonly memoryLimitBytes: Written<number> | null;
  readonly memoryRequestBytes: Written<number> | null;
  readonly runAsUser: Written<number> | null;
  readonly runAsNonRoot: Written<boolean> | null;
  /** The handler as it is written; null: none. */
  readonly preStop: { readonly seconds: number | null; readonly at: Position } | null;
  readonly mounts: readonly Mount[];
  /** Variables by name; null: set from a ConfigMap or the pod. */
  readonly env: ReadonlyMap<string, ContainerVariable | null>;
  /** Path of the container in its workload's object. */
  readonly path: readonly (string | number)[];
  readonly at: Position;
}

export interface Mount {
  readonly volume: string;
  readonly path: string;
  /** The part of the volume that is mounted; null: all of it. */
  readonly subPath: string | null;
  readonly at: Position;
}

export type ContainerVariable =
  | { readonly value: string }
  | { readonly secret: string; readonly key: string };

export interface ContainerPort {
  readonly name: string | null;
  readonly port: Written<number>;
  readonly hostPort: Written<number> | null;
  readonly at: Position;
}

export interface Probe {
  readonly kind: "http" | "tcp" | "exec" | "grpc";
  /** A number or a port's name; null: `exec`. */
  readonly port: Written<number | string> | null;
  readonly path: Written<string> | null;
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

export interface NetworkPolicy {
  readonly object: KubernetesObject;
  readonly name: string;
  readonly namespace: string;
  readonly podSelector: Readonly<Record<string, string>>;
  /** Ports that some rule opens to all sources; null: all ports. A port is a number or a container port's name. */
  readonly ingressPorts: readonly (number | string)[] | null;
  readonly at: Position;
}

export interface DisruptionBudget {
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly selector: Readonly<Record<string, string>>;
  readonly at: Position;
}

// The image

export interface ImageBuild {
  readonly file: string;
  /** The last stage's; a name of an earlier stage is followed to its own base. */
  readonly base: Known<string>;
  /** Packages that the package manager is told to install in the stages that the image is made of. */
  readonly packages: readonly Written<string>[];
  /** null: none is set, root. */
  readonly user: Written<string> | null;
  readonly stopSignal: Written<string> | null;
  readonly entrypoint: ImageCommand | null;
  readonly command: ImageCommand | null;
  /** What is copied from the build's folder, by its place in the image. */
  readonly copies: readonly { readonly from: string; readonly to: string; readonly at: Position }[];
  readonly exposed: readonly Written<number>[];
  readonly at: Position;
}

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
  readonly runBy: { readonly workload: Workload; readonly container: Container } | null;
  /** The build whose image it runs in; null: not described here. */
  readonly image: ImageBuild | null;
  /** `config-map`: it is read from there by the pod; positions are still in `config.file`. */
  readonly from: "file" | "config-map";
}

/** The path of a connection through the layers. What comes after `ends` is null. */
export interface TrafficPath {
  /** Where it starts: a port of a load balancer, of a Service for in-cluster clients, or of a host. */
  readonly begins: "load-balancer" | "service" | "host";
  /** As clients write it; undefined: not known. */
  readonly port: number | undefined;
  readonly loadBalancer: LoadBalancer | null;
  readonly listener: LoadBalancerListener | null;
  readonly service: Service | null;
  readonly servicePort: ServicePort | null;
  readonly workload: Workload | null;
  readonly container: Container | null;
  /** null although the pod is known: a port that the container does not name, which Kubernetes allows. */
  readonly containerPort: ContainerPort | null;
  readonly haproxy: HaproxyLayer | null;
  readonly bind: HaproxyBind | null;
  readonly proxy: HaproxyProxy | null;
  /** Where it breaks; null: it leads to a bind. */
  readonly ends: {
    readonly hop: "load-balancer" | "service" | "pod" | "haproxy";
    /** `unknown`: the files do not show it; `missing`: the partner is missing. */
    readonly kind: "unknown" | "missing";
    /** A phrase: `no Service has the node port 31009`. */
    readonly because: string;
    readonly at: Position | null;
  } | null;
}
