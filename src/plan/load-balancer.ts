// Lowering of the load balancer: its ports, idle timeout, sources, and how it checks HAProxy.
import { DEFAULTS } from "../description/defaults.ts";
import { parseDurationMs } from "../description/text.ts";
import type { HealthCheckFact } from "../providers/provider.ts";
import { chosen, type Described, decide, decideOr } from "./described.ts";
import { inMs } from "./durations.ts";
import { PROBE_PATHS } from "./health.ts";
import { checkHttpLoadBalancer } from "./http-load-balancer.ts";
import { bindPort, entrancesOf, plainHttp } from "./listeners.ts";
import {
  describedProvider,
  type LoadBalancerDefaults,
  lowerLoadBalancerService,
  providersCheck,
  providersDefaults,
} from "./load-balancer-service.ts";
import type { DescribedTls, Lowering } from "./lowering.ts";
import type {
  Decided,
  HttpCheckPlan,
  LoadBalancerHealthCheck,
  LoadBalancerKind,
  LoadBalancerPlan,
  LoadBalancerPort,
  ProxyProtocol,
  StatsPlan,
} from "./plan.ts";

/** Why the default idle timeout is what it is. */
const IDLE_REASONS = {
  "aws-classic-elb": "the default of a classic ELB",
  "aws-nlb": "the default of an NLB",
  http: "the default of an ALB and of a classic ELB",
  service: "the default of most providers",
  none: "no load balancer; a common client timeout",
} as const;

const PRIVATE_NETWORKS: readonly string[] = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
];

export function lowerLoadBalancer(lowering: Lowering, stats: StatsPlan | null): LoadBalancerPlan {
  const { edge } = lowering;
  const balancer = lowering.described.get("public").get("loadBalancer");
  const { loadBalancer } = edge.public ?? {};
  const kind = (typeof loadBalancer === "object" ? loadBalancer.kind : loadBalancer) ?? "service";
  const provider = describedProvider(lowering);
  const defaults = provider === null ? defaultsOf(kind) : providersDefaults(provider);
  const hasPublic = entrancesOf(lowering).includes("public");
  const ports = [
    ...(hasPublic ? publicPorts(lowering, kind, defaults.proxy) : []),
    ...(stats?.public === true ? [statsPort(lowering, kind, stats)] : []),
  ];
  const idleTimeoutMs = decide(inMs(lowering, balancer.get("idleTimeout")), defaults.idleMs, defaults.idle);
  if (kind === "http" && hasPublic) checkHttpLoadBalancer(lowering);
  if (kind === "aws-classic-elb" || kind === "aws-nlb") checkProxySources(lowering, kind, ports);
  return {
    kind,
    idleTimeoutMs,
    sources: decide<readonly string[]>(
      balancer.get("sources"),
      PRIVATE_NETWORKS,
      "private networks (RFC 1918, 6598); describe the actual ones",
    ),
    healthCheck: lowerHealthCheck(lowering, { kind, ports }, providersCheck(lowering, provider, ports)),
    ports,
    service: lowerLoadBalancerService(lowering, { kind, ports, idleTimeoutMs }),
  };
}

function defaultsOf(kind: LoadBalancerKind): LoadBalancerDefaults {
  const { proxyProtocol, idleTimeout } = DEFAULTS.loadBalancer;
  return { proxy: proxyProtocol[kind], idleMs: parseDurationMs(idleTimeout[kind]), idle: IDLE_REASONS[kind] };
}

function publicPorts(
  lowering: Lowering,
  kind: LoadBalancerKind,
  defaultProxy: ProxyProtocol,
): readonly LoadBalancerPort[] {
  const { public: entrance } = lowering.edge;
  const described = lowering.described.get("public").get("loadBalancer").get("proxyProtocol").value;
  const port = (listener: "http" | "https") => ({
    listener,
    port: publicPort(lowering, listener),
    nodePort: nodePort(lowering, listener),
    proxyProtocol: (typeof described === "object" ? described[listener] : described) ?? defaultProxy,
  });
  const plain: LoadBalancerPort = {
    ...port("http"),
    protocol: kind === "http" ? "http" : "tcp",
    certificate: null,
  };
  const tls = entrance?.tls;
  return [
    ...(plainHttp(lowering) === "off" ? [] : [plain]),
    ...(tls === undefined ? [] : [{ ...port("https"), ...encrypted(kind, tls) }]),
  ];
}

function encrypted(
  kind: LoadBalancerKind,
  tls: DescribedTls,
): Pick<LoadBalancerPort, "protocol" | "certificate"> {
  const read = kind === "http" ? "https" : undefined;
  if (tls.terminatedAt === "haproxy") return { protocol: read ?? "tcp", certificate: null };
  // null: it is made with the load balancer, or its ARN is a variable.
  const arn = typeof tls.certificate === "string" && tls.certificate !== "acm" ? tls.certificate : null;
  return { protocol: read ?? "tls", certificate: arn };
}

function statsPort(lowering: Lowering, kind: LoadBalancerKind, { port }: StatsPlan): LoadBalancerPort {
  return {
    listener: "stats",
    port: { ...port, because: "the same as HAProxy's" },
    nodePort: nodePort(lowering, "stats"),
    protocol: kind === "http" ? "http" : "tcp",
    proxyProtocol: "none",
    certificate: null,
  };
}

/** The networks of a VPC are known, and narrower than all private networks, which include those of pods and peered networks. */
function checkProxySources(
  { described, report }: Lowering,
  kind: "aws-classic-elb" | "aws-nlb",
  ports: readonly LoadBalancerPort[],
): void {
  const own = described.get("public").get("loadBalancer");
  if (own.get("sources").value !== undefined || ports.every(({ proxyProtocol }) => proxyProtocol === "none"))
    return;
  report({
    code: "proxy-protocol-without-sources",
    what: `\`${kind}\` has no \`sources\`, the networks of the load balancer and of the nodes`,
    why: "HAProxy takes the client address from the PROXY header. A program that may send this header can forge the address in access lists, logs and X-Forwarded-For.",
    remedy: `Write the CIDR blocks of the VPC, \`${typeof own.value === "string" ? `loadBalancer: { kind: ${kind}, ${EXAMPLE_SOURCES} }` : EXAMPLE_SOURCES}\`, which ${PRINTS_VPC} prints, or the narrower subnets of the load balancer and the nodes (\`aws ec2 describe-subnets\`).`,
    path: ["public", "loadBalancer"],
    key: true,
  });
}

const EXAMPLE_SOURCES = "sources: [10.0.0.0/16]";
const PRINTS_VPC =
  "`aws ec2 describe-vpcs --vpc-ids VPC --query 'Vpcs[].CidrBlockAssociationSet[].CidrBlock' --output text`";

/** A connection to the port with most traffic: it opens as long as any HAProxy is ready. */
function lowerHealthCheck(
  lowering: Lowering,
  { kind, ports }: Pick<LoadBalancerPlan, "kind" | "ports">,
  providers: HealthCheckFact | null,
): LoadBalancerHealthCheck {
  const described = lowering.described.get("public").get("loadBalancer").get("healthCheck");
  const { healthCheck: byDefault } = DEFAULTS.loadBalancer;
  const habit = "the provider's default";
  const decided = (
    own: Described<number>,
    providers: number | null | undefined,
    value: number,
    because: string,
  ) => decideOr(own, providers == null ? chosen(value, because) : chosen(providers, habit));
  const inMsOf = (seconds: number | null | undefined) => (seconds == null ? null : seconds * 1000);
  const unhealthy = decided(
    described.get("unhealthy"),
    providers?.unhealthy,
    byDefault.unhealthy,
    "tolerates one failed check",
  );
  const intervalMs = decided(
    inMs(lowering, described.get("interval")),
    inMsOf(providers?.intervalS),
    parseDurationMs(byDefault.interval),
    `a failed node is out of service after ${10 * unhealthy.value} s`,
  );
  return {
    listener: ports.find(({ listener }) => listener === "https")?.listener ?? ports[0]?.listener ?? "http",
    http: kind === "aws-nlb" || kind === "http" ? lowerHttpCheck(lowering, ports) : null,
    intervalMs,
    timeoutMs: decided(
      inMs(lowering, described.get("timeout")),
      inMsOf(providers?.timeoutS),
      parseDurationMs(byDefault.timeout),
      "a connection to a node takes milliseconds",
    ),
    healthy: decided(
      described.get("healthy"),
      providers?.healthy,
      byDefault.healthy,
      `a recovered node is used after ${(2 * intervalMs.value) / 1000} s`,
    ),
    unhealthy,
  };
}

/**
 * An NLB and an ALB can check by HTTP, so that HAProxy can fail the check while it still serves. An ALB checks
 * without X-Forwarded-For, as its check is not a client's request, and with the node's address as its Host (AWS,
 * "Health checks for Application Load Balancer target groups"). Target groups with PROXY write its header before
 * their checks as well (seen in kubernetes/ingress-nginx, issue 10982), and the kubelet does not: hence a port of its
 * own. If only some target groups write one, no single port can answer all checks: each target group then checks a
 * connection to its own port.
 */
function lowerHttpCheck(lowering: Lowering, ports: readonly LoadBalancerPort[]): HttpCheckPlan | null {
  const [version, ...others] = new Set(ports.map(({ proxyProtocol }) => proxyProtocol));
  if (version === undefined || others.length > 0) return null;
  return {
    port: bindPort(lowering, "check"),
    nodePort: nodePort(lowering, "check"),
    path: PROBE_PATHS.ready,
    proxyProtocol: chosen(
      version,
      version === "none"
        ? "the load balancer sends no PROXY header"
        : "an NLB sends a PROXY header with health checks too",
    ),
  };
}

function publicPort({ described }: Lowering, name: "http" | "https"): Decided<number> {
  return decide(described.get("public").get("ports").get(name), DEFAULTS.ports[name], `the port of ${name}`);
}

function nodePort(
  { described }: Lowering,
  name: keyof typeof DEFAULTS.kubernetes.nodePorts,
): Decided<number> {
  return decide(
    described.get("kubernetes").get("nodePorts").get(name),
    DEFAULTS.kubernetes.nodePorts[name],
    "fixed: the load balancer's configuration names it",
  );
}
