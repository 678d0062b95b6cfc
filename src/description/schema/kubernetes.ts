// The Kubernetes objects of the edge, and DNS in its pods.
import { isIPv4 } from "node:net";
import { z } from "zod";
import { duration, network, nodePort, objectName, size, text } from "./fields.ts";

/** Kubernetes, "Resource units": CPUs or thousandths of them. */
const cpu = text(
  () => "write CPUs or thousandths of a CPU, as in 500m, 2 or 1.5",
  /^([1-9][0-9]{0,5}m|[0-9]{1,3}(\.[0-9]{1,3})?)$/,
);

const replicas = z.int().min(1, "at least 1 replica").max(1000, "at most 1000 replicas");

export const kubernetes = z
  .strictObject({
    workload: z
      .enum(["deployment", "daemonSet"])
      .optional()
      .describe(
        "The kind of workload that runs the HAProxy pods. Default deployment; daemonSet with host ports if the load balancer is `none`.",
      ),
    replicas: z
      .union([
        replicas.describe("A fixed number of pods."),
        z.strictObject({
          min: replicas.describe("The minimum number of pods."),
          max: replicas.describe("The maximum number of pods."),
          cpu: z
            .int()
            .min(1)
            .max(100)
            .optional()
            .describe("The target average CPU utilization, in percent of the CPU request. Default 70."),
        }),
      ])
      .optional()
      .describe("The number of pods; with { min, max } a HorizontalPodAutoscaler sets it. Default 3."),
    nodePorts: z
      .strictObject({
        http: nodePort.optional().describe("The node port for HTTP. Default 30080."),
        https: nodePort.optional().describe("The node port for HTTPS. Default 30443."),
        stats: nodePort
          .optional()
          .describe("The node port of the stats page, if it is public. Default 30404."),
        check: nodePort
          .optional()
          .describe("The node port for HTTP health checks of the load balancer. Default 30406."),
      })
      .optional()
      .describe("The node ports that the load balancer forwards to."),
    externalTrafficPolicy: z
      .enum(["Cluster", "Local"])
      .optional()
      .describe(
        "`Local`: a node forwards connections to its own pods only, and preserves the client address. `Cluster`: a node forwards to the pods of all nodes. Default Cluster if the load balancer sends PROXY headers, otherwise Local.",
      ),
    readiness: z
      .enum(["health", "stats"])
      .optional()
      .describe(
        "The readiness probe: an HTTP request to the health listener, or a TCP connection to the stats port. Default health.",
      ),
    resources: z
      .strictObject({
        cpu: cpu.optional().describe("The CPU request of a pod. Default 500m."),
        memory: size
          .optional()
          .describe("The memory request of a pod. Default: computed from `limits.maxConnections`."),
      })
      .optional()
      .describe("The resource requests of a pod. There is no CPU limit, to avoid throttling."),
    networkPolicy: z
      .union([
        z.boolean(),
        z.strictObject({
          publicFrom: z
            .array(network)
            .min(1, "the list of networks is empty")
            .optional()
            .describe(
              "The networks that may connect to the public ports, as the pods see them: behind a node port these are the addresses of the nodes. Default: all.",
            ),
        }),
      ])
      .optional()
      .describe("Whether a NetworkPolicy restricts connections to and from the HAProxy pods. Default true."),
    podMonitor: z
      .boolean()
      .optional()
      .describe("Whether to create a PodMonitor for the Prometheus operator. Default false."),
    pullSecrets: z
      .array(objectName)
      .optional()
      .describe("The image pull Secrets, in the namespace of the edge."),
    drain: z
      .strictObject({
        detection: duration
          .optional()
          .describe(
            "The time until a terminating pod receives no new connections. Default: 10s, or the time that the health check of the load balancer needs.",
          ),
        hardStop: duration
          .optional()
          .describe("How long in-flight requests may continue. Default: twice their longest idle time."),
        gracePeriod: duration
          .optional()
          .describe("The termination grace period of the pod. Default: detection + hardStop + 5s."),
      })
      .optional()
      .describe("Connection draining: how a pod is terminated without losing a request."),
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
    nameServers: z
      .array(nameServer)
      .min(1, "the list of name servers is empty")
      .max(3, "at most 3 name servers (resolv.conf)")
      .optional()
      .describe(
        "Name servers for HAProxy and for resolv.conf of the pod. An entry with a port other than 53 is used by HAProxy only, because resolv.conf has no ports. Default: the name servers that Kubernetes configures.",
      ),
    tcp: z
      .literal(true)
      .optional()
      .describe(
        "HAProxy sends DNS queries over TCP, for responses with the addresses of many pods. Requires `nameServers`: HAProxy uses those of resolv.conf with UDP only.",
      ),
    options: z
      .array(
        text(
          () => "write one option of resolv.conf, as in single-request or timeout:1",
          /^[a-z0-9-]{2,40}(:\d{1,3})?$/,
        ),
      )
      .max(12)
      .optional()
      .describe(
        "Options of resolv.conf in the pod. HAProxy's own resolver does not use them. Default: options that suit the C library of the image.",
      ),
  })
  .refine(({ tcp, nameServers }) => tcp === undefined || nameServers !== undefined, {
    path: ["tcp"],
    error: "`tcp` requires `nameServers`: HAProxy uses the name servers of resolv.conf with UDP only",
  })
  .meta({ dependentRequired: { tcp: ["nameServers"] } })
  .describe("DNS in the HAProxy pods.");
