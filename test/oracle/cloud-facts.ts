// The plan's decisions about the load balancer, and the values in Terraform or the Service.
import type { Position } from "../../src/findings/finding.ts";
import type { CloudListener } from "../../src/plan/cloud-plan.ts";
import type { Plan } from "../../src/plan/plan.ts";
import type {
  LoadBalancer,
  LoadBalancerListener,
  SecurityGroup,
  SecurityRule,
} from "../../src/wiring/cloud.ts";
import type { Wiring } from "../../src/wiring/wiring.ts";
import { knownValue } from "../../src/wiring/written.ts";
import { type Fact, fact, said } from "./fact.ts";

export function cloudFacts({ cloud }: Plan, wiring: Wiring): readonly Fact[] {
  if (cloud === null) return [];
  const kind = cloud.kind === "aws-nlb" ? "nlb" : "classic-elb";
  const balancer = wiring.loadBalancers.find((one) => one.kind === kind);
  if (balancer === undefined) return fact("load balancer", cloud.kind, null);
  return [
    ...fact("name of the load balancer", cloud.name.value, balancer.name, balancer.at),
    ...fact("load balancer for private networks only", cloud.internal, balancer.internal, balancer.at),
    ...fact("cross-zone balancing", cloud.crossZone.value, balancer.crossZone, balancer.at),
    ...fact("seconds of draining", cloud.drainingS.value, balancer.drainingS, balancer.at),
    ...fact("access logs", cloud.accessLogs !== null, balancer.accessLogs, balancer.at),
    ...fact(
      "ports of the load balancer",
      cloud.listeners.length,
      said(balancer.listeners.length, balancer.at),
    ),
    ...cloud.listeners.flatMap((listener) => listenerFacts(listener, balancer, cloud)),
    ...groupFacts(cloud, balancer, wiring.securityGroups),
  ];
}

type Cloud = NonNullable<Plan["cloud"]>;

function listenerFacts(planned: CloudListener, balancer: LoadBalancer, cloud: Cloud): readonly Fact[] {
  const of = (what: string) => `${what} of the load balancer's port ${planned.port.value}`;
  const found = balancer.listeners.find(({ port }) => knownValue(port) === planned.port.value);
  if (found === undefined)
    return fact(`load balancer's port for ${planned.name}`, planned.port.value, null, balancer.at);
  const arn =
    cloud.certificate?.from === "arn" && planned.protocol === "tls" ? cloud.certificate.arn : undefined;
  return [
    ...fact(of("protocol"), planned.protocol, found.protocol, found.at),
    ...fact(of("node port"), planned.nodePort.value, found.to.port, found.at),
    ...fact(of("protocol to the nodes"), "tcp", found.targetProtocol, found.at),
    ...fact(of("PROXY protocol"), planned.proxyProtocol, found.proxyProtocol, found.at),
    ...fact(of("client's own address"), cloud.keepsClientAddress.value, found.keepsClientAddress, found.at),
    ...(arn === undefined ? [] : fact(of("certificate"), arn, found.certificate, found.at)),
    ...(planned.tlsPolicy === null
      ? []
      : fact(of("TLS policy"), planned.tlsPolicy.value, found.tlsPolicy, found.at)),
    ...(planned.alpn === null ? [] : fact(of("ALPN policy"), planned.alpn.value, found.alpn, found.at)),
    ...(planned.idleTimeoutS === null
      ? []
      : fact("idle timeout in seconds", planned.idleTimeoutS.value, balancer.idleTimeoutS, balancer.at)),
    ...checkFacts(found, cloud, of),
  ];
}

function checkFacts(
  { healthCheck: found, at }: LoadBalancerListener,
  { healthCheck: planned }: Cloud,
  of: (what: string) => string,
): readonly Fact[] {
  if (found === undefined) return fact(of("health check"), planned.protocol, null, at);
  const port = knownValue(found.port);
  return [
    ...fact(of("health check's protocol"), planned.protocol, found.protocol, found.at),
    ...(port === "traffic"
      ? []
      : fact(of("health check's port"), planned.nodePort.value, found.port, found.at)),
    ...(planned.path === null ? [] : fact(of("health check's path"), planned.path, found.path, found.at)),
    ...fact(of("health check's interval"), planned.intervalS.value, found.intervalS, found.at),
    ...fact(of("health check's timeout"), planned.timeoutS.value, found.timeoutS, found.at),
    ...fact(of("healthy threshold"), planned.healthy.value, found.healthy, found.at),
    ...fact(of("unhealthy threshold"), planned.unhealthy.value, found.unhealthy, found.at),
  ];
}

/** The load balancer's own group opens its ports to clients, and may connect to the node ports; the nodes' group opens those to it. Nothing else. */
function groupFacts(cloud: Cloud, balancer: LoadBalancer, groups: readonly SecurityGroup[]): readonly Fact[] {
  const ids = balancer.securityGroups.flatMap((id) => knownValue(id) ?? []);
  const own = groups.filter(({ id, complete }) => complete && ids.includes(id));
  if (own.length === 0 || own.length < balancer.securityGroups.length) return [];
  const nodes = groups.filter(({ rules }) =>
    rules.some(({ groups: from }) => from.some((id) => ids.includes(knownValue(id) ?? ""))),
  );
  const clients = [...cloud.clients.value].sort().join(" ");
  const nodePorts = [...cloud.listeners, cloud.healthCheck].map(({ nodePort }) => nodePort.value);
  const of = (some: readonly SecurityGroup[], direction: SecurityRule["direction"]) =>
    some.flatMap(({ rules }) => rules).filter((rule) => rule.direction === direction);
  const at = own[0]?.at;
  return [
    ...rulesFact(
      "ports that the load balancer's group opens",
      cloud.listeners.map(({ port }) => `tcp ${port.value} from ${clients}`),
      of(own, "ingress").map((rule) => `${rangeOf(rule)} from ${networksOf(rule)}`),
      at,
    ),
    ...rulesFact(
      "ports that the load balancer may connect to",
      nodePorts.map((port) => `tcp ${port}`),
      of(own, "egress").map(rangeOf),
      at,
    ),
    ...rulesFact(
      "ports that the nodes open to the load balancer",
      nodePorts.map((port) => `tcp ${port}`),
      of(nodes, "ingress").map(rangeOf),
      nodes[0]?.rules[0]?.at ?? at,
    ),
  ];
}

function rulesFact(
  what: string,
  planned: readonly string[],
  found: readonly string[],
  at: Position | undefined,
): readonly Fact[] {
  return fact(what, inOrder(planned), said(inOrder(found), at));
}

function inOrder(texts: readonly string[]): string {
  return [...new Set(texts)].sort().join(", ");
}

function rangeOf({ protocol, fromPort, toPort }: SecurityRule): string {
  const [from, to] = [knownValue(fromPort), knownValue(toPort)];
  return `${knownValue(protocol) ?? "?"} ${from === to ? from : `${from}-${to}`}`;
}

function networksOf({ networks }: SecurityRule): string {
  return networks
    .map((one) => knownValue(one) ?? "?")
    .sort()
    .join(" ");
}
