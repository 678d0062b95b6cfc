// The entrances: the public one through the load balancer, with TLS, and the internal one for in-cluster clients.
import { z } from "zod";
import { DEFAULTS } from "../defaults.ts";
import { filePath, headerName, keys, line, network, objectName, optional, port, rawLines } from "./fields.ts";
import { loadBalancer } from "./load-balancer.ts";
import { certificateHost, exactHost } from "./routes.ts";

const certificate = z
  .strictObject({
    file: optional(
      filePath,
      "The path of a PEM file in HAProxy's container, with certificate chain and key.",
    ),
    secret: optional(
      objectName,
      "A Secret of type kubernetes.io/tls in the namespace of the edge, which is mounted into the pod; instead of `file`.",
    ),
    hosts: optional(
      z.array(certificateHost).min(1, "a certificate has at least one name"),
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
      certificate: optional(
        z.union([
          line,
          z.strictObject({
            hosts: optional(
              z.array(certificateHost).min(1, "a certificate has at least one name"),
              "The names of the certificate. Default: the hosts of the public sites.",
            ),
          }),
        ]),
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
      minVersion: optional(
        z.enum(["1.2", "1.3"]),
        "The lowest TLS version that HAProxy accepts.",
        DEFAULTS.tls.minVersion,
      ),
      http2: optional(z.boolean(), "Whether HAProxy offers HTTP/2 by ALPN.", true),
    }),
  ])
  .describe("Where TLS is terminated. Default: no TLS; the public entrance is plain HTTP.");

export const publicEntrance = z
  .strictObject({
    loadBalancer: loadBalancer.optional(),
    tls: tls.optional(),
    plainHttp: optional(
      z.union([
        z.enum(["redirect", "serve", "off"]),
        z.strictObject({
          redirect: z
            .union([z.literal(301), z.literal(302), z.literal(307), z.literal(308)], {
              error: "the status of a redirect to HTTPS is 301, 302, 307 or 308",
            })
            .describe("The status of the redirect. With 307 and 308, clients keep the method."),
        }),
      ]),
      "What happens to plain HTTP requests: redirect to HTTPS with status 301 or another one ({ redirect: 308 }), serve them, or no listener (off). Sites and routes can be excepted from the redirect. Default: redirect if there is TLS, otherwise serve.",
    ),
    allow: optional(
      z
        .array(network)
        .min(1, "the list is empty: every request would get 403; leave it out to allow all clients"),
      "The client addresses and networks whose requests are allowed; other requests get 403. Does not apply to the stats page. Default: all clients.",
    ),
    trustedHeaders: optional(
      z.array(headerName).min(1, "the list is empty; leave it out"),
      "Request headers that the load balancer or CDN in front of the edge sets and backends read, as in CF-Connecting-IP. HAProxy removes them from requests of other clients, because any client can send them. Default: none.",
    ),
    ports: optional(
      z.strictObject({
        http: optional(port, "The port for HTTP.", DEFAULTS.ports.http),
        https: optional(port, "The port for HTTPS.", DEFAULTS.ports.https),
      }),
      `The ports of the load balancer. Default ${DEFAULTS.ports.http} and ${DEFAULTS.ports.https}.`,
    ),
    raw: optional(rawLines, "HAProxy directives that are added verbatim to the public frontends."),
  })
  .describe("The public entrance: from outside the cluster, through the load balancer.");

export const internalEntrance = z
  .strictObject({
    hosts: optional(
      z.array(exactHost),
      "Host names by which in-cluster clients reach `site`, such as the name of the Service.",
    ),
    site: optional(
      line,
      "The site that `hosts` are aliases for, by a host name. Required for several sites.",
    ),
    sharesPublicPort: optional(
      z.strictObject({
        hostPrefix: z
          .string()
          .regex(/^[a-zA-Z0-9][-a-zA-Z0-9.]{0,62}$/, { error: "letters, digits, - and . only" })
          .describe("Requests whose Host begins with this text, in any case, are treated as internal."),
      }),
      "Recognize in-cluster clients by the Host header on the public plain HTTP port, instead of a port of their own. Any client can send such a Host; `portico check` reports it.",
    ),
    raw: optional(rawLines, "HAProxy directives that are added verbatim to the internal frontend."),
  })
  .describe("The internal entrance: a port for in-cluster clients, without redirect to HTTPS.");
