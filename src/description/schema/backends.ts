// Backends: the pools of servers that HAProxy sends requests to.
import { z } from "zod";
import { ipFamily } from "../address.ts";
import { DEFAULTS } from "../defaults.ts";
import { parseHostName } from "../host.ts";
import { parsePath } from "../path.ts";
import {
  dataKey,
  duration,
  filePath,
  headerName,
  IPV6,
  keys,
  line,
  method,
  objectName,
  optional,
  PORT,
  port,
  rawLines,
  retries,
  serviceName,
  UNWRITABLE,
} from "./fields.ts";
import { exactHost } from "./routes.ts";

/** `10.0.0.7:8080`, `db.example.com:80` or `[2001:db8::1]:80`. */
const address = line
  .superRefine((value, context) => {
    const message = addressProblem(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  })
  .meta({
    shape: `^(\\[${IPV6}\\]|[^${UNWRITABLE}\\s:/?#@%\\\\\\[\\]]+):${PORT}$`,
    examples: ["10.0.0.7:8080"],
  });

function addressProblem(value: string): string | undefined {
  const [, host = "", port = ""] = /^(.*):(\d{1,5})$/.exec(value) ?? [];
  if (port === "" || Number(port) < 1 || Number(port) > 65535)
    return "write address:port, as in 10.0.0.7:8080";
  const bracketed = /^\[(.*)\]$/.exec(host)?.[1];
  if (bracketed !== undefined)
    return ipFamily(bracketed) === 6 ? undefined : "write an IPv6 address without a zone between [ and ]";
  if (ipFamily(host) === 6) return "write an IPv6 address between [ and ]";
  if (ipFamily(host) !== 0) return undefined;
  const parsed = parseHostName(host);
  return "problem" in parsed ? parsed.problem : undefined;
}

const server = z.union([
  address.describe("A server as address:port."),
  z.strictObject({
    address: address.describe("The server as address:port. HAProxy resolves a name at run time."),
    weight: optional(
      z.int().min(0, "a weight is 0 to 256").max(256, "a weight is 0 to 256 (HAProxy manual 5.2, weight)"),
      "The share of requests relative to the other servers.",
      DEFAULTS.backend.serverWeight,
    ),
    backup: optional(
      z.boolean(),
      "Whether the server gets requests only while all other servers are down.",
      false,
    ),
  }),
]);

const health = z
  .union([
    z.literal(false).describe("No health checks: HAProxy considers every server up."),
    z.literal("tcp").describe("A server is healthy when it accepts a TCP connection."),
    z.strictObject({
      path: line
        .refine((value) => !("problem" in parsePath(value.split("?")[0] ?? "")), {
          error: "a path begins with / and is written as in a URL",
        })
        .meta({ shape: `^/[^${UNWRITABLE}?#]*(\\?[^${UNWRITABLE}#]*)?$`, examples: ["/health"] })
        .describe("The path of the health check request."),
      host: optional(
        exactHost,
        "The Host header of the health check request. Default: the name of the Service or of the server; localhost if servers have IP addresses only.",
      ),
      method: optional(
        method.refine((value) => value !== "CONNECT", {
          error: "CONNECT requests have no path (RFC 9110, 9.3.6); write GET or HEAD",
        }),
        "The method of the health check request.",
        DEFAULTS.backend.health.method,
      ),
      status: optional(
        z
          .string()
          .regex(/^[1-5]\d\d(-[1-5]\d\d)?(,[1-5]\d\d(-[1-5]\d\d)?)*$/, {
            error: "write a status, a range or a list, as in 200-399 or 200,204",
          })
          .refine(
            (text) => text.split(",").every((range) => Number(range.slice(0, 3)) <= Number(range.slice(-3))),
            { error: "write the lower status of a range first" },
          ),
        "The response statuses of a healthy server: a status, a range or a list.",
        DEFAULTS.backend.health.status,
      ),
      interval: optional(
        duration,
        "The interval between two health checks.",
        DEFAULTS.backend.health.interval,
      ),
      timeout: optional(duration, "How long a health check may take.", DEFAULTS.timeouts.check),
      rise: optional(
        z.int().min(1).max(100),
        "Consecutive successful checks until a server is up.",
        DEFAULTS.backend.health.rise,
      ),
      fall: optional(
        z.int().min(1).max(100),
        "Consecutive failed checks until a server is down.",
        DEFAULTS.backend.health.fall,
      ),
    }),
  ])
  .describe(
    "How HAProxy checks the health of a server: by an HTTP request ({ path, … }), by a TCP connection (tcp), or not at all (false). Default: tcp.",
  );

export const backend = z
  .strictObject({
    service: optional(serviceName, "The Kubernetes Service: `name` or `name.namespace`."),
    port: optional(port, "The port of the Service. With `endpoints: headless`: the port of its pods."),
    endpoints: optional(
      z.union([
        z.enum(["service", "headless"]),
        z.strictObject({
          headless: z
            .int()
            .min(1, "at least 1 pod")
            .max(1000, "at most 1000 servers: a DNS response does not hold more addresses")
            .describe("The number of servers that HAProxy reserves: the maximum number of pods."),
        }),
      ]),
      `\`service\`: HAProxy connects to the cluster IP, and Kubernetes chooses the pod. \`headless\`: the Service has no cluster IP; HAProxy resolves the addresses of its pods by DNS and balances over up to ${DEFAULTS.backend.headless} of them, or the number in { headless }. A terminating pod must continue to serve requests for the TTL of the DNS record, often 30 s.`,
      DEFAULTS.backend.endpoints,
    ),
    servers: optional(
      z.array(server).min(1, "without servers every request gets 503; list at least one"),
      "Servers outside Kubernetes, instead of `service`.",
    ),
    balance: optional(
      z.union([
        z.enum(["roundrobin", "leastconn", "random", "first", "source"]),
        z.strictObject({
          header: headerName.describe("Requests with the same value of this header go to the same server."),
        }),
        z.strictObject({
          uri: z.literal(true).describe("Requests for the same path go to the same server."),
        }),
      ]),
      "The balancing algorithm (HAProxy manual 4.2). Default: leastconn for several servers.",
    ),
    health: health.optional(),
    timeouts: optional(
      z.strictObject({
        connect: optional(duration, "The maximum time to establish a connection."),
        server: optional(
          duration,
          "The maximum time until the response begins, and between two parts of it.",
        ),
        queue: optional(duration, "The maximum time that a request waits in the queue for a connection."),
        tunnel: optional(duration, "The idle timeout of a WebSocket."),
      }),
      "The timeouts of this backend, instead of the timeouts of the edge.",
    ),
    retries: optional(retries, "How often HAProxy retries a failed connection.", DEFAULTS.backend.retries),
    keepAlive: optional(z.boolean(), "Whether HAProxy reuses connections to servers, for all clients.", true),
    tls: optional(
      z.union([
        z.boolean(),
        z
          .strictObject({
            verify: optional(
              z.union([z.literal(false), filePath]),
              "How HAProxy verifies the certificate of a server: the path of a CA file that is in the image or in a mount of yours, or false for no verification. Default: the CAs of the system.",
            ),
            ca: optional(
              z.union([
                z.strictObject({
                  configMap: objectName.describe("A ConfigMap in the namespace of the edge."),
                  key: optional(
                    dataKey,
                    "The key that holds the certificates (PEM).",
                    DEFAULTS.backend.caKey,
                  ),
                }),
                z.strictObject({
                  secret: objectName.describe("A Secret in the namespace of the edge."),
                  key: optional(
                    dataKey,
                    "The key that holds the certificates (PEM).",
                    DEFAULTS.backend.caKey,
                  ),
                }),
              ]),
              "The CAs that sign the certificates of the servers, from a ConfigMap or Secret that is mounted into the pod; instead of `verify`.",
            ),
            sni: optional(
              exactHost,
              "The server name (SNI) that HAProxy sends with requests and health checks, and that the certificate must contain. Default: the Host of the request; for health checks `health.host`, or the first host of the routes to this backend.",
            ),
          })
          .meta({ not: keys(["ca", "verify"]) }),
      ]),
      "Whether HAProxy connects to the servers by TLS, and how.",
      false,
    ),
    proxyProtocol: optional(
      z.enum(["v1", "v2"]),
      "The version of the PROXY protocol that HAProxy sends to the servers. Default: none.",
    ),
    maxConnections: optional(
      z.int().min(1, "at least 1 connection").max(1_000_000),
      "The maximum number of concurrent connections to one server; further requests are queued (HAProxy manual 5.2, maxconn). Default: no limit.",
    ),
    sticky: optional(
      z.strictObject({
        cookie: headerName.describe("The name of the cookie."),
        secure: optional(z.boolean(), "Whether browsers send the cookie over HTTPS only.", true),
      }),
      "Session affinity: HAProxy sets a cookie by which later requests of a client go to the same server. Its value is a hash of the address of the server and the `stickyKey` of the edge.",
    ),
    raw: optional(rawLines, "HAProxy directives that are added verbatim to the section of this backend."),
  })
  .meta({
    oneOf: [keys(["service"]), keys(["servers"])],
    dependentRequired: { service: ["port"], port: ["service"], endpoints: ["service"] },
  })
  .describe("A pool of servers: a Kubernetes Service with its port, or explicit servers.");
