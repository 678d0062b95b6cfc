// The path of HAProxy's connections to one server: name → Service → selector → pods → container port; or where it breaks.
import type { Position } from "../findings/finding.ts";
import type { HaproxyProxy, HaproxyServer } from "./haproxy/wiring.ts";
import type { NetworkPolicy } from "./kubernetes/policy.ts";
import type { HaproxyLayer, KubernetesHops } from "./wiring.ts";

/** One for each workload that a Service selects. Aliases (`ExternalName`) are followed. */
export interface ServerPath extends KubernetesHops {
  readonly haproxy: HaproxyLayer;
  readonly proxy: HaproxyProxy;
  readonly server: HaproxyServer;
  /** The port of the pods that connections go to. */
  readonly podPort?: number | undefined;
  readonly brokenAt?: ServerBreak | undefined;
}

export type ServerFault =
  /** The folder contains other objects of the namespace, but not the Service. */
  | "service-missing"
  /** The folder contains no object of its namespace: whether it exists is not known. */
  | "namespace-unknown"
  /** No service on a shared network of the Compose project has the name. */
  | "not-on-network"
  | "port-missing"
  /** The Service has no endpoint. */
  | "no-endpoints"
  /** No container of the pods has the port that connections go to. */
  | "pod-port-missing"
  /** Connections go to a port that no container lists; they may listen on it all the same. */
  | "pod-port-undeclared"
  /** No node can pull an image of the pods. */
  | "image-invalid"
  /** A StatefulSet or pod that would have this name is not in the Service. */
  | "pod-missing"
  /** The files do not show its pods. */
  | "pods-unknown"
  | "incomplete-name"
  /** The name is in another domain than the cluster's. */
  | "other-domain"
  /** Nothing sets a variable in the address. */
  | "incomplete-address"
  | "dns-blocked"
  | "egress-blocked"
  | "ingress-blocked"
  | "family"
  /** HAProxy accepts no address of the Service's family. */
  | "family-not-queried";

export interface ServerBreak {
  readonly fault: ServerFault;
  /**
   * What Kubernetes does with HAProxy's queries and connections. `unresolved`: no answer to queries; undefined: it is not known that the
   * path breaks.
   */
  readonly effect: "refused" | "timeout" | "nxdomain" | "unresolved" | undefined;
  /** A phrase: `Service web/app has no port 8081`. */
  readonly because: string;
  readonly at: Position;
  readonly policy?: NetworkPolicy | undefined;
}
