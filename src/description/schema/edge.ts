// The whole description: one edge, its entrances, sites, backends and expectations.
import { z } from "zod";
import { PROVIDERS } from "../../providers/providers.ts";
import { ipFamily } from "../address.ts";
import { parseSizeBytes, SIZE } from "../text.ts";
import { aws } from "./aws.ts";
import { backend } from "./backends.ts";
import { expectation } from "./expectation.ts";
import {
  backendName,
  dnsLabel,
  duration,
  edgeName,
  filePath,
  headerValue,
  line,
  network,
  objectName,
  port,
  rawLines,
  size,
  wholeText,
} from "./fields.ts";
import { image } from "./image.ts";
import { dns, kubernetes } from "./kubernetes.ts";
import { certificateHost, exactHost, site } from "./routes.ts";

const proxyVersion = z.enum(["v1", "v2", "none"]);

/** A qualified name (Kubernetes, "Annotations": syntax). */
const annotationName = z
  .string()
  .max(317, "317 characters at most")
  .regex(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/[A-Za-z0-9]([-A-Za-z0-9._]{0,61}[A-Za-z0-9])?$/, {
    error: "an annotation's name with its prefix, as in load-balancer.hetzner.cloud/location",
  });

const loadBalancerKind = z.enum(["aws-classic-elb", "aws-nlb", "http", "service", "none"]);

const loadBalancer = z
  .union([
    loadBalancerKind,
    z.strictObject({
      kind: loadBalancerKind.describe(
        "What stands in front. `http`: a load balancer that reads requests, such as an ALB or an ELB in HTTP mode, which you bring; its X-Forwarded-For is believed from `sources` alone.",
      ),
      provider: z
        .enum(PROVIDERS.map(({ name }) => name))
        .optional()
        .describe(
          "With `service`: whose controller makes the load balancer. It decides annotations, PROXY and health check; without it the Service is a plain one.",
        ),
      internal: z
        .boolean()
        .optional()
        .describe("With `service`: not reachable from the internet. Default false."),
      annotations: z
        .record(annotationName, line)
        .optional()
        .describe(
          "With `service`: annotations of the Service that Portico does not decide, such as a location or a name.",
        ),
      proxyProtocol: z
        .union([
          proxyVersion,
          z.strictObject({
            http: proxyVersion.optional().describe("On the plain port."),
            https: proxyVersion.optional().describe("On the HTTPS port."),
          }),
        ])
        .optional()
        .describe(
          "The PROXY protocol version it speaks, for all ports or by port. Default: v1 for aws-classic-elb, v2 for aws-nlb, what the provider of a service has, none for others.",
        ),
      sources: z
        .array(network)
        .min(1, "from nowhere comes no request")
        .optional()
        .describe(
          "The addresses it connects from; a PROXY header from elsewhere is refused, and with `http` every connection. Default: the private networks; with `http` there is none.",
        ),
      idleTimeout: duration
        .optional()
        .describe(
          "When it cuts a silent connection. Default: 60s (aws-classic-elb, http), 350s (aws-nlb), the provider's own, but at least 60s (service).",
        ),
      healthCheck: z
        .strictObject({
          interval: duration.optional().describe("Between two checks of a node. Default 10s."),
          timeout: duration.optional().describe("How long one may take. Default 5s."),
          healthy: z.int().min(2).max(10).optional().describe("Successes until a node is used. Default 2."),
          unhealthy: z
            .int()
            .min(2)
            .max(10)
            .optional()
            .describe("Failures until a node is not used any more. Default 2."),
        })
        .optional()
        .describe(
          "How the load balancer checks a node: by a TCP connection; an NLB and `http` by HTTP, on a port of its own.",
        ),
      aws: aws.optional(),
    }),
  ])
  .describe("What stands in front of the cluster.");

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
      endsAt: z
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
      endsAt: z.literal("haproxy").describe("HAProxy ends TLS; the load balancer passes the bytes through."),
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

const publicEntrance = z
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

const internalEntrance = z
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

/** A name would have to resolve before HAProxy starts, and HAProxy puts variables into addresses ($HOME). */
const logTarget = line.refine(
  (value) => {
    const [, host = "", port = ""] = /^\[?([^[\]]*)\]?:(\d{1,5})$/.exec(value) ?? [];
    const ipv6 = value.startsWith("[");
    const server = ipFamily(host) === (ipv6 ? 6 : 4) && Number(port) >= 1 && Number(port) <= 65535;
    return value === "stdout" || server || /^\/[-A-Za-z0-9._/+:,=~]{1,99}$/.test(value);
  },
  { error: "write stdout, a socket's path as in /dev/log, or address:port as in 192.0.2.9:514" },
);

const logs = z
  .strictObject({
    to: logTarget
      .optional()
      .describe("stdout, a socket's path (/dev/log) or address:port of a syslog server. Default stdout."),
    format: z.enum(["json", "httplog", "off"]).optional().describe("Default json."),
    facility: z
      .string()
      .regex(
        /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|auth2|ftp|ntp|audit|alert|cron2|local[0-7])$/,
        { error: "a syslog facility, as in local0" },
      )
      .optional()
      .describe("Default local0."),
    level: z
      .enum(["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"])
      .optional()
      .describe("The least urgent level that is sent. Default info."),
  })
  .describe("Where HAProxy's log goes and how it looks.");

const stats = z
  .strictObject({
    port: port.optional().describe("Default 8404."),
    public: z.boolean().optional().describe("Reachable through the load balancer. Default false."),
    user: z
      .strictObject({
        name: line
          .regex(/^[^:\s]{1,64}$/, { error: "a user name without colon and white space" })
          .describe("Without colon and white space."),
        password: line
          .regex(/^\S{1,128}$/, { error: "no white space" })
          .describe("In clear text, as it stands in haproxy.cfg."),
      })
      .optional()
      .describe("Who may look."),
  })
  .describe("HAProxy's stats page.");

const haproxy = z
  .strictObject({
    ports: z
      .strictObject({
        http: port.optional().describe("The public plain port. Default 8080."),
        https: port.optional().describe("The public HTTPS port. Default 8443."),
        internal: port.optional().describe("The port for in-cluster clients. Default 8081."),
        health: port.optional().describe("The port for probes and metrics. Default 8405."),
        check: port
          .optional()
          .describe("The port for the load balancer's health check, where it asks by HTTP. Default 8406."),
      })
      .optional()
      .describe("The ports HAProxy binds. Default 8080, 8443, 8081, 8405 and 8406."),
    threads: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe(
        "HAProxy's threads. Default: twice the requested CPU (`kubernetes.resources.cpu`), at least 2.",
      ),
    raw: rawLines.optional().describe("Lines for the global section, as they are."),
  })
  .describe("HAProxy itself.");

const checks = z
  .strictObject({
    allow: z
      .array(
        z.strictObject({
          code: dnsLabel.describe("The finding's code, as `portico check` shows it."),
          because: wholeText
            .min(1, "a finding is allowed for a reason: write it")
            .max(500, "longer than 500 characters")
            .describe("Why it may stand."),
          for: wholeText
            .min(1, "nothing has an empty name")
            .optional()
            .describe("Only findings that name this between backquotes. Default: all of the code."),
        }),
      )
      .optional()
      .describe("Findings that are known and may stand; they change no exit status."),
  })
  .describe("What `portico check` makes of this description.");

/** In bytes: HAProxy's default, and the most that every connection may have buffers for. */
export const HEADER_SIZE = { least: 15_360, most: 1_048_576 } as const;

/** A text that is no size has a finding of its own. */
function isHeaderSize(text: string): boolean {
  if (!SIZE.test(text)) return true;
  const bytes = parseSizeBytes(text);
  return bytes >= HEADER_SIZE.least && bytes <= HEADER_SIZE.most;
}

export const edge = z
  .strictObject({
    edge: edgeName.describe("The edge's name; objects are named after it."),
    namespace: dnsLabel
      .optional()
      .describe("The Kubernetes namespace; Services without one are looked for here. Default: default."),
    clusterDomain: exactHost.optional().describe("Default cluster.local."),
    public: publicEntrance.optional(),
    internal: internalEntrance.optional(),
    sites: z
      .array(site)
      .min(1, "an edge without sites answers 404 to everything")
      .describe("The host names that are served, and what is served under them."),
    backends: z.record(backendName, backend).optional().describe("By name."),
    paths: z
      .enum(["normal", "as-is"])
      .optional()
      .describe(
        "Whether a path is routed and passed on in its normal form. Default normal; with as-is a spelling such as //api can bypass a route.",
      ),
    timeouts: z
      .strictObject({
        client: duration.optional().describe("How long a client may be silent. Default 30s."),
        server: duration.optional().describe("How long a backend may think. Default 30s."),
        connect: duration.optional().describe("Until a connection to a server stands. Default 2s."),
        request: duration.optional().describe("Until a request's head is complete. Default 10s."),
        keepAlive: duration
          .optional()
          .describe(
            "How long an idle client connection stays. Default 30s, or half the load balancer's idle timeout when that is shorter.",
          ),
        queue: duration
          .optional()
          .describe("How long a request waits for a free connection to a server. Default 10s."),
        check: duration.optional().describe("How long a health check may take. Default 1s."),
      })
      .optional()
      .describe("How long HAProxy waits; backends and routes may differ."),
    limits: z
      .strictObject({
        maxConnections: z
          .int()
          .min(10, "fewer than 10 connections serve nobody")
          .max(1_000_000, "a million connections want more than one process")
          .optional()
          .describe(
            "Maximum concurrent client connections to one HAProxy, shared by its listeners. A listener that only redirects gets a quarter of the share of others. Default 8000.",
          ),
        maxHeader: size
          .refine(isHeaderSize, {
            error:
              "15360B to 1MiB: HAProxy's default is 15,360 bytes, and every connection has buffers of this size",
          })
          .optional()
          .describe(
            "Maximum size of the request line and headers of a request, and of those of a response. Larger requests get 400, or 431 from HAProxy 3.2 on. HAProxy's buffers and the pod's memory follow from it. Default 15360B.",
          ),
        maxBody: size
          .optional()
          .describe(
            "A request whose Content-Length announces a larger body gets 413, but for redirects, and unless a route says otherwise. A body in chunks announces nothing. Default: no limit.",
          ),
      })
      .optional()
      .describe("How much one HAProxy takes."),
    compression: z
      .union([
        z.boolean(),
        z.strictObject({
          types: z
            .array(headerValue.regex(/^[a-z]+\/[-+.a-z0-9]+$/, { error: "a media type, as in text/html" }))
            .min(1, "no type at all compresses nothing")
            .max(40, "40 types at most: HAProxy reads 64 words a line")
            .describe("Media types that are compressed, as in text/html."),
        }),
      ])
      .optional()
      .describe(
        "Compress answers with gzip. Default false: CPU at the edge is dearer than bytes, and services may do it.",
      ),
    errorPages: z
      .record(
        z.string().regex(/^(400|401|403|404|405|407|408|410|413|425|429|500|501|502|503|504)$/, {
          error:
            "HAProxy makes pages for 400, 401, 403, 404, 405, 407, 408, 410, 413, 425, 429, 500, 501, 502, 503, 504",
        }),
        wholeText
          .min(1, "an empty page: HAProxy takes it for a mistake and warns; write at least a sentence")
          .max(8192, "longer than 8192 characters"),
      )
      .optional()
      .describe("HTML by status, instead of HAProxy's own pages."),
    logs: logs.optional(),
    stats: z
      .union([z.literal(false), stats])
      .optional()
      .describe("Default: on port 8404, inside the cluster only. false: none."),
    haproxy: haproxy.optional(),
    image: image.optional(),
    dns: dns.optional(),
    kubernetes: kubernetes.optional(),
    expect: z.array(expectation).optional().describe("What the edge must do; played by `portico test`."),
    check: checks.optional(),
  })
  .describe("One edge: the entrance of a Kubernetes cluster.");

/** A description as a person writes it. */
export type EdgeDescription = z.input<typeof edge>;
