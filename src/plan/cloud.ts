// Lowering of the load balancer in AWS: the settings that only Terraform has.
import { createHash } from "node:crypto";
import { DEFAULTS } from "../description/defaults.ts";
import { normalHost } from "../description/host.ts";
import { parseCertificateArn } from "../providers/aws/certificate-arn.ts";
import { CLASSIC_ELB, NLB } from "../providers/aws/load-balancers.ts";
import type { CloudHealthCheck, CloudListener, CloudPlan } from "./cloud-plan.ts";
import { chosen, type Described, decide, decideOr, follows, given } from "./described.ts";
import { inMs } from "./durations.ts";
import { EVERYONE } from "./everyone.ts";
import type { KubernetesPlan } from "./kubernetes-plan.ts";
import type { Lowering } from "./lowering.ts";
import type { Decided, LoadBalancerPlan, Plan } from "./plan.ts";
import type { SitePlan } from "./site-plan.ts";
import { wholeNetwork } from "./whole-network.ts";

type Known = Pick<Plan, "loadBalancer" | "sites" | "kubernetes" | "drain">;
type Kind = CloudPlan["kind"];

/** null: the load balancer is not one that Terraform makes, or there is none. */
export function lowerCloud(lowering: Lowering, known: Known): CloudPlan | null {
  const { loadBalancer, sites, kubernetes, drain } = known;
  const { kind } = loadBalancer;
  if ((kind !== "aws-classic-elb" && kind !== "aws-nlb") || loadBalancer.ports.length === 0) return null;
  const described = describedOf(lowering);
  const proxied = loadBalancer.ports.some(({ proxyProtocol }) => proxyProtocol !== "none");
  const ownPodsOnly = kubernetes.externalTrafficPolicy.value === "Local";
  return {
    kind,
    name: lowerName(described.get("name"), kubernetes.names.edge),
    internal: described.get("internal").value ?? false,
    tags: { "portico:edge": lowering.edge.edge, "portico:namespace": lowering.namespace },
    listeners: loadBalancer.ports.map((port) => lowerListener(lowering, kind, loadBalancer, port)),
    certificate: lowerCertificate(lowering, loadBalancer, sites),
    healthCheck: lowerHealthCheck(loadBalancer),
    crossZone: decideOr(described.get("crossZone"), defaultCrossZone(kind, kubernetes.externalTrafficPolicy)),
    drainingS: decide(
      inMs(lowering, described.get("draining")).map((ms) => ms / 1000),
      Math.min(3600, Math.ceil(drain.hardStopMs.value / 1000)),
      "as long as HAProxy gives in-flight requests when a pod is removed",
    ),
    unhealthyDrainingS:
      kind === "aws-nlb" && ownPodsOnly
        ? chosen(
            Math.ceil(drain.hardStopMs.value / 1000),
            "in-flight requests on a node whose last pod is removed",
          )
        : null,
    keepsClientAddress: lowerClientAddress(kind, proxied, ownPodsOnly),
    clients: lowerClients(lowering),
    accessLogs: lowerAccessLogs(described.get("accessLogs")),
    aliases: lowerAliases(described.value?.dns, sites),
  };
}

type DescribedLoadBalancer = Exclude<
  NonNullable<Lowering["edge"]["public"]>["loadBalancer"],
  string | undefined
>;
type DescribedAws = NonNullable<DescribedLoadBalancer["aws"]>;

function describedOf({ described }: Lowering): Described<DescribedAws> {
  return described.get("public").get("loadBalancer").get("aws");
}

/** AWS takes 32 characters; a target group's name ends in a node port. */
const LONGEST_NAME = 26;

function lowerName(described: Described<string>, edge: string): Decided<string> {
  if (described.value !== undefined) return given(described, described.value);
  if (edge.length <= LONGEST_NAME) return chosen(edge, "the edge's name with -edge");
  const hash = createHash("sha256").update(edge).digest("hex").slice(0, 6);
  return chosen(
    `${edge.slice(0, LONGEST_NAME - 7).replace(/-+$/, "")}-${hash}`,
    `the edge's name with -edge, shortened to ${LONGEST_NAME} characters for AWS`,
  );
}

function lowerListener(
  lowering: Lowering,
  kind: Kind,
  { idleTimeoutMs }: LoadBalancerPlan,
  { listener, port, nodePort, protocol, proxyProtocol }: LoadBalancerPlan["ports"][number],
): CloudListener {
  const described = describedOf(lowering);
  const tls = protocol === "tls";
  const { recommendedTlsPolicy } = kind === "aws-nlb" ? NLB : CLASSIC_ELB;
  return {
    name: listener,
    port,
    nodePort,
    protocol: tls ? "tls" : "tcp",
    proxyProtocol,
    tlsPolicy: tls
      ? decide(described.get("tlsPolicy"), recommendedTlsPolicy, "recommended by AWS: TLS 1.2 and newer")
      : null,
    alpn:
      tls && kind === "aws-nlb"
        ? decide(
            described.get("alpn"),
            DEFAULTS.loadBalancer.alpn,
            "one connection for all requests of a page",
          )
        : null,
    idleTimeoutS: tls && kind === "aws-nlb" ? null : inSeconds(idleTimeoutMs),
  };
}

function lowerCertificate(
  lowering: Lowering,
  { ports }: LoadBalancerPlan,
  sites: readonly SitePlan[],
): CloudPlan["certificate"] {
  if (!ports.some(({ protocol }) => protocol === "tls")) return null;
  const tls = lowering.edge.public?.tls;
  const described = tls?.terminatedAt === "loadBalancer" ? tls.certificate : undefined;
  const at = lowering.described.get("public").get("tls").at();
  if (described === undefined) return { from: "variable", at };
  if (typeof described === "string" && described !== "acm") {
    checkArn(lowering, described);
    return { from: "arn", arn: described, at };
  }
  const names =
    typeof described === "object" && described.hosts !== undefined
      ? described.hosts.map(normalHost)
      : publicNames(sites);
  if (names.length === 0)
    lowering.report({
      code: "certificate-without-host",
      what: "`certificate: acm` requests a certificate, and no public site has a host name",
      why: "AWS Certificate Manager needs domain names: no certificate covers every host.",
      remedy: "Write `certificate: { hosts: [shop.example.com] }`.",
      path: ["public", "tls", "certificate"],
    });
  return { from: "acm", names, validationNames: proofsOf(names), at };
}

function checkArn({ report }: Lowering, arn: string): void {
  if (parseCertificateArn(arn) !== undefined) return;
  report({
    code: "invalid-certificate-arn",
    what: "the certificate is not the ARN of a certificate",
    why: "AWS accepts an ACM certificate or a server certificate of IAM, by its ARN, and creates no TLS listener without one.",
    remedy:
      "Write an ARN such as `arn:aws:acm:eu-central-1:111122223333:certificate/1a2b…`, or `acm` to create a certificate with the load balancer, or remove `certificate`: it is then a Terraform variable.",
    path: ["public", "tls", "certificate"],
  });
}

/** The hosts of public sites that a certificate can have, each once. */
function publicNames(sites: readonly SitePlan[]): readonly string[] {
  const names = sites
    .flatMap(({ hosts }) => hosts)
    .filter(({ kind, entrances }) => kind !== "any" && entrances.includes("public"))
    .map(({ kind, name }) => (kind === "wildcard" ? `*.${name}` : name));
  return [...new Set(names)];
}

/** AWS Certificate Manager, "DNS validation": a name and the wildcard below it have the same record. */
function proofsOf(names: readonly string[]): readonly string[] {
  const byRecord = new Map<string, string>();
  for (const name of names) {
    const record = name.replace(/^\*\./, "");
    if (!byRecord.has(record)) byRecord.set(record, name);
  }
  return [...byRecord.values()];
}

function lowerHealthCheck({ ports, healthCheck }: LoadBalancerPlan): CloudHealthCheck {
  const { listener, http, intervalMs, timeoutMs, healthy, unhealthy } = healthCheck;
  const checked =
    http !== null
      ? ({
          protocol: "http",
          nodePort: http.nodePort,
          path: http.path,
          because: "unlike a TCP check, fails while HAProxy is stopping",
        } as const)
      : ({
          protocol: "tcp",
          nodePort: ports.find((port) => port.listener === listener)?.nodePort ?? chosen(0, "no such port"),
          path: null,
          because: "succeeds while any HAProxy pod is ready",
        } as const);
  return {
    ...checked,
    intervalS: inSeconds(intervalMs),
    timeoutS: inSeconds(timeoutMs),
    healthy,
    unhealthy,
  };
}

function inSeconds({ value, ...decided }: Decided<number>): Decided<number> {
  return { value: value / 1000, ...decided };
}

function defaultCrossZone(kind: Kind, policy: KubernetesPlan["externalTrafficPolicy"]): Decided<boolean> {
  if (kind === "aws-classic-elb")
    return chosen(true, "zones may have different numbers of nodes; free of charge");
  return policy.value === "Local"
    ? chosen(true, "only nodes with a pod serve; zones may differ", policy)
    : chosen(false, "any node reaches all pods; AWS charges cross-zone traffic", policy);
}

/** User Guide for Network Load Balancers, "Client IP preservation". A classic ELB never preserves it. */
function lowerClientAddress(kind: Kind, proxied: boolean, ownPodsOnly: boolean): Decided<boolean> {
  if (kind === "aws-classic-elb") return chosen(false, "a classic ELB connects from its own address");
  if (proxied) return chosen(false, "the PROXY header carries the client address");
  return ownPodsOnly
    ? chosen(true, "without a PROXY header; nodes keep the client address")
    : chosen(false, "nodes replace it by their own address");
}

/** IPv4: a classic ELB in a VPC and an NLB of address type ipv4 have no other. */
function lowerClients({ described, report }: Lowering): Decided<readonly string[]> {
  const allow = described.get("public").get("allow");
  if (allow.value === undefined) return chosen([EVERYONE[0]], "all clients may connect");
  const value = allow.value.map(wholeNetwork).filter((network) => !network.includes(":"));
  if (value.length === 0)
    report({
      code: "no-client-can-connect",
      what: "`allow` contains IPv6 networks only, and the load balancer has IPv4 addresses only",
      why: "The security group would admit no client.",
      remedy: "Add the IPv4 networks of the same clients.",
      path: ["public", "allow"],
    });
  return follows(allow, value, "the clients that `public.allow` lists");
}

function lowerAccessLogs(
  described: Described<NonNullable<DescribedAws["accessLogs"]>>,
): CloudPlan["accessLogs"] {
  if (described.value === undefined) return null;
  const { bucket, prefix } = described.value;
  const minutes = (text: string) => Number.parseInt(text, 10);
  const byDefault = minutes(DEFAULTS.loadBalancer.accessLogs.interval);
  return {
    bucket,
    prefix: prefix ?? null,
    intervalMinutes: decide(described.get("interval").map(minutes), byDefault, "AWS's default"),
  };
}

function lowerAliases(described: DescribedAws["dns"], sites: readonly SitePlan[]): readonly string[] {
  if (described === undefined) return [];
  if (described !== true) return [...new Set(described.map(normalHost))];
  return publicNames(sites).filter((name) => !name.startsWith("*."));
}
