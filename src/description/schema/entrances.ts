// The entrances: the public one through the load balancer with its TLS, and the one for in-cluster clients.
import { z } from "zod";
import { filePath, headerName, line, network, objectName, port, rawLines } from "./fields.ts";
import { loadBalancer } from "./load-balancer.ts";
import { certificateHost, exactHost } from "./routes.ts";

const certificate = z.strictObject({
  file: filePath
    .optional()
    .describe("Certificate chain and key in one PEM file, as HAProxy sees it in its container."),
  secret: objectName
    .optional()
    .describe(
      "A Secret of type kubernetes.io/tls in the edge's namespace, mounted where HAProxy reads it; instead of `file`.",
    ),
  hosts: z
    .array(certificateHost)
    .min(1, "a certificate has a name")
    .optional()
    .describe(
      "Which hosts its names cover: checked against the sites' hosts, and what the lab's stand-in certificate is for. HAProxy itself goes by the names in the file.",
    ),
});

const tls = z
  .union([
    z.strictObject({
      terminatedAt: z
        .literal("loadBalancer")
        .describe("The load balancer ends TLS; HAProxy gets plain HTTP and knows that it was HTTPS."),
      certificate: z
        .union([
          line,
          z.strictObject({
            hosts: z
              .array(certificateHost)
              .min(1, "a certificate has a name")
              .optional()
              .describe("Its names. Default: the public sites' hosts."),
          }),
        ])
        .optional()
        .describe(
          "The load balancer's certificate: its ARN, or `acm` for one that AWS Certificate Manager makes for the sites' hosts, or for `hosts`; with `service` what its provider names it by. Left out: a variable of the Terraform.",
        ),
    }),
    z.strictObject({
      terminatedAt: z
        .literal("haproxy")
        .describe("HAProxy ends TLS; the load balancer passes the bytes through."),
      certificates: z
        .array(certificate)
        .min(1, "TLS at HAProxy needs a certificate")
        .max(24, "24 certificates at most: HAProxy reads 64 words a line")
        .describe("The first is the default; others by SNI."),
      minVersion: z.enum(["1.2", "1.3"]).optional().describe("Default 1.2."),
      http2: z.boolean().optional().describe("Offer HTTP/2 by ALPN. Default true."),
    }),
  ])
  .describe("Where TLS ends. Left out: the public entrance is plain HTTP.");

export const publicEntrance = z
  .strictObject({
    loadBalancer: loadBalancer.optional(),
    tls: tls.optional(),
    plainHttp: z
      .enum(["redirect", "serve", "off"])
      .optional()
      .describe("What the plain port does. Default: redirect where there is TLS, else serve."),
    allow: z
      .array(network)
      .min(1, "an empty list lets nobody in")
      .optional()
      .describe("Whose requests are answered; others get 403. Not for the stats page. Default: everyone's."),
    trustedHeaders: z
      .array(headerName)
      .min(1, "an empty list trusts nothing; leave it out")
      .optional()
      .describe(
        "Request headers that the load balancer or CDN in front of the edge sets and backends read, as in CF-Connecting-IP. HAProxy removes such headers from other requests, because any client can write them. Default: none.",
      ),
    ports: z
      .strictObject({
        http: port.optional().describe("Default 80."),
        https: port.optional().describe("Default 443."),
      })
      .optional()
      .describe("The load balancer's ports. Default 80 and 443."),
    raw: rawLines.optional().describe("HAProxy lines for the public frontends, as they are."),
  })
  .describe("The way in from outside, through the load balancer.");

export const internalEntrance = z
  .strictObject({
    hosts: z
      .array(exactHost)
      .optional()
      .describe("Names by which in-cluster clients reach `site`, such as the Service's name."),
    site: line
      .optional()
      .describe("The site that these names stand for: one of its hosts. Needed when there are several."),
    sharesPublicPort: z
      .strictObject({
        hostPrefix: z
          .string()
          .regex(/^[a-zA-Z0-9][-a-zA-Z0-9.]{0,62}$/, { error: "letters, digits, - and . only" })
          .describe("A Host that begins so, in any case, is taken for an internal caller."),
      })
      .optional()
      .describe(
        "Tell internal callers apart by their Host on the public plain port, instead of a port of their own. Anyone can write such a Host; check reports it.",
      ),
    raw: rawLines.optional().describe("HAProxy lines for the internal frontend, as they are."),
  })
  .describe("The entrance for in-cluster clients: a port of its own, without redirect to HTTPS.");
