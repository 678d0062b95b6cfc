// What the plan decided about the load balancer, and what Terraform or the Service says.
import type { CloudListener } from "../../plan/cloud-plan.ts";
import type { Plan } from "../../plan/plan.ts";
import type { LoadBalancer, LoadBalancerListener, SecurityGroup, Wiring } from "../../wiring/wiring.ts";
import { knownValue } from "../../wiring/wiring.ts";
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
  const of = (what: string) => `${what} of the load balancer's port ${planned.port}`;
  const found = balancer.listeners.find(({ port }) => knownValue(port) === planned.port);
  if (found === undefined)
    return fact(`load balancer's port for ${planned.name}`, planned.port, null, balancer.at);
  const arn = cloud.certificate?.from === "arn" && planned.protocol === "tls" ? cloud.certificate.arn : null;
  return [
    ...fact(of("protocol"), planned.protocol, found.protocol, found.at),
    ...fact(of("node port"), planned.nodePort, found.to.port, found.at),
    ...fact(of("protocol to the nodes"), "tcp", found.targetProtocol, found.at),
    ...fact(of("PROXY protocol"), planned.proxyProtocol, found.proxyProtocol, found.at),
    ...fact(of("client's own address"), cloud.keepsClientAddress.value, found.keepsClientAddress, found.at),
    ...(arn === null ? [] : fact(of("certificate"), arn, found.certificate, found.at)),
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
  if (found === null) return fact(of("health check"), planned.protocol, null, at);
  const port = knownValue(found.port);
  return [
    ...fact(of("health check's protocol"), planned.protocol, found.protocol, found.at),
    ...(port === "traffic" ? [] : fact(of("health check's port"), planned.nodePort, found.port, found.at)),
    ...(planned.path === null ? [] : fact(of("health check's path"), planned.path, found.path, found.at)),
    ...fact(of("health check's interval"), planned.intervalS.value, found.intervalS, found.at),
    ...fact(of("health check's timeout"), planned.timeoutS.value, found.timeoutS, found.at),
    ...fact(of("healthy threshold"), planned.healthy.value, found.healthy, found.at),
    ...fact(of("unhealthy threshold"), planned.unhealthy.value, found.unhealthy, found.at),
  ];
}

/** The load balancer's own group: clients on its ports, and it to the node ports, nothing else. */
function groupFacts(cloud: Cloud, balancer: LoadBalancer, groups: readonly SecurityGroup[]): readonly Fact[] {
  const ids = balancer.securityGroups.flatMap((id) => knownValue(id) ?? []);
  const own = groups.filter(({ id, complete }) => complete && ids.includes(id));
  if (own.length === 0 || own.length < balancer.securityGroups.length) return [];
  const portsOf = (direction: "ingress" | "egress") =>
    own
      .flatMap(({ rules }) => rules)
      .filter((rule) => rule.direction === direction)
      .map(({ protocol, fromPort, toPort, networks }) => {
        const [from, to] = [knownValue(fromPort), knownValue(toPort)];
        const range = from === to ? String(from) : `${from}-${to}`;
        const clients =
          direction === "ingress"
            ? ` from ${networks
                .map((one) => knownValue(one) ?? "?")
                .sort()
                .join(" ")}`
            : "";
        return `${knownValue(protocol) ?? "?"} ${range}${clients}`;
      });
  const clients = [...cloud.clients.value].sort().join(" ");
  const nodePorts = [...cloud.listeners.map(({ nodePort }) => nodePort), cloud.healthCheck.nodePort];
  const at = own[0]?.at ?? null;
  const compared = (what: string, planned: readonly string[], found: readonly string[]) =>
    fact(what, [...new Set(planned)].sort().join(", "), said([...new Set(found)].sort().join(", "), at));
  return [
    ...compared(
      "ports that the load balancer's group opens",
      cloud.listeners.map(({ port }) => `tcp ${port} from ${clients}`),
      portsOf("ingress"),
    ),
    ...compared(
      "ports that the load balancer may connect to",
      nodePorts.map((port) => `tcp ${port}`),
      portsOf("egress"),
    ),
  ];
}
