// aws_elb and its related resources → load balancers. Defaults are the AWS provider's: its document of the resource `aws_elb`.

import type { LoadBalancer, LoadBalancerHealthCheck, LoadBalancerListener } from "../cloud.ts";
import { unknownHealthCheck } from "../cloud.ts";
import type { Known } from "../written.ts";
import type { Edge } from "./edge.ts";
import {
  booleanIn,
  elementsIn,
  knownAs,
  mapped,
  neededNumber,
  numberIn,
  resourceNamed,
  textIn,
  wordIn,
} from "./known-arguments.ts";
import type { Arguments, Resource } from "./resource.ts";
import { securityGroupsOf } from "./security-groups.ts";
import { asNumber, asText, type Value } from "./value.ts";

const protocols = { tcp: "tcp", ssl: "tls", http: "http", https: "https" } as const;

/** How a load balancer is named by others: its id is its name. */
const named = ["name", "id"];

export function readClassicElb(elb: Resource, edge: Edge): LoadBalancer {
  const args = elb.arguments;
  const listeners = args.blocks("listener");
  edge.mayBeMore(listeners, `listeners of ${elb.address} may be missing here`);
  const all = edge.ofType("aws_elb");
  const proxy = proxyProtocolOf(elb, all, edge);
  const policies = tlsPoliciesOf(elb, all, edge);
  const check = healthCheckOf(args, listeners.all[0]);
  return {
    kind: "classic-elb",
    provider: "aws",
    id: elb.address,
    name: nameOf(elb),
    internal: booleanIn(args, "internal", false),
    listeners: listeners.all.map((listener) => listenerOf(listener, proxy, policies, check)),
    idleTimeoutS: numberIn(args, "idle_timeout", 60),
    crossZone: booleanIn(args, "cross_zone_load_balancing", true),
    drainingS: drainingOf(args),
    securityGroups: securityGroupsOf(args, "security_groups", edge),
    targetsAttached: targetsOf(elb, all, edge),
    accessLogs: accessLogsOf(args, true),
    at: elb.at,
  };
}

export function nameOf(resource: Resource): Known<string> {
  return (
    textIn(resource.arguments, "name") ?? {
      unknown: "Terraform generates the name when it is applied",
      at: resource.at,
    }
  );
}

export function accessLogsOf(args: Arguments, enabledByDefault: boolean): Known<boolean> {
  const { all, missing } = args.blocks("access_logs");
  const [block] = all;
  if (block !== undefined) {
    const enabled = booleanIn(block, "enabled", enabledByDefault);
    return "unknown" in enabled || enabled.at !== undefined ? enabled : { ...enabled, at: block.at };
  }
  return missing === undefined ? { value: false } : { unknown: missing.why, at: missing.at };
}

/** `connection_draining` false: connections to a removed instance are closed at once. */
function drainingOf(args: Arguments): Known<number> {
  const draining = booleanIn(args, "connection_draining", false);
  if ("unknown" in draining) return draining;
  return draining.value ? numberIn(args, "connection_draining_timeout", 300) : { value: 0, at: draining.at };
}

type ByPort<T> = (port: Known<number>) => T;

function listenerOf(
  block: Arguments,
  proxy: ByPort<LoadBalancerListener["proxyProtocol"]>,
  policies: ByPort<Known<string> | undefined>,
  healthCheck: LoadBalancerHealthCheck | undefined,
): LoadBalancerListener {
  const [port, instancePort] = [neededNumber(block, "lb_port"), neededNumber(block, "instance_port")];
  const missing = (name: string) => ({ unknown: `${name} is not written`, at: block.at });
  return {
    port,
    protocol: wordIn(block, "lb_protocol", protocols) ?? missing("lb_protocol"),
    to: { kind: "node", port: instancePort },
    targetProtocol: wordIn(block, "instance_protocol", protocols) ?? missing("instance_protocol"),
    proxyProtocol: proxy(instancePort),
    // A classic load balancer opens its own connections (its guide, "Configure proxy protocol support").
    keepsClientAddress: { value: false },
    certificate: textIn(block, "ssl_certificate_id"),
    tlsPolicy: policies(port),
    redirectsToHttps: false,
    healthCheck,
    at: block.at,
  };
}

/**
 * Without a block the API's default applies: TCP to the first listener's instance port, every 30 s, within 5 s, 2
 * failures, 10 successes (Classic Load Balancer guide, "Health check configuration").
 */
function healthCheckOf(args: Arguments, first: Arguments | undefined): LoadBalancerHealthCheck | undefined {
  const { all, missing } = args.blocks("health_check");
  const [block] = all;
  if (block === undefined) {
    if (missing !== undefined) return unknownHealthCheck({ unknown: missing.why, at: missing.at });
    return {
      protocol: { value: "tcp" },
      port:
        first === undefined
          ? { unknown: "there is no listener", at: args.at }
          : neededNumber(first, "instance_port"),
      intervalS: { value: 30 },
      timeoutS: { value: 5 },
      healthy: { value: 10 },
      unhealthy: { value: 2 },
      at: args.at,
    };
  }
  const target = textIn(block, "target") ?? { unknown: "target is not written", at: block.at };
  const parts = mapped(
    target,
    (text) => /^(tcp|ssl|https?):(\d+)(\/.*)?$/i.exec(text) ?? undefined,
    (text) => `the target ${JSON.stringify(text)} is not of the form PROTOCOL:PORT/PATH`,
  );
  const path = mapped(parts, ([, , , written]) => written ?? "");
  const protocol = mapped(
    parts,
    ([, word = ""]) => protocolOfTarget[word.toLowerCase()],
    () => "the protocol is not TCP, SSL, HTTP or HTTPS",
  );
  return {
    protocol,
    port: mapped(parts, ([, , port]) => Number(port)),
    path: "unknown" in path || path.value !== "" ? path : undefined,
    intervalS: neededNumber(block, "interval"),
    timeoutS: neededNumber(block, "timeout"),
    healthy: neededNumber(block, "healthy_threshold"),
    unhealthy: neededNumber(block, "unhealthy_threshold"),
    at: "unknown" in target ? target.at : (target.at ?? block.at),
  };
}

const protocolOfTarget: Readonly<Record<string, "tcp" | "tls" | "http" | "https">> = protocols;

/** The policies of one load balancer, by the instance ports they are set for. */
function proxyProtocolOf(
  elb: Resource,
  all: readonly Resource[],
  edge: Edge,
): ByPort<LoadBalancerListener["proxyProtocol"]> {
  const ports = edge
    .ofType("aws_proxy_protocol_policy")
    .filter((policy) => edge.belongs(policy, "load_balancer", elb, all, named))
    .flatMap((policy) => elementsIn(policy.arguments, "instance_ports"));
  for (const setting of edge.ofType("aws_load_balancer_backend_server_policy")) {
    if (!edge.belongs(setting, "load_balancer_name", elb, all, named)) continue;
    const port = setting.arguments.value("instance_port");
    const turnsOn = policiesOf(setting, edge).some(
      (policy) => policy.kind === "unknown" || enablesProxyProtocol(policy.resource),
    );
    if (port !== undefined && turnsOn) ports.push(port);
  }
  return (wanted) => {
    if ("unknown" in wanted) return wanted;
    const listed = ports.find((port) => asNumber(port) === wanted.value);
    if (listed !== undefined) return { value: "v1", at: listed.at };
    const hole = ports.find((port) => asNumber(port) === undefined);
    if (hole !== undefined)
      return knownAs<"v1">(hole, () => undefined, "a port of the policy is not a number");
    return { value: "none" };
  };
}

type PolicyNamed =
  | { readonly kind: "resource"; readonly resource: Resource }
  | { readonly kind: "unknown"; readonly name: Value };

function policiesOf(setting: Resource, edge: Edge): readonly PolicyNamed[] {
  const policies = edge.ofType("aws_load_balancer_policy");
  return elementsIn(setting.arguments, "policy_names").flatMap((name): readonly PolicyNamed[] => {
    const resource = resourceNamed(name, policies, ["policy_name"]);
    if (resource !== undefined) return [{ kind: "resource", resource }];
    // A name without a policy of that name here is one of AWS's own; PROXY protocol is never on by those.
    return asText(name) === undefined ? [{ kind: "unknown", name }] : [];
  });
}

/** Attributes of a policy by the names that AWS gives them. */
function policyAttributes(policy: Resource): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  for (const attribute of policy.arguments.blocks("policy_attribute").all) {
    const [name, value] = [attribute.value("name"), attribute.value("value")];
    if (name !== undefined && value !== undefined) found.set(asText(name) ?? "", value);
  }
  return found;
}

function enablesProxyProtocol(policy: Resource): boolean {
  return (
    asText(policy.arguments.value("policy_type_name")) === "ProxyProtocolPolicyType" &&
    asText(policyAttributes(policy).get("ProxyProtocol"))?.toLowerCase() === "true"
  );
}

/** TLS policies, by the load balancer's ports that they are set for. */
function tlsPoliciesOf(
  elb: Resource,
  all: readonly Resource[],
  edge: Edge,
): ByPort<Known<string> | undefined> {
  const settings = edge
    .ofType("aws_load_balancer_listener_policy")
    .filter((setting) => edge.belongs(setting, "load_balancer_name", elb, all, named));
  return (port) => {
    for (const setting of settings) {
      if ("unknown" in port || asNumber(setting.arguments.value("load_balancer_port")) !== port.value)
        continue;
      for (const policy of policiesOf(setting, edge)) {
        if (policy.kind === "unknown") return knownAs(policy.name, asText, "it is not text");
        const type = textIn(policy.resource.arguments, "policy_type_name");
        if (type === undefined || !("value" in type) || type.value !== "SSLNegotiationPolicyType") continue;
        const reference = policyAttributes(policy.resource).get("Reference-Security-Policy");
        if (reference !== undefined) return knownAs(reference, asText, "it is not text");
        return { unknown: "the policy lists custom protocols and ciphers", at: policy.resource.at };
      }
    }
    return undefined;
  };
}

function targetsOf(elb: Resource, all: readonly Resource[], edge: Edge): Known<boolean> {
  const [instance] = elementsIn(elb.arguments, "instances");
  if (instance !== undefined) return { value: true, at: instance.at };
  return edge.attached(
    [
      { type: "aws_elb_attachment", argument: "elb" },
      { type: "aws_autoscaling_attachment", argument: "elb" },
      { type: "aws_autoscaling_group", argument: "load_balancers" },
    ],
    elb,
    all,
    named,
  );
}
