// What Kubernetes runs, and how names are looked up in its pods.
import { isIPv4 } from "node:net";
import { z } from "zod";
import { duration, network, nodePort, objectName, size, text } from "./fields.ts";

/** Kubernetes, "Resource units": CPUs or thousandths of them. */
const cpu = text(
  () => "CPUs or thousandths, as in 500m, 2 or 1.5",
  /^([1-9][0-9]{0,5}m|[0-9]{1,3}(\.[0-9]{1,3})?)$/,
);

const replicas = z
  .int()
  .min(1, "zero replicas serve nobody")
  .max(1000, "a thousand pods are more than one edge needs");

export const kubernetes = z
  .strictObject({
    workload: z
      .enum(["deployment", "daemonSet"])
      .optional()
      .describe("Default deployment; daemonSet, with ports of the hosts, where the load balancer is `none`."),
    replicas: z
      .union([
        replicas.describe("So many pods."),
        z.strictObject({
          min: replicas.describe("At least so many pods."),
          max: replicas.describe("At most so many."),
          cpu: z
            .int()
            .min(1)
            .max(100)
            .optional()
            .describe("Percent of the requested CPU that a pod may use on average. Default 70."),
        }),
      ])
      .optional()
      .describe("HAProxy pods. Default 3. With min and max a HorizontalPodAutoscaler decides."),
    nodePorts: z
      .strictObject({
        http: nodePort.optional().describe("Default 30080."),
        https: nodePort.optional().describe("Default 30443."),
        stats: nodePort.optional().describe("Default 30404; only where the stats page is public."),
        check: nodePort
          .optional()
          .describe("Default 30406; only where the load balancer's health check asks by HTTP."),
      })
      .optional()
      .describe("The ports of every node that the load balancer forwards to."),
    externalTrafficPolicy: z
      .enum(["Cluster", "Local"])
      .optional()
      .describe(
        "Local: a node sends to its own pods only and keeps the client's address. Default Cluster where the load balancer speaks PROXY, else Local.",
      ),
    readiness: z
      .enum(["health", "stats"])
      .optional()
      .describe(
        "What says that a pod may get requests: the health listener, or a TCP connection to the stats port. Default health.",
      ),
    resources: z
      .strictObject({
        cpu: cpu.optional().describe("CPU that is requested for a pod. Default 500m."),
        memory: size
          .optional()
          .describe("Memory that is requested for a pod. Default: what `limits.maxConnections` needs."),
      })
      .optional()
      .describe("What a pod asks for. There is no limit of CPU: being throttled looks like a slow network."),
    networkPolicy: z
      .union([
        z.boolean(),
        z.strictObject({
          publicFrom: z
            .array(network)
            .min(1, "from nowhere comes no request")
            .optional()
            .describe(
              "Networks that may reach the public ports, as the pods see them: behind a node port these are the nodes' own. Default: everywhere.",
            ),
        }),
      ])
      .optional()
      .describe("Who may reach which port, and whom HAProxy may. Default true."),
    podMonitor: z
      .boolean()
      .optional()
      .describe("A PodMonitor for the Prometheus operator. Default false: it needs the operator's types."),
    pullSecrets: z
      .array(objectName)
      .optional()
      .describe("Secrets with which the image is pulled, in the edge's namespace."),
    drain: z
      .strictObject({
        detection: duration
          .optional()
          .describe(
            "Until nothing sends new connections to a pod that goes. Default: 10s, or what the load balancer's health check takes.",
          ),
        hardStop: duration
          .optional()
          .describe(
            "How long requests may take to end after that. Default: twice the longest silence of a request.",
          ),
        gracePeriod: duration
          .optional()
          .describe("When Kubernetes kills a pod that has not ended. Default: detection, hard stop and 5s."),
      })
      .optional()
      .describe("How a pod goes without losing a request."),
  })
  .describe("What Kubernetes runs.");

/** `10.96.0.10` or `10.96.0.10:5353`. */
const nameServer = text(
  () => "an address, or address:port, as in 10.96.0.10 or 10.96.0.10:53",
  /^(\d{1,3}\.){3}\d{1,3}(:\d{1,5})?$/,
).refine(
  (value) => {
    const [address = "", port = "53"] = value.split(":");
    return isIPv4(address) && Number(port) >= 1 && Number(port) <= 65535;
  },
  { error: "four numbers of 0 to 255, and a port of 1 to 65535, as in 10.96.0.10 or 10.96.0.10:53" },
);

export const dns = z
  .strictObject({
    nameServers: z
      .array(nameServer)
      .min(1, "without a name server no name is found")
      .max(3, "resolv.conf takes three name servers")
      .optional()
      .describe(
        "Instead of the pod's own, for HAProxy and for the pod. With a port but 53: for HAProxy alone, for resolv.conf has no ports.",
      ),
    tcp: z
      .literal(true)
      .optional()
      .describe(
        "HAProxy looks names up over TCP, for answers with the addresses of many pods. Needs `nameServers`: HAProxy reads those of resolv.conf for UDP.",
      ),
    options: z
      .array(
        text(
          () => "one option of resolv.conf, as in single-request or timeout:1",
          /^[a-z0-9-]{2,40}(:\d{1,3})?$/,
        ),
      )
      .max(12)
      .optional()
      .describe(
        "Options of the pod's resolv.conf, instead of those that suit the image's C library. HAProxy's own look-ups take none.",
      ),
  })
  .refine(({ tcp, nameServers }) => tcp === undefined || nameServers !== undefined, {
    path: ["tcp"],
    error: "`tcp` needs `nameServers`: HAProxy reads the name servers of resolv.conf for UDP only",
  })
  .describe("How names are looked up in the pods.");
