// Backends: the pools that requests go to, and how HAProxy treats them.
import { z } from "zod";
import { ipFamily } from "../address.ts";
import { parseHostName } from "../host.ts";
import { parsePath } from "../path.ts";
import {
  dataKey,
  duration,
  filePath,
  headerName,
  line,
  method,
  objectName,
  port,
  rawLines,
  retries,
  serviceName,
} from "./fields.ts";
import { exactHost } from "./routes.ts";

/** `10.0.0.7:8080`, `db.example.com:80` or `[2001:db8::1]:80`. */
const address = line.superRefine((value, context) => {
  const [, host = "", text = ""] = /^(.*):(\d{1,5})$/.exec(value) ?? [];
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  const number = Number(text);
  const problem =
    text === "" || number < 1 || number > 65535
      ? "write address:port, as in 10.0.0.7:8080"
      : bracketed !== undefined
        ? ipFamily(bracketed) === 6
          ? undefined
          : "within [ ] stands an IPv6 address, without a zone"
        : ipFamily(host) !== 0
          ? ipFamily(host) === 6
            ? "write an IPv6 address within [ ]"
            : undefined
          : parseHostName(host);
  const message =
    typeof problem === "object" ? ("problem" in problem ? problem.problem : undefined) : problem;
  if (message !== undefined) context.addIssue({ code: "custom", message });
});

const server = z.union([
  address.describe("address:port"),
  z.strictObject({
    address: address.describe("address:port; a name is looked up while HAProxy runs."),
    weight: z
      .int()
      .min(0, "a weight below zero means nothing")
      .max(256, "HAProxy's weights end at 256 (manual 5.2, weight)")
      .optional()
      .describe("Its share beside the other servers. Default 1."),
    backup: z.boolean().optional().describe("Gets requests only when no other server is up."),
  }),
]);

const health = z
  .union([
    z.literal(false).describe("No checks: a server counts as up until connections fail."),
    z.literal("tcp").describe("A connection that opens is healthy."),
    z.strictObject({
      path: line
        .refine((value) => !("problem" in parsePath(value.split("?")[0] ?? "")), {
          error: "a path begins with / and is written as in a URL",
        })
        .describe("Asked for by GET."),
      host: exactHost
        .optional()
        .describe(
          "The Host header of the question. Default: the Service's name, or the server's; localhost where servers have addresses only.",
        ),
      method: method
        .refine((value) => value !== "CONNECT", {
          error: "CONNECT has no path to check (RFC 9110, 9.3.6); write GET or HEAD",
        })
        .optional()
        .describe("Default GET."),
      status: z
        .string()
        .regex(/^[1-5]\d\d(-[1-5]\d\d)?(,[1-5]\d\d(-[1-5]\d\d)?)*$/, {
          error: "a status, a range or a list, as in 200-399 or 200,204",
        })
        .refine(
          (text) => text.split(",").every((range) => Number(range.slice(0, 3)) <= Number(range.slice(-3))),
          { error: "a range goes from the lower status to the higher one" },
        )
        .optional()
        .describe("Which statuses are healthy. Default 200-399."),
      interval: duration.optional().describe("Default 2s."),
      timeout: duration.optional().describe("Default 1s."),
      rise: z.int().min(1).max(100).optional().describe("Good answers until up. Default 2."),
      fall: z.int().min(1).max(100).optional().describe("Bad answers until down. Default 3."),
    }),
  ])
  .describe("How HAProxy knows that a server works: { path, … }, tcp or false. Default: tcp.");

export const backend = z
  .strictObject({
    service: serviceName.optional().describe("The Kubernetes Service: name, or name.namespace."),
    port: port.optional().describe("The Service's port; with `endpoints: headless` that of its pods."),
    endpoints: z
      .union([
        z.enum(["service", "headless"]),
        z.strictObject({
          headless: z
            .int()
            .min(1, "at least one pod")
            .max(1000, "a thousand slots: a DNS answer does not hold more")
            .describe("So many slots: one for each pod there may be."),
        }),
      ])
      .optional()
      .describe(
        "service: HAProxy connects to the Service's address, and Kubernetes chooses the pod. headless: the Service has no address of its own, HAProxy learns its pods from DNS and balances over them, in 10 slots or as many as given; a pod that ends must answer on for as long as a DNS answer lives, often 30 s. Default service.",
      ),
    servers: z
      .array(server)
      .min(1, "no server at all answers 503 to everything")
      .optional()
      .describe("Servers outside Kubernetes, instead of a Service."),
    balance: z
      .union([
        z.enum(["roundrobin", "leastconn", "random", "first", "source"]),
        z.strictObject({
          header: headerName.describe("Requests with the same value go to the same server."),
        }),
        z.strictObject({
          uri: z.literal(true).describe("Requests for the same path go to the same server."),
        }),
      ])
      .optional()
      .describe(
        "How a server is chosen (HAProxy manual 4.2, balance). Default: leastconn over several servers.",
      ),
    health: health.optional(),
    timeouts: z
      .strictObject({
        connect: duration.optional().describe("Until the connection stands."),
        server: duration.optional().describe("Until the answer begins, and between its parts."),
        queue: duration.optional().describe("How long a request waits for a free connection."),
        tunnel: duration.optional().describe("How long a WebSocket may be silent."),
      })
      .optional()
      .describe("How long HAProxy waits for this backend, instead of the edge's own times."),
    retries: retries.optional().describe("How often a failed connection is retried. Default 3."),
    keepAlive: z
      .boolean()
      .optional()
      .describe("Keep connections to servers open and share them. Default true."),
    tls: z
      .union([
        z.boolean(),
        z.strictObject({
          verify: z
            .union([z.literal(false), filePath])
            .optional()
            .describe(
              "false, or a CA file that the image or a mount of your own provides. Default: the system's CAs.",
            ),
          ca: z
            .union([
              z.strictObject({
                configMap: objectName.describe("A ConfigMap in the edge's namespace."),
                key: dataKey.optional().describe("Its key with the certificates (PEM). Default ca.crt."),
              }),
              z.strictObject({
                secret: objectName.describe("A Secret in the edge's namespace."),
                key: dataKey.optional().describe("Its key with the certificates (PEM). Default ca.crt."),
              }),
            ])
            .optional()
            .describe(
              "The CAs that sign the servers' certificates, mounted into the pod; instead of `verify`.",
            ),
          sni: exactHost
            .optional()
            .describe(
              "The server name (SNI) that requests and health checks send, and that the certificate must have. Default: the Host of the request; health checks send `health.host`, or the first host that requests have.",
            ),
        }),
      ])
      .optional()
      .describe("Speak TLS to the servers."),
    proxyProtocol: z.enum(["v1", "v2"]).optional().describe("Send a PROXY header to the servers."),
    maxConnections: z
      .int()
      .min(1, "no connection at all means no request")
      .max(1_000_000)
      .optional()
      .describe("Connections to one server at once; more requests wait (HAProxy: maxconn)."),
    sticky: z
      .strictObject({
        cookie: headerName.describe("The cookie's name."),
        secure: z.boolean().optional().describe("Only over HTTPS. Default true."),
      })
      .optional()
      .describe(
        "A client stays with its server by a cookie that HAProxy sets: a hash of the server's address and the edge's `stickyKey`.",
      ),
    raw: rawLines.optional().describe("HAProxy lines for this backend's section, as they are."),
  })
  .describe("A pool of servers: a Kubernetes Service with its port, or explicit servers.");
