// The Kubernetes objects of the edge, and DNS in its pods.
import { isIPv4 } from "node:net";
import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { duration, network, nodePort, objectName, optional, size, text } from "./fields.ts";

/** Kubernetes, "Resource units": CPUs or thousandths of them. */
const cpu = text(
  () => "write CPUs or thousandths of a CPU, as in 500m, 2 or 1.5",
  /^([1-9][0-9]{0,5}m|[0-9]{1,3}(\.[0-9]{1,3})?)$/,
);

const replicas = z.int().min(1, "at least 1 replica").max(1000, "at most 1000 replicas");

export const kubernetes = z
  .strictObject({
    workload: optional(
      z.enum(["deployment", "daemonSet"]),
      "The kind of workload that runs the HAProxy pods. Default deployment; daemonSet with host ports if the load balancer is `none`.",
    ),
    replicas: optional(
      z.union([
        replicas.describe("A fixed number of pods."),
        z.strictObject({
          min: replicas.describe("The minimum number of pods."),
          max: replicas.describe("The maximum number of pods."),
          cpu: optional(
            z.int().min(1).max(100),
            "The target average CPU utilization, in percent of the CPU request.",
            DEFAULTS.kubernetes.autoscalerCpu,
          ),
        }),
      ]),
      "The number of pods; with { min, max } a HorizontalPodAutoscaler sets it.",
      DEFAULTS.kubernetes.replicas,
    ),
    nodePorts: optional(
      z.strictObject({
        http: optional(nodePort, "The node port for HTTP.", DEFAULTS.kubernetes.nodePorts.http),
        https: optional(nodePort, "The node port for HTTPS.", DEFAULTS.kubernetes.nodePorts.https),
        stats: optional(
          nodePort,
          "The node port of the stats page, if it is public.",
          DEFAULTS.kubernetes.nodePorts.stats,
        ),
        check: optional(
          nodePort,
          "The node port for HTTP health checks of the load balancer.",
          DEFAULTS.kubernetes.nodePorts.check,
        ),
      }),
      "The node ports that the load balancer forwards to.",
    ),
    externalTrafficPolicy: optional(
      z.enum(["Cluster", "Local"]),
      "`Local`: a node forwards connections to its own pods only, and preserves the client address. `Cluster`: a node forwards to the pods of all nodes. Default Cluster if the load balancer sends PROXY headers, otherwise Local.",
    ),
    readiness: optional(
      z.enum(["health", "stats"]),
      "The readiness probe: an HTTP request to the health listener, or a TCP connection to the stats port.",
      DEFAULTS.kubernetes.readiness,
    ),
    resources: optional(
      z.strictObject({
        cpu: optional(cpu, "The CPU request of a pod.", DEFAULTS.kubernetes.cpu),
        memory: optional(
          size,
          "The memory request of a pod. Default: computed from `limits.maxConnections`.",
        ),
      }),
      "The resource requests of a pod. There is no CPU limit, to avoid throttling.",
    ),
    networkPolicy: optional(
      z.union([
        z.boolean(),
        z.strictObject({
          publicFrom: optional(
            z.array(network).min(1, "the list of networks is empty"),
            "The networks that may connect to the public ports, as the pods see them: behind a node port these are the addresses of the nodes. Default: all.",
          ),
        }),
      ]),
      "Whether a NetworkPolicy restricts connections to and from the HAProxy pods.",
      true,
    ),
    podMonitor: optional(z.boolean(), "Whether to create a PodMonitor for the Prometheus operator.", false),
    pullSecrets: optional(z.array(objectName), "The image pull Secrets, in the namespace of the edge."),
    drain: optional(
      z.strictObject({
        detection: optional(
          duration,
          `The time until a terminating pod receives no new connections. Default: ${DEFAULTS.kubernetes.drain.detection}, or the time that the health check of the load balancer needs.`,
        ),
        hardStop: optional(
          duration,
          "How long in-flight requests may continue. Default: twice their longest idle time.",
        ),
        gracePeriod: optional(
          duration,
          `The termination grace period of the pod. Default: detection + hardStop + ${DEFAULTS.kubernetes.drain.margin}.`,
        ),
      }),
      "Connection draining: how a pod is terminated without losing a request.",
    ),
  })
  .describe("The Kubernetes objects of the edge.");

/** `10.96.0.10` or `10.96.0.10:5353`. */
const nameServer = text(
  () => "write an address or address:port, as in 10.96.0.10 or 10.96.0.10:53",
  /^(\d{1,3}\.){3}\d{1,3}(:\d{1,5})?$/,
).refine(
  (value) => {
    const [address = "", port = "53"] = value.split(":");
    return isIPv4(address) && Number(port) >= 1 && Number(port) <= 65535;
  },
  { error: "write an IPv4 address, and a port of 1 to 65535, as in 10.96.0.10 or 10.96.0.10:53" },
);

export const dns = z
  .strictObject({
    nameServers: optional(
      z
        .array(nameServer)
        .min(1, "the list of name servers is empty")
        .max(3, "at most 3 name servers (resolv.conf)"),
      "Name servers for HAProxy and for resolv.conf of the pod. An entry with a port other than 53 is used by HAProxy only, because resolv.conf has no ports. Default: the name servers that Kubernetes configures.",
    ),
    tcp: optional(
      z.literal(true),
      "HAProxy sends DNS queries over TCP, for responses with the addresses of many pods. Requires `nameServers`: HAProxy uses those of resolv.conf with UDP only.",
    ),
    options: optional(
      z
        .array(
          text(
            () => "write one option of resolv.conf, as in single-request or timeout:1",
            /^[a-z0-9-]{2,40}(:\d{1,3})?$/,
          ),
        )
        .max(12),
      "Options of resolv.conf in the pod. HAProxy's own resolver does not use them. Default: options that suit the C library of the image.",
    ),
  })
  .refine(({ tcp, nameServers }) => tcp === undefined || nameServers !== undefined, {
    path: ["tcp"],
    error: "`tcp` requires `nameServers`: HAProxy uses the name servers of resolv.conf with UDP only",
  })
  .meta({ dependentRequired: { tcp: ["nameServers"] } })
  .describe("DNS in the HAProxy pods.");
