// The whole description: one edge, its entrances, sites, backends and expectations.
import { z } from "zod";
import { ipFamily } from "../address.ts";
import { parseSizeBytes, SIZE } from "../text.ts";
import { backend } from "./backends.ts";
import { internalEntrance, publicEntrance } from "./entrances.ts";
import { expectation } from "./expectation.ts";
import {
  backendName,
  bodyLimit,
  dnsLabel,
  duration,
  edgeName,
  headerValue,
  line,
  port,
  rawLines,
  secretReference,
  size,
  wholeText,
} from "./fields.ts";
import { image } from "./image.ts";
import { dns, kubernetes } from "./kubernetes.ts";
import { exactHost, site } from "./routes.ts";

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
        password: z
          .union([
            line
              .min(1, "an empty password is no password")
              .max(128, "longer than 128 characters")
              .describe("The password itself: it is rendered into a Secret, and into nothing else."),
            secretReference,
          ])
          .describe(
            "Where the password is: { secret, key } of a Secret that you make, or the password itself. HAProxy gets it by its environment.",
          ),
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

/**
 * HAProxy hashes key, address and port by XXH64, which reads blocks of 32 bytes: behind 56 characters an IPv4 address and its port
 * (8 bytes) end the second block. Behind the end of a block they are a step that can be computed backwards
 * (docs/decisions/0015-keyed-affinity-cookies.md).
 */
const STICKY_KEY = /^[A-Za-z0-9+/_-]{56}$/;

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
    stickyKey: z
      .union([
        line
          .regex(STICKY_KEY, {
            error:
              "56 letters, digits, +, /, - and _, as `openssl rand -base64 42` prints them: another length lets clients compute the servers' addresses from two cookies",
          })
          .describe("The key itself: 56 random characters, as `openssl rand -base64 42` prints them."),
        secretReference,
      ])
      .optional()
      .describe(
        "The key of the cookies by which clients stay with their server (`sticky`): { secret, key } of a Secret that you make, or the key itself, which is rendered into a Secret.",
      ),
    paths: z
      .enum(["normal", "as-is"])
      .optional()
      .describe(
        "Whether a path is routed and passed on in its normal form. Default normal; with as-is a spelling such as //api can bypass a route.",
      ),
    timeouts: z
      .strictObject({
        client: duration
          .optional()
          .describe(
            "How long a client may send nothing in the middle of a request. There is no total time for a body that is larger than HAProxy's buffer: see docs/concepts/security.md. Default 30s.",
          ),
        handshake: duration
          .optional()
          .describe(
            "How long a TLS handshake and a PROXY header may take in total, on HAProxy 3.0 and newer; on 2.6 they may take `client`. Default 10s.",
          ),
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
        maxBody: bodyLimit
          .optional()
          .describe(
            "The default of every route's `maxBody`: requests with a larger body get 413, those with a body of unknown length 411. Not on redirects. Default: no limit.",
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
