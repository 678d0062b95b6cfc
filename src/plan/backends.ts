// Lowering of backends: servers with the names that resolve, health checks, and the variants that routes need.
import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import type { z } from "zod";
import { DEFAULTS } from "../description/defaults.ts";
import { parsePath } from "../description/path.ts";
import type { backend as backendSchema } from "../description/schema/backends.ts";
import { MOST_RETRIES } from "../description/schema/fields.ts";
import { parseDurationMs } from "../description/text.ts";
import type { Fix, Position } from "../findings/finding.ts";
import { lowerHostName } from "./actions.ts";
import type { BackendPlan, HealthPlan, ServerPlan } from "./backend-plan.ts";
import { lowerBackendTls } from "./backend-tls.ts";
import { chosen, type Described, decide } from "./described.ts";
import { inMs, optionalMs } from "./durations.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";
import type { Decided } from "./plan.ts";
import { variantName } from "./proxy-names.ts";
import { lowerRaw } from "./raw-lines.ts";
import { planSecret } from "./secrets.ts";
import type { SitePlan } from "./site-plan.ts";
import { CHECK_TIMEOUT_REASON } from "./timeouts.ts";

/** A backend as it is described. */
export type DescribedBackend = z.output<typeof backendSchema>;

/** Every described backend, followed by its variants. */
export function lowerBackends(lowering: Lowering, sites: readonly SitePlan[]): readonly BackendPlan[] {
  const described = new Set(Object.keys(lowering.edge.backends ?? {}));
  const used = usedBackends(sites);
  return Object.entries(lowering.edge.backends ?? {}).flatMap(([name, backend]) => {
    const plan = lowerBackend(lowering, sites, described, name, backend);
    const variants = RETRIES.flatMap((retries) => {
      const section = variantName(described, name, retries);
      return used.has(section) ? [variant(plan, section, retries)] : [];
    });
    if (variants.length > 0 && plan.maxConnections !== null)
      reportSplitLimit(lowering, plan, variants.length);
    return [plan, ...variants];
  });
}

/** Every number of retries that a route may have. */
const RETRIES = Array.from({ length: MOST_RETRIES + 1 }, (_, retries) => retries);

function usedBackends(sites: readonly SitePlan[]): ReadonlySet<string> {
  const actions = sites.flatMap(({ routes }) => routes.map(({ action }) => action));
  return new Set(
    actions.flatMap((action) => (action.kind === "forward" ? action.to.map(({ backend }) => backend) : [])),
  );
}

/** HAProxy counts a server's connections by section, and each number of retries has one. */
function reportSplitLimit(lowering: Lowering, { name, maxConnections }: BackendPlan, variants: number): void {
  lowering.report({
    code: "retries-multiply-connection-limit",
    severity: "warning",
    what: `servers of \`${name}\` may get ${variants + 1} times \`maxConnections: ${maxConnections}\``,
    why: "A route with its own `retries` needs its own HAProxy section, and each section counts the connections to a server separately.",
    remedy: "Remove `retries` from the routes, or lower `maxConnections`.",
    path: ["backends", name, "maxConnections"],
  });
}

function variant(plan: BackendPlan, name: string, retries: number): BackendPlan {
  return {
    ...plan,
    name,
    variantOf: plan.name,
    retries: chosen(retries, "set by a route; HAProxy has one value per backend"),
  };
}

function lowerBackend(
  lowering: Lowering,
  sites: readonly SitePlan[],
  described: ReadonlySet<string>,
  name: string,
  backend: DescribedBackend,
): BackendPlan {
  const path = ["backends", name];
  const own = lowering.described.get("backends").get(name);
  const servers = lowerServers(lowering, name, backend, path);
  const sections = new Set([name, ...RETRIES.map((retries) => variantName(described, name, retries))]);
  const health = lowerHealth(lowering, own, servers);
  const timeout = (key: "connect" | "server" | "queue" | "tunnel") =>
    optionalMs(lowering, backend.timeouts?.[key], [...path, "timeouts", key]);
  return {
    name,
    variantOf: null,
    servers,
    balance: lowerBalance(
      own.get("balance"),
      servers.reduce((count, { slots }) => count + (slots?.value ?? 1), 0),
    ),
    health,
    retries: decide(
      own.get("retries"),
      DEFAULTS.backend.retries,
      "HAProxy's default; covers a pod that has just been removed",
    ),
    timeouts: {
      connectMs: timeout("connect"),
      serverMs: timeout("server"),
      queueMs: timeout("queue"),
      tunnelMs: timeout("tunnel"),
    },
    keepAlive: decide(own.get("keepAlive"), true, "one connection per request would halve the throughput"),
    tls: lowerBackendTls({ lowering, name, sections, backend, servers, health, sites }),
    proxyProtocol: backend.proxyProtocol ?? "none",
    maxConnections: backend.maxConnections ?? null,
    sticky: lowerSticky(lowering, name, backend),
    raw: lowerRaw(lowering, backend.raw, [...path, "raw"]),
    at: lowering.at(path, true),
  };
}

function lowerSticky(lowering: Lowering, name: string, { sticky }: DescribedBackend): BackendPlan["sticky"] {
  if (sticky === undefined) return null;
  const { stickyKey } = lowering.edge;
  if (stickyKey === undefined) reportMissingKey(lowering, name);
  return {
    cookie: sticky.cookie,
    secure: sticky.secure ?? true,
    key: planSecret("STICKY_KEY", stickyKey ?? "", lowering.at(["stickyKey"])),
  };
}

/** Once for the edge, at the first backend that needs it. */
function reportMissingKey({ edge, report, at }: Lowering, name: string): void {
  const [first] = Object.entries(edge.backends ?? {}).find(([, { sticky }]) => sticky !== undefined) ?? [];
  if (name !== first) return;
  const key = `stickyKey: ${JSON.stringify(randomBytes(STICKY_KEY_BYTES).toString("base64"))}`;
  report({
    code: "sticky-without-key",
    what: `\`sticky\` of \`${name}\` has no key for its cookies`,
    why: "The cookie of a server is a hash of its address: without a secret key, clients can compute the addresses of servers and the cookies of other servers.",
    remedy: `Write \`${key}\`, a new random key, at the top of the description, or store a key in a Secret and write \`stickyKey: { secret: NAME, key: KEY }\`.`,
    path: ["backends", name, "sticky"],
    key: true,
    fix: newLine(at(["edge"], true), key),
  });
}

/** A line before a key of a YAML description that is at the beginning of its line. */
function newLine(place: Position | undefined, text: string): Fix | undefined {
  if (place === undefined || place.column !== 1 || !/\.ya?ml$/.test(place.file)) return undefined;
  const { file, line } = place;
  return {
    does: "adds a new random `stickyKey`",
    edits: [{ file, line, column: 1, endLine: line, endColumn: 1, text: `${text}\n` }],
  };
}

/** 56 characters in base64 (docs/decisions/0015-keyed-affinity-cookies.md). */
const STICKY_KEY_BYTES = 42;

function lowerServers(
  lowering: Lowering,
  name: string,
  backend: DescribedBackend,
  path: DescriptionPath,
): readonly ServerPlan[] {
  const service = backend.service !== undefined;
  if (service === (backend.servers !== undefined) || service !== (backend.port !== undefined))
    lowering.report({
      code: "invalid-backend-address",
      what: `\`${name}\` ${serversProblem(backend)}`,
      why: "The address of the backend is not defined.",
      remedy: "Write `service` with `port`, or `servers`.",
      path,
      key: true,
    });
  if (backend.service !== undefined) {
    const [serviceName = "", namespace = lowering.namespace] = backend.service.split(".");
    // The complete name: neither a search list nor ndots turns it into eight queries.
    const host = `${serviceName}.${namespace}.svc.${lowerHostName(lowering.edge.clusterDomain) ?? DEFAULTS.clusterDomain}`;
    const port = backend.port ?? 80;
    const slots = headlessSlots(lowering.described.get("backends").get(name).get("endpoints"));
    return [{ name: serviceName, host, port, resolved: true, weight: null, backup: false, slots }];
  }
  if (backend.endpoints !== undefined)
    lowering.report({
      code: "invalid-backend-address",
      what: `\`${name}\` has \`endpoints\` without a Service`,
      why: "`endpoints` sets how HAProxy finds the pods of a Service, and has no effect on `servers`.",
      remedy: "Remove `endpoints`, or write `service` with `port`.",
      path: [...path, "endpoints"],
      key: true,
    });
  return (backend.servers ?? []).map((server, index) => {
    const {
      address,
      weight = null,
      backup = false,
    } = typeof server === "string" ? { address: server } : server;
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
    const bare = host.replace(/^\[|\]$/g, "");
    return {
      name: `${name}-${index + 1}`,
      host: isIP(bare) === 0 ? (lowerHostName(bare) ?? bare) : bare,
      port: Number(port),
      resolved: isIP(bare) === 0,
      weight,
      backup,
      slots: null,
      at: lowering.at([...path, "servers", index]),
    };
  });
}

function serversProblem({ service, servers, port }: DescribedBackend): string {
  if (service !== undefined && servers !== undefined) return "has both a Service and servers";
  if (service !== undefined) return "has a Service without a port";
  return port === undefined ? "has neither a Service nor servers" : "has a port without a Service";
}

/** A slot for each pod there may be; null: the Service has one address. */
function headlessSlots(
  endpoints: Described<NonNullable<DescribedBackend["endpoints"]>>,
): Decided<number> | null {
  if ((endpoints.value ?? DEFAULTS.backend.endpoints) === "service") return null;
  return decide(
    endpoints.get("headless"),
    DEFAULTS.backend.headless,
    "one slot per pod; more pods get no requests",
  );
}

type Balance = NonNullable<DescribedBackend["balance"]>;

function lowerBalance(described: Described<Balance>, servers: number): Decided<string> | null {
  if (servers < 2) return null;
  return decide(described.map(balanceWord), "leastconn", "a slow server gets fewer requests");
}

/** HAProxy manual section 4.2, balance. */
function balanceWord(balance: Balance): string {
  if (typeof balance === "string") return balance;
  return "header" in balance ? `hdr(${balance.header})` : "uri";
}

const { health: HEALTH } = DEFAULTS.backend;

function lowerHealth(
  lowering: Lowering,
  backend: Described<DescribedBackend>,
  servers: readonly ServerPlan[],
): HealthPlan {
  const health = backend.get("health");
  const { value: described = "tcp" } = health;
  if (described === false) return { kind: "none" };
  const timing = {
    intervalMs: decide(
      inMs(lowering, health.get("interval")),
      parseDurationMs(HEALTH.interval),
      "HAProxy's default; a failed server is down after interval × fall",
    ),
    timeoutMs: decide(
      inMs(lowering, health.get("timeout").or(lowering.described.get("timeouts").get("check"))),
      parseDurationMs(DEFAULTS.timeouts.check),
      CHECK_TIMEOUT_REASON,
    ),
    rise: decide(health.get("rise"), HEALTH.rise, "HAProxy's default"),
    fall: decide(health.get("fall"), HEALTH.fall, "HAProxy's default; tolerates two failed checks"),
  };
  if (typeof described !== "object") return { kind: "tcp", ...timing };
  const named = servers.find(({ resolved }) => resolved)?.host;
  const host = lowerHostName(described.host) ?? backend.value?.service?.split(".")[0] ?? named ?? "localhost";
  return {
    kind: "http",
    method: described.method ?? HEALTH.method,
    path: healthPath(lowering, described.path, health.get("path").path),
    host,
    status: decide(health.get("status"), HEALTH.status, "HAProxy's default"),
    ...timing,
  };
}

/** Path and query of a check in the form that a request line can hold (RFC 9112 section 3.2.1). */
function healthPath(lowering: Lowering, text: string, at: DescriptionPath): string {
  const question = text.indexOf("?");
  const query = question === -1 ? "" : text.slice(question);
  const outcome = parsePath(
    question === -1 ? text : text.slice(0, question),
    lowering.edge.paths ?? "normal",
  );
  if ("path" in outcome && /^[!-"$-~]*$/.test(query)) return outcome.path + query;
  lowering.report({
    code: "invalid-path",
    what: `${JSON.stringify(text)} is not a valid path for a health check`,
    why: "It cannot be sent in a request line, and HAProxy would mark every server down.",
    remedy: "Write the path and query of a URL, percent-encoded and without a fragment.",
    path: at,
  });
  return "/";
}
