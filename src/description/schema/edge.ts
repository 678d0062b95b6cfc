// The whole description: one edge, its entrances, sites, backends and expectations.
import { z } from "zod";
import { ipFamily } from "../address.ts";
import { DEFAULTS } from "../defaults.ts";
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
  IPV4,
  IPV6,
  line,
  optional,
  PORT,
  port,
  rawLines,
  secretReference,
  size,
  wholeText,
} from "./fields.ts";
import { image } from "./image.ts";
import { invariant } from "./invariant.ts";
import { dns, kubernetes } from "./kubernetes.ts";
import { exactHost, headerEdits, responseHeaderEdits, site } from "./routes.ts";

/** Host names are refused: HAProxy resolves them at start only. HAProxy also expands variables in addresses ($HOME). */
const logTarget = line
  .refine(
    (value) => {
      const [, host = "", port = ""] = /^\[?([^[\]]*)\]?:(\d{1,5})$/.exec(value) ?? [];
      const ipv6 = value.startsWith("[");
      const server = ipFamily(host) === (ipv6 ? 6 : 4) && Number(port) >= 1 && Number(port) <= 65535;
      return value === "stdout" || server || /^\/[-A-Za-z0-9._/+:,=~]{1,99}$/.test(value);
    },
    { error: "write stdout, the path of a socket as in /dev/log, or address:port as in 192.0.2.9:514" },
  )
  .meta({
    shape: `^(stdout|/[-A-Za-z0-9._/+:,=~]{1,99}|(${IPV4}|\\[${IPV6}\\]):${PORT})$`,
    examples: ["stdout", "/dev/log", "192.0.2.9:514"],
  });

const logs = z
  .strictObject({
    to: optional(
      logTarget,
      "Where HAProxy sends its log: stdout, the path of a socket (/dev/log), or address:port of a syslog server.",
      DEFAULTS.logs.to,
    ),
    format: optional(
      z.enum(["json", "httplog", "off"]),
      "The format of the access log: `json`, `httplog` (HAProxy manual 8.2.3), or `off` for no access log.",
      DEFAULTS.logs.format,
    ),
    facility: optional(
      z
        .string()
        .regex(
          /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|auth2|ftp|ntp|audit|alert|cron2|local[0-7])$/,
          { error: "write a syslog facility, as in local0" },
        ),
      "The syslog facility.",
      DEFAULTS.logs.facility,
    ),
    level: optional(
      z.enum(["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]),
      "The lowest severity that is logged.",
      DEFAULTS.logs.level,
    ),
  })
  .describe("The log of HAProxy.");

const stats = z
  .strictObject({
    port: optional(port, "The port of the stats page.", DEFAULTS.stats.port),
    public: optional(z.boolean(), "Whether the stats page is reachable through the load balancer.", false),
    user: optional(
      z.strictObject({
        name: line
          .regex(/^[^:\s]{1,64}$/, {
            error: "a user name is 1 to 64 characters without colons and white space",
          })
          .describe("The user name, without colons and white space."),
        password: z
          .union([
            line
              .min(1, "the password is empty")
              .max(128, "longer than 128 characters")
              .describe("The password itself. It is rendered into a Secret, and into no other file."),
            secretReference,
          ])
          .describe(
            "The password: { secret, key } of a Secret that you create, or the password itself. HAProxy reads it from an environment variable.",
          ),
      }),
      "The user and password that the stats page requires. Default: none.",
    ),
  })
  .describe("The stats page of HAProxy.");

const { ports: PORTS } = DEFAULTS.haproxy;

const haproxy = z
  .strictObject({
    ports: optional(
      z.strictObject({
        http: optional(port, "The port for public HTTP requests.", PORTS.http),
        https: optional(port, "The port for public HTTPS requests.", PORTS.https),
        internal: optional(port, "The port for in-cluster clients.", PORTS.internal),
        health: optional(port, "The port for probes and metrics.", PORTS.health),
        check: optional(port, "The port for HTTP health checks of the load balancer.", PORTS.check),
      }),
      `The ports that HAProxy binds. Default ${PORTS.http}, ${PORTS.https}, ${PORTS.internal}, ${PORTS.health} and ${PORTS.check}.`,
    ),
    threads: optional(
      z.int().min(1).max(64),
      "HAProxy's threads. Default: twice `kubernetes.resources.cpu`, at least 2.",
    ),
    raw: optional(rawLines, "HAProxy directives that are added verbatim to the global section."),
  })
  .describe("The HAProxy process.");

const checks = z
  .strictObject({
    allow: optional(
      z.array(
        z.strictObject({
          code: dnsLabel.describe("The code of the finding, as `portico check` shows it."),
          because: wholeText
            .min(1, "write the reason why the finding is allowed")
            .max(500, "longer than 500 characters")
            .describe("Why the finding is accepted."),
          for: optional(
            wholeText.min(1, "the name is empty"),
            "Only findings that name this object in backquotes. Default: all with the code.",
          ),
        }),
      ),
      "Suppressed findings: they are known and accepted, and do not change the exit status.",
    ),
  })
  .describe("Settings of `portico check`.");

/**
 * HAProxy hashes key, address and port with XXH64, which reads blocks of 32 bytes. After a key of 56 characters, an IPv4 address and its
 * port (8 bytes) complete the second block. Bytes after the last complete block are mixed in by a step that can be inverted
 * (docs/decisions/0015-keyed-affinity-cookies.md).
 */
const STICKY_KEY = /^[A-Za-z0-9+/_-]{56}$/;

/** In bytes: HAProxy's default, and the largest buffers that are reasonable for every connection. */
const HEADER_SIZE = { least: 15_360, most: 1_048_576 } as const;

/** Accepts text that is not a size: that is a finding of its own. */
function isHeaderSize(text: string): boolean {
  if (!SIZE.test(text)) return true;
  const bytes = parseSizeBytes(text);
  return bytes >= HEADER_SIZE.least && bytes <= HEADER_SIZE.most;
}

export const edge = z
  .strictObject({
    edge: edgeName.describe(
      "The name of the edge. Kubernetes objects and cloud resources are named after it.",
    ),
    namespace: optional(
      dnsLabel,
      `The Kubernetes namespace of the edge, and of Services that are written without a namespace. Default: ${DEFAULTS.namespace}.`,
    ),
    clusterDomain: optional(exactHost, "The DNS domain of the cluster.", DEFAULTS.clusterDomain),
    public: publicEntrance.optional(),
    internal: internalEntrance.optional(),
    sites: z
      .array(site)
      .min(1, "without sites every request gets 404; list at least one")
      .describe("The sites: host names with their routes."),
    requestHeaders: optional(
      headerEdits,
      "Changes to the request headers on every route. Sites and routes can override them.",
    ),
    responseHeaders: optional(
      responseHeaderEdits,
      "Changes to the response headers on every route, not on responses without a route, such as 404 for an unknown host. Sites and routes can override them.",
    ),
    backends: optional(z.record(backendName, backend), "The backends, by name."),
    stickyKey: optional(
      z.union([
        line
          .regex(STICKY_KEY, {
            error:
              "write 56 letters, digits, +, /, - and _, as `openssl rand -base64 42` prints them: with another length, clients can compute the addresses of servers from two cookies",
          })
          .describe("The key itself: 56 random characters, as `openssl rand -base64 42` prints them."),
        secretReference,
      ]),
      "The key of the session affinity cookies (`sticky`): { secret, key } of a Secret that you create, or the key itself, which is rendered into a Secret.",
    ),
    paths: optional(
      z.enum(["normal", "as-is"]),
      "Whether HAProxy normalizes paths before it routes and forwards them. With `as-is`, a spelling such as //api can bypass a route.",
      DEFAULTS.paths,
    ),
    timeouts: optional(
      z.strictObject({
        client: optional(
          duration,
          "How long a client may be idle in the middle of a request. The total time of a body that is larger than HAProxy's buffer is not limited: see docs/concepts/security.md.",
          DEFAULTS.timeouts.client,
        ),
        handshake: optional(
          duration,
          "The maximum total time of a TLS handshake and a PROXY header, on HAProxy 3.0 and newer; on older versions `client` applies.",
          DEFAULTS.timeouts.handshake,
        ),
        server: optional(
          duration,
          "The maximum time until a response begins, and between two parts of it.",
          DEFAULTS.timeouts.server,
        ),
        connect: optional(
          duration,
          "The maximum time to establish a connection to a server.",
          DEFAULTS.timeouts.connect,
        ),
        request: optional(
          duration,
          "The maximum time until the request headers are complete.",
          DEFAULTS.timeouts.request,
        ),
        keepAlive: optional(
          duration,
          `How long HAProxy keeps an idle client connection open. Default ${DEFAULTS.timeouts.keepAlive}, or half the idle timeout of the load balancer if that is shorter.`,
        ),
        queue: optional(
          duration,
          "The maximum time that a request waits for a connection to a server.",
          DEFAULTS.timeouts.queue,
        ),
        check: optional(duration, "How long a health check may take.", DEFAULTS.timeouts.check),
      }),
      "The timeouts of HAProxy. Backends and routes can override them.",
    ),
    limits: optional(
      z.strictObject({
        maxConnections: optional(
          z
            .int()
            .min(10, "at least 10 connections")
            .max(1_000_000, "at most 1,000,000 connections: more need more than one process"),
          "The maximum number of concurrent client connections to one HAProxy, shared by its listeners. A listener that only redirects gets a quarter of the share of others.",
          DEFAULTS.limits.maxConnections,
        ),
        maxHeader: optional(
          size.refine(isHeaderSize, {
            error:
              "write 15360B to 1MiB: HAProxy's default is 15,360 bytes, and every connection has buffers of this size",
          }),
          "The maximum size of the request line and headers of a request, and of those of a response. Larger requests get 400, or 431 on HAProxy 3.2 and newer. HAProxy's buffer size and the memory request of the pod are computed from it.",
          `${HEADER_SIZE.least}B`,
        ),
        maxBody: optional(
          bodyLimit,
          "The default for `maxBody` of routes: requests with a larger body get 413, those with a body of unknown length 411. Does not apply to redirects. Default: no limit.",
        ),
      }),
      "The limits of one HAProxy.",
    ),
    compression: optional(
      z.union([
        z.boolean(),
        z.strictObject({
          types: z
            .array(
              headerValue.regex(/^[a-z]+\/[-+.a-z0-9]+$/, { error: "write a media type, as in text/html" }),
            )
            .min(1, "the list of media types is empty; write `false` for no compression")
            .max(40, "at most 40 media types: HAProxy reads 64 words per line")
            .describe("The media types that HAProxy compresses, as in text/html."),
        }),
      ]),
      "Whether HAProxy compresses responses with gzip, or for which media types. Default false: compression costs CPU at the edge, and applications can do it.",
    ),
    errorPages: optional(
      z.record(
        z.string().regex(/^(400|401|403|404|405|407|408|410|413|425|429|500|501|502|503|504)$/, {
          error:
            "HAProxy has error pages for 400, 401, 403, 404, 405, 407, 408, 410, 413, 425, 429, 500, 501, 502, 503 and 504",
        }),
        wholeText
          .min(1, "the page is empty, and HAProxy warns about empty pages; write at least a sentence")
          .max(8192, "longer than 8192 characters"),
      ),
      "HTML error pages by status, instead of HAProxy's own.",
    ),
    logs: logs.optional(),
    stats: optional(
      z.union([z.literal(false), stats]),
      `The stats page of HAProxy; false disables it. Default: on port ${DEFAULTS.stats.port}, reachable from inside the cluster only.`,
    ),
    haproxy: haproxy.optional(),
    image: image.optional(),
    dns: dns.optional(),
    kubernetes: kubernetes.optional(),
    expect: optional(
      z.array(expectation),
      "The expectations: requests with their expected outcomes, which `portico test` sends.",
    ),
    invariants: optional(
      z.array(invariant),
      "What holds for all requests. `portico test` proves it, or shows a request for which it does not hold.",
    ),
    check: checks.optional(),
  })
  .describe("One edge: the entrance of a Kubernetes cluster.");
