// The entrances: the public one through the load balancer, with TLS, and the internal one for in-cluster clients.
import { z } from "zod";
import { filePath, headerName, keys, line, network, objectName, port, rawLines } from "./fields.ts";
import { loadBalancer } from "./load-balancer.ts";
import { certificateHost, exactHost } from "./routes.ts";

const certificate = z
  .strictObject({
    file: filePath
      .optional()
      .describe("The path of a PEM file in HAProxy's container, with certificate chain and key."),
    secret: objectName
      .optional()
      .describe(
        "A Secret of type kubernetes.io/tls in the namespace of the edge, which is mounted into the pod; instead of `file`.",
      ),
    hosts: z
      .array(certificateHost)
      .min(1, "a certificate has at least one name")
      .optional()
      .describe(
        "The hosts that the certificate covers. `portico check` compares them with the hosts of the sites, and the lab issues a test certificate for them. HAProxy uses the names in the certificate itself.",
      ),
  })
  .meta({ oneOf: [keys(["file"]), keys(["secret"])] });

const tls = z
  .union([
    z.strictObject({
      terminatedAt: z
        .literal("loadBalancer")
        .describe(
          "The load balancer terminates TLS. HAProxy receives plain HTTP on a port of its own, and treats the requests there as HTTPS.",
        ),
      certificate: z
        .union([
          line,
          z.strictObject({
            hosts: z
              .array(certificateHost)
              .min(1, "a certificate has at least one name")
              .optional()
              .describe("The names of the certificate. Default: the hosts of the public sites."),
          }),
        ])
        .optional()
        .describe(
          "The certificate of the load balancer: its ARN; `acm`, for a certificate that AWS Certificate Manager issues for the hosts of the sites; { hosts }, for one that it issues for these hosts; with kind `service`, the identifier that the provider uses. Default: a Terraform variable.",
        ),
    }),
    z.strictObject({
      terminatedAt: z
        .literal("haproxy")
        .describe("HAProxy terminates TLS. The load balancer forwards the TCP connection."),
      certificates: z
        .array(certificate)
        .min(1, "TLS at HAProxy needs at least one certificate")
        .max(24, "at most 24 certificates: HAProxy reads 64 words per line")
        .describe("The certificates, selected by SNI. The first one is the default."),
      minVersion: z
        .enum(["1.2", "1.3"])
        .optional()
        .describe("The lowest TLS version that HAProxy accepts. Default 1.2."),
      http2: z.boolean().optional().describe("Whether HAProxy offers HTTP/2 by ALPN. Default true."),
    }),
  ])
  .describe("Where TLS is terminated. Default: no TLS; the public entrance is plain HTTP.");

export const publicEntrance = z
  .strictObject({
    loadBalancer: loadBalancer.optional(),
    tls: tls.optional(),
    plainHttp: z
      .enum(["redirect", "serve", "off"])
      .optional()
      .describe(
        "What happens to plain HTTP requests: redirect to HTTPS, serve them, or no listener (off). Default: redirect if there is TLS, otherwise serve.",
      ),
    allow: z
      .array(network)
      .min(1, "the list is empty: every request would get 403; leave it out to allow all clients")
      .optional()
      .describe(
        "The client addresses and networks whose requests are allowed; other requests get 403. Does not apply to the stats page. Default: all clients.",
      ),
    trustedHeaders: z
      .array(headerName)
      .min(1, "the list is empty; leave it out")
      .optional()
      .describe(
        "Request headers that the load balancer or CDN in front of the edge sets and backends read, as in CF-Connecting-IP. HAProxy removes them from requests of other clients, because any client can send them. Default: none.",
      ),
    ports: z
      .strictObject({
        http: port.optional().describe("The port for HTTP. Default 80."),
        https: port.optional().describe("The port for HTTPS. Default 443."),
      })
      .optional()
      .describe("The ports of the load balancer. Default 80 and 443."),
    raw: rawLines.optional().describe("HAProxy directives that are added verbatim to the public frontends."),
  })
  .describe("The public entrance: from outside the cluster, through the load balancer.");

export const internalEntrance = z
  .strictObject({
    hosts: z
      .array(exactHost)
      .optional()
      .describe("Host names by which in-cluster clients reach `site`, such as the name of the Service."),
    site: line
      .optional()
      .describe("The site that `hosts` are aliases for, by a host name. Required for several sites."),
    sharesPublicPort: z
      .strictObject({
        hostPrefix: z
          .string()
          .regex(/^[a-zA-Z0-9][-a-zA-Z0-9.]{0,62}$/, { error: "letters, digits, - and . only" })
          .describe("Requests whose Host begins with this text, in any case, are treated as internal."),
      })
      .optional()
      .describe(
        "Recognize in-cluster clients by the Host header on the public plain HTTP port, instead of a port of their own. Any client can send such a Host; `portico check` reports it.",
      ),
    raw: rawLines.optional().describe("HAProxy directives that are added verbatim to the internal frontend."),
  })
  .describe("The internal entrance: a port for in-cluster clients, without redirect to HTTPS.");
