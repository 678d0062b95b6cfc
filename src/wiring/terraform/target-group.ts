// aws_lb_target_group → where a listener's connections go, and how targets are checked. Defaults are the AWS provider's: its document
// of the resource.

import type { LoadBalancerHealthCheck, LoadBalancerListener } from "../cloud.ts";
import { unknownHealthCheck } from "../cloud.ts";
import type { Known, Unknown } from "../written.ts";
import type { Edge } from "./edge.ts";
import { booleanIn, knownAs, mapped, neededNumber, numberIn, textIn, wordIn } from "./known-arguments.ts";
import type { Arguments, Resource } from "./resource.ts";
import { asNumber } from "./value.ts";

export const groupTypes = ["aws_lb_target_group", "aws_alb_target_group"] as const;

export type Towards = Pick<
  LoadBalancerListener,
  | "to"
  | "targetGroup"
  | "targetProtocol"
  | "targetFamily"
  | "proxyProtocol"
  | "keepsClientAddress"
  | "healthCheck"
>;

export interface TargetGroup {
  readonly towards: Towards;
  readonly drainingS: Known<number>;
}

const families = { ipv4: "IPv4", ipv6: "IPv6" } as const;

const attachments = ["aws_lb_target_group_attachment", "aws_alb_target_group_attachment"] as const;
const named = ["arn", "id"];

export function readTargetGroup(group: Resource, kind: "alb" | "nlb", edge: Edge): TargetGroup {
  const args = group.arguments;
  const targets = wordIn(args, "target_type", targetKinds) ?? ({ value: "node" } as const);
  const protocol = wordIn(args, "protocol", protocols) ?? {
    unknown: "protocol is not written",
    at: group.at,
  };
  const on = booleanIn(args, "proxy_protocol_v2", false);
  return {
    towards: {
      to: {
        // Without a known type the port is not usable.
        kind: "value" in targets ? targets.value : "nowhere",
        port: "value" in targets ? portOf(group, edge) : targets,
      },
      targetGroup: { address: group.address, name: textIn(args, "name") },
      targetProtocol: mapped(protocol, (word) => word.protocol),
      targetFamily: wordIn(args, "ip_address_type", families) ?? { value: "IPv4" },
      proxyProtocol: mapped(on, (value) => (value ? "v2" : "none")),
      keepsClientAddress: kind === "alb" ? { value: false } : preservation(args, targets, protocol),
      healthCheck: healthCheckOf(args, protocol),
    },
    drainingS: numberIn(args, "deregistration_delay", 300),
  };
}

/** All facts about targets are unknown, for one reason. */
export function unknownTargets(why: Unknown): Towards {
  return {
    to: { kind: "node", port: why },
    targetProtocol: why,
    targetFamily: why,
    proxyProtocol: why,
    keepsClientAddress: why,
    healthCheck: unknownHealthCheck(why),
  };
}

/** The smallest; one that is not known if there is one. */
export function shortest(times: readonly Known<number>[]): Known<number> | undefined {
  const hole = times.find((time) => "unknown" in time);
  return (
    hole ??
    times.reduce<Known<number> | undefined>((least, time) => (isLess(time, least) ? time : least), undefined)
  );
}

function isLess(time: Known<number>, least: Known<number> | undefined): boolean {
  return "value" in time && (least === undefined || ("value" in least && time.value < least.value));
}

/** Whether these files put targets into a group. */
export function attachedTo(group: Resource, edge: Edge): Known<boolean> {
  const trafficPaths = [
    ...attachments.map((type) => ({ type, argument: "target_group_arn" })),
    { type: "aws_autoscaling_attachment", argument: "lb_target_group_arn" },
    { type: "aws_autoscaling_attachment", argument: "alb_target_group_arn" },
    { type: "aws_autoscaling_group", argument: "target_group_arns" },
  ];
  return edge.attached(trafficPaths, group, edge.ofType(...groupTypes), named);
}

/** `alb` and `lambda`: no node and no pod. */
const targetKinds = { instance: "node", ip: "pod", alb: "nowhere", lambda: "nowhere" } as const;

interface Protocol {
  readonly protocol: "tcp" | "tls" | "http" | "https" | "udp";
  readonly isUdp: boolean;
}

const protocols: Readonly<Record<string, Protocol>> = {
  tcp: { protocol: "tcp", isUdp: false },
  tcp_udp: { protocol: "tcp", isUdp: true },
  tls: { protocol: "tls", isUdp: false },
  udp: { protocol: "udp", isUdp: true },
  http: { protocol: "http", isUdp: false },
  https: { protocol: "https", isUdp: false },
};

/** The group's own port, unless every target is attached with another one. */
function portOf(group: Resource, edge: Edge): Known<number> {
  const own = neededNumber(group.arguments, "port");
  const all = edge.ofType(...groupTypes);
  const ports = edge
    .ofType(...attachments)
    .filter((attachment) => edge.belongs(attachment, "target_group_arn", group, all, named))
    .map(({ arguments: args }) => (args.value("port") === undefined ? own : neededNumber(args, "port")));
  const [first] = ports;
  if (first === undefined) return own;
  if ("unknown" in first) return first;
  const other = ports.find((port) => "unknown" in port || port.value !== first.value);
  if (other === undefined) return first;
  return "unknown" in other
    ? other
    : { unknown: "targets are attached with different ports", at: other.at ?? group.at };
}

/**
 * Without an argument: on for targets by instance, off for targets by address except for UDP (Network Load Balancer guide, "Client IP
 * preservation").
 */
function preservation(
  args: Arguments,
  targets: Known<"node" | "pod" | "nowhere">,
  protocol: Known<Protocol>,
): Known<boolean> {
  if (args.value("preserve_client_ip") !== undefined) return booleanIn(args, "preserve_client_ip", false);
  if ("unknown" in targets) return targets;
  if (targets.value === "node") return { value: true };
  return "unknown" in protocol ? protocol : { value: protocol.value.isUdp };
}

const checkProtocols = { tcp: "tcp", http: "http", https: "https" } as const;

function healthCheckOf(args: Arguments, protocol: Known<Protocol>): LoadBalancerHealthCheck | undefined {
  const { all, missing } = args.blocks("health_check");
  const [block] = all;
  if (block === undefined) {
    return missing === undefined
      ? withoutBlock(args, protocol)
      : unknownHealthCheck({ unknown: missing.why, at: missing.at });
  }
  const enabled = booleanIn(block, "enabled", true);
  if ("value" in enabled && !enabled.value) return undefined;
  const checked = wordIn(block, "protocol", checkProtocols) ?? ({ value: "http" } as const);
  return {
    protocol: checked,
    port: checkPort(block),
    path: pathOf(block, checked),
    intervalS: numberIn(block, "interval", 30),
    timeoutS:
      block.value("timeout") === undefined ? defaultTimeout(protocol) : neededNumber(block, "timeout"),
    healthy: numberIn(block, "healthy_threshold", 3),
    unhealthy: numberIn(block, "unhealthy_threshold", 3),
    statuses: textIn(block, "matcher"),
    at: block.at,
  };
}

/** The provider sends nothing then, and the API's defaults hold (Elastic Load Balancing API reference, CreateTargetGroup). */
function withoutBlock(args: Arguments, protocol: Known<Protocol>): LoadBalancerHealthCheck {
  const isHttp = (of: Protocol): boolean => of.protocol === "http" || of.protocol === "https";
  return {
    protocol: mapped(protocol, (of) => (isHttp(of) ? "http" : "tcp")),
    port: { value: "traffic" },
    path: "value" in protocol && isHttp(protocol.value) ? { value: "/" } : undefined,
    intervalS: { value: 30 },
    timeoutS: defaultTimeout(protocol),
    healthy: { value: 5 },
    unhealthy: { value: 2 },
    at: args.at,
  };
}

/** 6 s for groups of HTTP, 10 s for the others. */
function defaultTimeout(protocol: Known<Protocol>): Known<number> {
  if ("unknown" in protocol) return protocol;
  return { value: protocol.value.protocol === "http" ? 6 : 10 };
}

function checkPort(block: Arguments): Known<number | "traffic"> {
  const value = block.value("port");
  if (value === undefined) return { value: "traffic" };
  const written = textIn(block, "port");
  if (written !== undefined && "value" in written && written.value === "traffic-port")
    return { value: "traffic", at: written.at };
  return knownAs(value, asNumber, "it is not a port");
}

function pathOf(block: Arguments, protocol: Known<"tcp" | "http" | "https">): Known<string> | undefined {
  if ("value" in protocol && protocol.value === "tcp") return undefined;
  return textIn(block, "path") ?? { value: "/" };
}
