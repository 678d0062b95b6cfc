// Lowering of the entrances: which ports HAProxy binds, what it expects there, and the way to them from the load balancer.
import { normalHost } from "../description/host.ts";
import type { HealthCheckFact } from "../providers/provider.ts";
import { decideMs } from "./durations.ts";
import { checkHttpLoadBalancer, FORWARDED_CLIENT } from "./http-load-balancer.ts";
import { CERTIFICATE_FOLDER } from "./image.ts";
import {
  describedProvider,
  lowerLoadBalancerService,
  providersCheck,
  providersIdle,
  providersProxy,
} from "./load-balancer-service.ts";
import type { DescriptionPath, Lowering } from "./lowering.ts";
import type {
  Decided,
  Entrance,
  HttpCheckPlan,
  ListenerPlan,
  LoadBalancerHealthCheck,
  LoadBalancerPlan,
  LoadBalancerPort,
  ProxyProtocol,
  StatsPlan,
  TlsPlan,
} from "./plan.ts";
import { lowerRaw } from "./raw-lines.ts";
import { internalSite, siteNames } from "./sites.ts";

const DEFAULT_PORTS = { http: 8080, https: 8443, internal: 8081, check: 8406 } as const;
/** The port of the internal Service. */
export const INTERNAL_SERVICE_PORT = 80;
const DEFAULT_NODE_PORTS = { http: 30080, https: 30443, stats: 30404, check: 30406 } as const;

/** Which ways in there are. Without a word about them: the public one. */
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
  if (listeners.length === 0) {
    lowering.report({
      code: "no-listener",
      what: "the edge has no way in",
      why: "HAProxy would bind no port for requests.",
      remedy: "Describe `public`, or `internal` with a port of its own.",
      path: ["edge"],
    });
  }
  return listeners;
}

/** Internal callers on the public plain port: there must be one, and what is for a port of their own has no effect. */
function checkSharedPort(lowering: Lowering, listeners: readonly ListenerPlan[]): void {
  const { internal, sites } = lowering.edge;
  if (internal?.sharesPublicPort === undefined) return;
  const report = (what: string, remedy: string, path: DescriptionPath) =>
    lowering.report({
      code: "shared-public-port",
      what,
      why: "With `sharesPublicPort` internal callers come to the public plain port, and to no other.",
      remedy,
      path,
      key: true,
    });
  if (!listeners.some(({ internalHostPrefix }) => internalHostPrefix !== null))
    report(
      "there is no public plain port for internal callers to share",
      "Describe `public` with a plain port, or give internal callers a port of their own.",
      ["internal", "sharesPublicPort"],
    );
  for (const key of ["hosts", "raw"] as const) {
    if (internal[key] !== undefined)
      report(`\`internal.${key}\` has no effect beside \`sharesPublicPort\``, "Leave one of them out.", [
        "internal",
        key,
      ]);
  }
  for (const [index, { through }] of sites.entries()) {
    if (through?.includes("internal") === true)
      report("no request reaches a site through `internal`", "Leave `through` out.", [
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
    proxyProtocol: {
      value: port.proxyProtocol,
      because:
        port.proxyProtocol === "none"
          ? "the load balancer sends no PROXY header here"
          : "the load balancer says by it who the client is",
    },
    client: clientSource(loadBalancer.kind, port.proxyProtocol),
    tls: https && port.protocol === "tcp" ? lowerTls(lowering) : null,
    does: !https && plainHttp(lowering) === "redirect" ? "redirect" : "serve",
    redirectPorts: publicPorts(loadBalancer),
    internalHostPrefix: shares?.hostPrefix.toLowerCase() ?? null,
    internalHostSite: site === null ? null : (siteNames(lowering)[site.index] ?? null),
    allow: edge.public?.allow ?? [],
    raw: lowerRaw(lowering, edge.public?.raw, ["public", "raw"]),
    at: lowering.at(["public"], true),
  };
}

function clientSource(kind: LoadBalancerPlan["kind"], proxy: ProxyProtocol): ListenerPlan["client"] {
  if (kind === "http") return FORWARDED_CLIENT;
  return proxy === "none"
    ? { value: "connection", because: "nobody says anything else" }
    : { value: "proxy", because: "the load balancer says by it who the client is" };
}

/** The load balancer's ports by scheme; the scheme's default where it has none. */
function publicPorts({ ports }: LoadBalancerPlan): ListenerPlan["redirectPorts"] {
  const port = (name: "http" | "https") => ports.find(({ listener }) => listener === name)?.port.value;
  return { http: port("http") ?? 80, https: port("https") ?? 443 };
}

function internalListener(lowering: Lowering, loadBalancer: LoadBalancerPlan): ListenerPlan {
  return {
    name: "internal",
    entrance: "internal",
    port: bindPort(lowering, "internal"),
    scheme: "http",
    proxyProtocol: { value: "none", because: "in-cluster clients connect directly" },
    client: { value: "connection", because: "in-cluster clients connect directly" },
    tls: null,
    does: "serve",
    redirectPorts: { ...publicPorts(loadBalancer), http: INTERNAL_SERVICE_PORT },
    internalHostPrefix: null,
    internalHostSite: null,
    allow: [],
    raw: lowerRaw(lowering, lowering.edge.internal?.raw, ["internal", "raw"]),
    at: lowering.at(["internal"], true),
  };
}

function bindPort({ edge }: Lowering, name: keyof typeof DEFAULT_PORTS): Decided<number> {
  const described = edge.haproxy?.ports?.[name];
  return described === undefined
    ? { value: DEFAULT_PORTS[name], because: "above 1023, so that HAProxy needs no privilege to bind it" }
    : { value: described, because: "described" };
}

function plainHttp({ edge }: Lowering): "redirect" | "serve" | "off" {
  return edge.public?.plainHttp ?? (edge.public?.tls === undefined ? "serve" : "redirect");
}

function lowerTls(lowering: Lowering): TlsPlan | null {
  const tls = lowering.edge.public?.tls;
  if (tls?.endsAt !== "haproxy") return null;
  return {
    certificates: tls.certificates.map(({ file, secret, hosts = [] }, index) =>
      lowerCertificate(lowering, { file, secret, hosts }, index),
    ),
    minVersion:
      tls.minVersion === undefined
        ? { value: "1.2", because: "older versions are broken (RFC 8996)" }
        : { value: tls.minVersion, because: "described" },
    alpn: tls.http2 === false ? ["http/1.1"] : ["h2", "http/1.1"],
  };
}

function lowerCertificate(
  lowering: Lowering,
  { file, secret, hosts }: { file: string | undefined; secret: string | undefined; hosts: readonly string[] },
  index: number,
): TlsPlan["certificates"][number] {
  if ((file === undefined) === (secret === undefined))
    lowering.report({
      code: "certificate-source",
      what:
        file === undefined
          ? "a certificate comes from nowhere"
          : "a certificate comes from a file and a Secret",
      why: "HAProxy does not start without it, and would not know which of two to take.",
      remedy: "Write `file` or `secret`.",
      path: ["public", "tls", "certificates", index],
    });
  return {
    file: file ?? `${CERTIFICATE_FOLDER}/${secret ?? "none"}.pem`,
    secret: secret ?? null,
    hosts: hosts.map(normalHost),
  };
}

const KIND_DEFAULTS = {
  "aws-classic-elb": { proxy: "v1", idleMs: 60_000, idle: "a classic ELB's own default" },
  "aws-nlb": { proxy: "v2", idleMs: 350_000, idle: "an NLB's own default" },
  http: { proxy: "none", idleMs: 60_000, idle: "an ALB's own default, and a classic ELB's" },
  service: {
    proxy: "none",
    idleMs: 60_000,
    idle: "what most providers have; describe it where yours differs",
  },
  none: { proxy: "none", idleMs: 60_000, idle: "nothing stands in front; clients' own habits" },
} as const;

const PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"] as const;

export function lowerLoadBalancer(lowering: Lowering, stats: StatsPlan | null): LoadBalancerPlan {
  const { edge } = lowering;
  const described = typeof edge.public?.loadBalancer === "object" ? edge.public.loadBalancer : undefined;
  const kind =
    described?.kind ?? (typeof edge.public?.loadBalancer === "string" ? edge.public.loadBalancer : "service");
  const provider = describedProvider(lowering);
  const defaults =
    provider === null ? KIND_DEFAULTS[kind] : { proxy: providersProxy(provider), ...providersIdle(provider) };
  const tls = edge.public?.tls;
  const proxy = (name: "http" | "https"): ProxyProtocol =>
    (typeof described?.proxyProtocol === "object"
      ? described.proxyProtocol[name]
      : described?.proxyProtocol) ?? defaults.proxy;
  const ports: LoadBalancerPort[] = [];
  const hasPublic = entrancesOf(lowering).includes("public");
  if (hasPublic && plainHttp(lowering) !== "off")
    ports.push({
      listener: "http",
      ...portPair(lowering, "http", 80),
      protocol: kind === "http" ? "http" : "tcp",
      proxyProtocol: proxy("http"),
      certificate: null,
    });
  if (hasPublic && tls !== undefined) {
    const atLoadBalancer = tls.endsAt === "loadBalancer";
    ports.push({
      listener: "https",
      ...portPair(lowering, "https", 443),
      protocol: kind === "http" ? "https" : atLoadBalancer ? "tls" : "tcp",
      proxyProtocol: proxy("https"),
      certificate: atLoadBalancer ? certificateArn(tls.certificate) : null,
    });
  }
  if (stats?.public === true) {
    ports.push({
      listener: "stats",
      port: { value: stats.port.value, because: "the same as HAProxy's" },
      nodePort: nodePort(lowering, "stats"),
      protocol: kind === "http" ? "http" : "tcp",
      proxyProtocol: "none",
      certificate: null,
    });
  }
  const idleTimeoutMs = idleTimeout(lowering, described?.idleTimeout, defaults);
  if (kind === "http" && hasPublic) checkHttpLoadBalancer(lowering);
  return {
    kind,
    idleTimeoutMs,
    sources:
      described?.sources === undefined
        ? {
            value: PRIVATE_NETWORKS,
            because:
              "a load balancer connects from the cluster's own network (RFC 1918, 6598); describe it closer where you can",
          }
        : { value: described.sources, because: "described" },
    healthCheck: lowerHealthCheck(
      lowering,
      described?.healthCheck,
      { kind, ports },
      providersCheck(lowering, provider, ports),
    ),
    ports,
    service: lowerLoadBalancerService(lowering, { kind, ports, idleTimeoutMs }),
  };
}

/** null: it is made with the load balancer, or its ARN is a variable. */
function certificateArn(described: string | object | undefined): string | null {
  return typeof described === "string" && described !== "acm" ? described : null;
}

/** A connection to the port that carries most: it opens as long as some HAProxy is ready. */
function lowerHealthCheck(
  lowering: Lowering,
  described:
    | {
        interval?: string | undefined;
        timeout?: string | undefined;
        healthy?: number | undefined;
        unhealthy?: number | undefined;
      }
    | undefined,
  { kind, ports }: Pick<LoadBalancerPlan, "kind" | "ports">,
  providers: HealthCheckFact | null,
): LoadBalancerHealthCheck {
  const path = (key: string) => ["public", "loadBalancer", "healthCheck", key];
  const habit = "the provider's own";
  const count = (value: number | undefined, own: number | null | undefined, because: string) =>
    value !== undefined
      ? { value, because: "described" }
      : own == null
        ? { value: 2, because }
        : { value: own, because: habit };
  const ms = (seconds: number | null | undefined, otherwise: Decided<number>) =>
    seconds == null ? otherwise : { value: seconds * 1000, because: habit };
  return {
    listener: ports.find(({ listener }) => listener === "https")?.listener ?? ports[0]?.listener ?? "http",
    http: kind === "aws-nlb" || kind === "http" ? lowerHttpCheck(lowering, ports) : null,
    intervalMs: decideMs(
      lowering,
      described?.interval,
      path("interval"),
      ms(providers?.intervalS, { value: 10_000, because: "a dead node is out after 20 s" }),
    ),
    timeoutMs: decideMs(
      lowering,
      described?.timeout,
      path("timeout"),
      ms(providers?.timeoutS, {
        value: 5000,
        because: "a connection within a cluster takes milliseconds; a slow one is not yet a dead one",
      }),
    ),
    healthy: count(described?.healthy, providers?.healthy, "a node that is back is used after 20 s"),
    unhealthy: count(described?.unhealthy, providers?.unhealthy, "one lost check is no death"),
  };
}

/**
 * An NLB and an ALB may ask by HTTP, so that HAProxy can say no while it still serves what it has. An ALB asks without X-Forwarded-For, as no
 * client's request comes, and with the node's address as its Host (AWS, "Health checks for Application Load Balancer target groups"). Target groups with PROXY write its header before their
 * checks as well (seen in kubernetes/ingress-nginx, issue 10982), and the kubelet does not: hence a port of its own. Where some target groups
 * write one and others do not, no port can answer all: then a connection to each one's own port has to do.
 */
function lowerHttpCheck(lowering: Lowering, ports: readonly LoadBalancerPort[]): HttpCheckPlan | null {
  const [spoken, ...others] = new Set(ports.map(({ proxyProtocol }) => proxyProtocol));
  if (spoken === undefined || others.length > 0) return null;
  return {
    port: bindPort(lowering, "check"),
    nodePort: nodePort(lowering, "check"),
    path: "/ready",
    proxyProtocol: {
      value: spoken,
      because:
        spoken === "none"
          ? "the load balancer sends no PROXY header"
          : "an NLB writes its PROXY header before checks too",
    },
  };
}

function idleTimeout(
  lowering: Lowering,
  text: string | undefined,
  defaults: { readonly idleMs: number; readonly idle: string },
): Decided<number> {
  return decideMs(lowering, text, ["public", "loadBalancer", "idleTimeout"], {
    value: defaults.idleMs,
    because: defaults.idle,
  });
}

function portPair(lowering: Lowering, name: "http" | "https", byDefault: number) {
  const described = lowering.edge.public?.ports?.[name];
  return {
    port:
      described === undefined
        ? { value: byDefault, because: `the port of ${name}` }
        : { value: described, because: "described" },
    nodePort: nodePort(lowering, name),
  };
}

function nodePort({ edge }: Lowering, name: keyof typeof DEFAULT_NODE_PORTS): Decided<number> {
  const described = edge.kubernetes?.nodePorts?.[name];
  return described === undefined
    ? {
        value: DEFAULT_NODE_PORTS[name],
        because: "fixed, because the load balancer's configuration names it",
      }
    : { value: described, because: "described" };
}

export function lowerStats({ edge }: Lowering): StatsPlan | null {
  if (edge.stats === false) return null;
  return {
    port:
      edge.stats?.port === undefined
        ? { value: 8404, because: "HAProxy's customary port for it" }
        : { value: edge.stats.port, because: "described" },
    public: edge.stats?.public ?? false,
    user: edge.stats?.user ?? null,
  };
}
