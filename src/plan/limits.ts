// Limits of one HAProxy: connections, and the descriptors and memory that they need.
import { DEFAULTS } from "../description/defaults.ts";
import { parseSizeBytes } from "../description/text.ts";
import { chosen, type Described, decide } from "./described.ts";
import type { Lowering } from "./lowering.ts";
import type { Decided, LimitsPlan, ListenerPlan, Plan } from "./plan.ts";
import type { SitePlan } from "./site-plan.ts";

const MIB = 1024 * 1024;
/** Connections that clients cannot use, by frontend: the stats page, the load balancer's check, probes and metrics. */
export const RESERVED = { stats: 20, check: 40, probes: 40 } as const;
const ALL_RESERVED = RESERVED.stats + RESERVED.check + RESERVED.probes;
/**
 * Protocol glitches of an HTTP/2 connection, without a limit by default. From HAProxy 3.2 on, streams that are reset
 * before they are processed count; a browser that navigates away adds about one per five requests that it cancels at
 * once.
 */
export const MOST_GLITCHES = 1000;
/** HAProxy's default (manual section 3.2, tune.bufsize). */
export const DEFAULT_BUFFER_BYTES = 16 * 1024;
/** A body of this size fits the buffer together with headers of up to 7 kB. */
export const BUFFERED_BODY_BYTES = DEFAULT_BUFFER_BYTES / 2;
/**
 * The largest Content-Length that every HAProxy version reads exactly: 2.6 and 3.0 take 2^64 for 0 and forward the header, which is request
 * smuggling. The converter `add` reads 64 bits and stops at 2^63 - 1 (tested on 2.6, 3.0, 3.2 and 3.4), `req.hdr_val` reads 32.
 */
export const LONGEST_BODY_BYTES = 999_999_999_999_999_999n;
/** Room for headers that the edge adds (manual section 3.2, tune.maxrewrite), and for HAProxy's internal form of 101 headers. */
const REWRITE_BYTES = 1024;
const FORM_BYTES = 1024;
/** One in each direction, and their copies for a retry. */
export const BUFFERS_PER_CONNECTION = 4;
/** A listener that only redirects holds a connection for one short answer. */
const SHARE = { serve: 4, redirect: 1 } as const;
/** A section with its servers and counters: 14 to 21 KiB, by version and threads. */
const PER_BACKEND_BYTES = 20 * 1024;
/** Resident memory of an idle HAProxy: 15 MB (2.6) to 23 MB (3.2), with room for maps and statistics. */
const BASE_BYTES = 48 * MIB;
/** A client that does not read its response: buffers in both directions and their copies for a retry (tune.bufsize), streams, sockets; 70.5 KiB on 2.6. */
const PER_CONNECTION_BYTES = 72 * 1024;
/** What TLS at HAProxy adds to a connection: 33 to 42 KiB with everything in use. */
const PER_TLS_CONNECTION_BYTES = 32 * 1024;

/** The lowest measured need of any version; a lower value is certainly too low. */
export const LEAST_BYTES = { idle: 15 * MIB, connection: 70 * 1024, tls: PER_TLS_CONNECTION_BYTES } as const;

export function lowerLimits(
  lowering: Lowering,
  { backends, listeners, sites }: Pick<Plan, "backends" | "listeners" | "sites">,
): LimitsPlan {
  const described = lowering.described.get("limits");
  const tls = listeners.some((listener) => listener.tls !== null);
  const servers = backends
    .flatMap((backend) => backend.servers)
    .reduce((count, { slots }) => count + (slots?.value ?? 1), 0);
  const maxConnections = decide(
    described.get("maxConnections"),
    DEFAULTS.limits.maxConnections,
    "needs 2 descriptors each, within a common limit of 20,000",
  );
  const connections = maxConnections.value;
  const all = connections + ALL_RESERVED;
  const buffer = bufferOf(described.get("maxHeader"));
  const larger = BUFFERS_PER_CONNECTION * ((buffer?.value ?? DEFAULT_BUFFER_BYTES) - DEFAULT_BUFFER_BYTES);
  const perConnection = PER_CONNECTION_BYTES + larger + (tls ? PER_TLS_CONNECTION_BYTES : 0);
  const memory =
    Math.ceil((BASE_BYTES + backends.length * PER_BACKEND_BYTES + connections * perConnection) / (16 * MIB)) *
    16 *
    MIB;
  return {
    maxConnections,
    allConnections: chosen(
      all,
      `${connections} for clients + ${ALL_RESERVED} for probes, checks and metrics`,
      maxConnections,
    ),
    bufferBytes: buffer,
    byListener: connectionsByListener(maxConnections, listeners, sites),
    fileDescriptors: chosen(
      2 * all + 2 * servers + 200,
      "2 per connection, 2 per server, 200 for listeners and logs",
    ),
    memoryBytes: chosen(
      memory,
      `${BASE_BYTES / MIB} MiB + ${PER_BACKEND_BYTES / 1024} KiB per backend + ${perConnection / 1024} KiB per connection${tls ? " with TLS" : ""}`,
      maxConnections,
      { at: buffer?.at },
    ),
  };
}

/** null: HAProxy's default is enough. */
function bufferOf(maxHeader: Described<string>): LimitsPlan["bufferBytes"] {
  if (maxHeader.value === undefined) return null;
  const needed = parseSizeBytes(maxHeader.value) + REWRITE_BYTES + FORM_BYTES;
  return {
    value: Math.max(DEFAULT_BUFFER_BYTES, Math.ceil(needed / 1024) * 1024),
    rewriteBytes: REWRITE_BYTES,
    because: `${maxHeader.value} for request line and headers, plus room for added headers`,
    at: maxHeader.at(),
  };
}

/**
 * Shares that add up to all: HAProxy accepts no connection on any port while it has as many as the global `maxconn` (manual
 * section 3.2), so full listeners must leave room for the others.
 */
function connectionsByListener(
  connections: Decided<number>,
  listeners: readonly ListenerPlan[],
  sites: readonly SitePlan[],
): LimitsPlan["byListener"] {
  const isServed = sites.some(({ routes }) => routes.some(({ plainHttp }) => plainHttp === "serve"));
  const shareOf = ({ httpsRedirect }: ListenerPlan) =>
    httpsRedirect === null || isServed ? SHARE.serve : SHARE.redirect;
  const parts = listeners.reduce((sum, listener) => sum + shareOf(listener), 0);
  return listeners.map((listener) => ({
    listener: listener.name,
    ...chosen(
      Math.max(1, Math.floor((connections.value * shareOf(listener)) / parts)),
      listeners.length === 1
        ? "all client connections"
        : `share of ${connections.value}: a full listener does not block others`,
      connections,
    ),
  }));
}
