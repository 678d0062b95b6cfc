// Lowering of the entrances: the ports that HAProxy binds, and the protocols on them.
import { DEFAULTS } from "../description/defaults.ts";
import { chosen, decide, decideOr, follows } from "./described.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";
import type {
  Decided,
  Entrance,
  ListenerPlan,
  LoadBalancerPlan,
  LoadBalancerPort,
  ProxyProtocol,
  StatsPlan,
} from "./plan.ts";
import { lowerTrustedHeaders } from "./proxy-headers.ts";
import { lowerRaw } from "./raw-lines.ts";
import { planSecret } from "./secrets.ts";
import { internalSite, siteNames } from "./sites.ts";
import { lowerTls } from "./tls.ts";

/** The port of the internal Service. */
export const INTERNAL_SERVICE_PORT = 80;

/** The described listeners; the public one if none is described. */
export function entrancesOf({ edge }: Lowering): readonly Entrance[] {
  const both = (["public", "internal"] as const).filter((entrance) => edge[entrance] !== undefined);
  return both.length === 0 ? ["public"] : both;
}

export function lowerListeners(lowering: Lowering, loadBalancer: LoadBalancerPlan): readonly ListenerPlan[] {
  const { edge } = lowering;
  const listeners = loadBalancer.ports
    .filter(({ listener }) => listener !== "stats")
    .map((port) => publicListener(lowering, port, loadBalancer));
  if (edge.internal !== undefined && edge.internal.sharesPublicPort === undefined)
    listeners.push(internalListener(lowering, loadBalancer));
  else checkSharedPort(lowering, listeners);
  if (listeners.length === 0)
    lowering.report({
      code: "no-listener",
      what: "the edge has no listener",
      why: "HAProxy would bind no port for requests.",
      remedy: "Describe `public`, or `internal` with a port of its own.",
      path: ["edge"],
    });
  return listeners;
}

/** Internal clients on the public plain port: it must exist, and settings for a port of their own have no effect. */
function checkSharedPort(lowering: Lowering, listeners: readonly ListenerPlan[]): void {
  const { internal, sites } = lowering.edge;
  if (internal?.sharesPublicPort === undefined) return;
  const report = (what: string, remedy: string, path: DescriptionPath) =>
    lowering.report({
      code: "invalid-shared-public-port",
      what,
      why: "With `sharesPublicPort`, internal clients connect to the public plain port only.",
      remedy,
      path,
      key: true,
    });
  if (!listeners.some(({ internalHostPrefix }) => internalHostPrefix !== null))
    report(
      "`sharesPublicPort` is set, and the edge has no public plain port",
      "Describe `public` with a plain port, or give internal clients a port of their own.",
      ["internal", "sharesPublicPort"],
    );
  for (const key of ["hosts", "raw"] as const) {
    if (internal[key] !== undefined)
      report(`\`internal.${key}\` has no effect with \`sharesPublicPort\``, "Remove one of them.", [
        "internal",
        key,
      ]);
  }
  for (const [index, { through }] of sites.entries()) {
    if (through?.includes("internal") === true)
      report("the site is served through `internal`, which has no port", "Remove `through`.", [
        "sites",
        index,
        "through",
      ]);
  }
}

function publicListener(
  lowering: Lowering,
  port: LoadBalancerPort,
  loadBalancer: LoadBalancerPlan,
): ListenerPlan {
  const { edge } = lowering;
  const https = port.listener === "https";
  const shares = !https ? edge.internal?.sharesPublicPort : undefined;
  const site = shares === undefined ? null : internalSite(lowering);
  return {
    name: port.listener,
    entrance: "public",
    port: bindPort(lowering, https ? "https" : "http"),
    scheme: https ? "https" : "http",
    proxyProtocol: chosen(
      port.proxyProtocol,
      port.proxyProtocol === "none"
        ? "the load balancer sends no PROXY header here"
        : "carries the client address",
    ),
    client: clientSource(loadBalancer.kind, port.proxyProtocol),
    tls: https && port.protocol === "tcp" ? lowerTls(lowering) : null,
    httpsRedirect: https ? null : httpsRedirect(lowering),
    redirectPorts: publicPorts(loadBalancer),
    internalHostPrefix: shares?.hostPrefix.toLowerCase() ?? null,
    internalHostSite: site === null ? null : (siteNames(lowering)[site] ?? null),
    allow: edge.public?.allow ?? [],
    trustedHeaders: lowerTrustedHeaders(lowering),
    raw: lowerRaw(lowering, edge.public?.raw, ["public", "raw"]),
    at: lowering.at(["public"], true),
  };
}

/**
 * The load balancer appends the address that it got the request from (AWS, "HTTP headers and Application Load Balancers", append). Connections
 * from any other source are refused, not served without X-Forwarded-*: they also bypass TLS, web application firewalls and authentication at
 * the load balancer.
 */
function clientSource(kind: LoadBalancerPlan["kind"], proxy: ProxyProtocol): ListenerPlan["client"] {
  if (kind === "http") return chosen("x-forwarded-for", "the load balancer appends the client address");
  return proxy === "none"
    ? chosen("connection", "clients connect directly")
    : chosen("proxy", "carries the client address");
}

/** The load balancer's ports by scheme; the scheme's default where it has none. */
function publicPorts({ ports }: LoadBalancerPlan): ListenerPlan["redirectPorts"] {
  const port = (name: "http" | "https") => ports.find(({ listener }) => listener === name)?.port.value;
  return { http: port("http") ?? DEFAULTS.ports.http, https: port("https") ?? DEFAULTS.ports.https };
}

function internalListener(lowering: Lowering, loadBalancer: LoadBalancerPlan): ListenerPlan {
  return {
    name: "internal",
    entrance: "internal",
    port: bindPort(lowering, "internal"),
    scheme: "http",
    proxyProtocol: chosen("none", "in-cluster clients connect directly"),
    client: chosen("connection", "in-cluster clients connect directly"),
    tls: null,
    httpsRedirect: null,
    redirectPorts: { ...publicPorts(loadBalancer), http: INTERNAL_SERVICE_PORT },
    internalHostPrefix: null,
    internalHostSite: null,
    allow: [],
    trustedHeaders: [],
    raw: lowerRaw(lowering, lowering.edge.internal?.raw, ["internal", "raw"]),
    at: lowering.at(["internal"], true),
  };
}

export function bindPort(
  { described }: Lowering,
  name: keyof typeof DEFAULTS.haproxy.ports,
): Decided<number> {
  return decide(
    described.get("haproxy").get("ports").get(name),
    DEFAULTS.haproxy.ports[name],
    "above 1023: HAProxy binds it without privileges",
  );
}

export function plainHttp({ edge }: Lowering): "redirect" | "serve" | "off" {
  const described = edge.public?.plainHttp ?? (edge.public?.tls === undefined ? "serve" : "redirect");
  return typeof described === "string" ? described : "redirect";
}

function httpsRedirect(lowering: Lowering): ListenerPlan["httpsRedirect"] {
  const described = lowering.edge.public?.plainHttp;
  if (plainHttp(lowering) !== "redirect") return null;
  return { status: typeof described === "object" ? described.redirect : DEFAULTS.httpsRedirect.status };
}

/** How often a browser reloads the stats page. */
export const STATS_REFRESH_MS = 10_000;

export function lowerStats({ edge, described }: Lowering): StatsPlan | null {
  if (edge.stats === false) return null;
  const part = described.get("stats").map((stats) => stats || undefined);
  return {
    port: decideOr(
      part.get("port"),
      follows(part, DEFAULTS.stats.port, "HAProxy's customary port for statistics"),
    ),
    public: edge.stats?.public ?? false,
    user:
      edge.stats?.user === undefined
        ? null
        : {
            name: edge.stats.user.name,
            password: planSecret("STATS_PASSWORD", edge.stats.user.password, part.get("user").at()),
          },
  };
}
