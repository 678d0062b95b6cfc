// Lowering of the load balancer: its ports, idle timeout, sources, and how it checks HAProxy.
import type { HealthCheckFact } from "../providers/provider.ts";
import { decideMs } from "./durations.ts";
import { checkHttpLoadBalancer } from "./http-load-balancer.ts";
import { bindPort, entrancesOf, plainHttp } from "./listeners.ts";
import {
  describedProvider,
  lowerLoadBalancerService,
  providersCheck,
  providersIdle,
  providersProxy,
} from "./load-balancer-service.ts";
import type { Lowering } from "./lowering.ts";
import type {
  Decided,
  HttpCheckPlan,
  LoadBalancerHealthCheck,
  LoadBalancerPlan,
  LoadBalancerPort,
  ProxyProtocol,
  StatsPlan,
} from "./plan.ts";

const DEFAULT_NODE_PORTS = { http: 30080, https: 30443, stats: 30404, check: 30406 } as const;

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
    const atLoadBalancer = tls.terminatedAt === "loadBalancer";
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
  if (kind === "aws-classic-elb" || kind === "aws-nlb") checkProxySources(lowering, kind, ports);
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

/** The networks of a VPC are known, and far narrower than all private networks, which pods and peered networks have as well. */
function checkProxySources(
  { edge, report }: Lowering,
  kind: "aws-classic-elb" | "aws-nlb",
  ports: readonly LoadBalancerPort[],
): void {
  const described = edge.public?.loadBalancer;
  const own = typeof described === "object" ? described : undefined;
  if (own?.sources !== undefined || ports.every(({ proxyProtocol }) => proxyProtocol === "none")) return;
  report({
    code: "proxy-without-sources",
    what: `\`${kind}\` has no \`sources\`: the networks that the load balancer and the nodes connect from`,
    why: "HAProxy takes the client address from the PROXY header, and any program that may send one is any client: access lists, logs and X-Forwarded-For show the address that it writes.",
    remedy: `Write the CIDR blocks of the VPC, \`${own === undefined ? `loadBalancer: { kind: ${kind}, ${EXAMPLE_SOURCES} }` : EXAMPLE_SOURCES}\`, which ${PRINTS_VPC} prints; or, narrower, the subnets of the load balancer and the nodes (\`aws ec2 describe-subnets\`).`,
    path: ["public", "loadBalancer"],
    key: true,
  });
}

const EXAMPLE_SOURCES = "sources: [10.0.0.0/16]";
const PRINTS_VPC =
  "`aws ec2 describe-vpcs --vpc-ids VPC --query 'Vpcs[].CidrBlockAssociationSet[].CidrBlock' --output text`";

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
