// A network load balancer: its listeners, a target group each, and the nodes in them.
import type { CloudListener, CloudPlan } from "../../plan/cloud-plan.ts";
import { placeOf, remark } from "../file.ts";
import { certificateArn } from "./certificate.ts";
import {
  type Attribute,
  type Block,
  block,
  commentedBlock,
  reference,
  set,
  template,
  type Value,
} from "./hcl.ts";
import { tagsBlock } from "./tags.ts";

export function nlbBlocks(cloud: CloudPlan): readonly Block[] {
  return [
    tagsBlock(cloud),
    loadBalancer(cloud),
    ...cloud.listeners.flatMap((listener, index) => [
      listenerBlock(cloud, listener),
      targetGroup(cloud, listener, index === 0 ? set : unexplained),
    ]),
    ...cloud.listeners.flatMap(attachments),
  ];
}

function loadBalancer({ crossZone, internal, accessLogs }: CloudPlan): Block {
  return block("resource aws_lb this", [
    set("name", reference("var.name")),
    set("load_balancer_type", "network"),
    set("internal", internal),
    set("subnets", reference("var.subnet_ids")),
    set("security_groups", [reference("aws_security_group.load_balancer.id")]),
    set("enable_deletion_protection", reference("var.deletion_protection")),
    set("tags", reference("local.tags")),
    set("enable_cross_zone_load_balancing", crossZone.value, crossZone),
    ...(accessLogs === null ? [] : [accessLogsBlock(accessLogs)]),
  ]);
}

function accessLogsBlock({ bucket, prefix }: NonNullable<CloudPlan["accessLogs"]>): Block {
  const body: Attribute[] = [set("enabled", true), set("bucket", bucket)];
  if (prefix !== null) body.push(set("prefix", prefix));
  return block("access_logs", body);
}

function listenerBlock(cloud: CloudPlan, listener: CloudListener): Block {
  const { name, port, protocol, tlsPolicy, alpn, idleTimeoutS } = listener;
  const tls = protocol === "tls";
  return commentedBlock(
    `To HAProxy's listener ${name}${tls ? "; TLS is terminated here" : ""}.`,
    `resource aws_lb_listener ${name}`,
    [
      set("load_balancer_arn", reference("aws_lb.this.arn")),
      set("port", port.value, placeOf(port)),
      set("protocol", tls ? "TLS" : "TCP"),
      ...(tls ? [set("certificate_arn", certificateArn(cloud), { at: cloud.certificate?.at })] : []),
      set("tags", reference("local.tags")),
      ...(tlsPolicy === null ? [] : [set("ssl_policy", tlsPolicy.value, tlsPolicy)]),
      ...(alpn === null ? [] : [set("alpn_policy", alpn.value, alpn)]),
      ...(idleTimeoutS === null ? [] : [set("tcp_idle_timeout_seconds", idleTimeoutS.value, idleTimeoutS)]),
      block("default_action", [
        set("type", "forward"),
        set("target_group_arn", reference(`aws_lb_target_group.${name}.arn`)),
      ]),
    ],
  );
}

/** Settings that all target groups share are explained once. */
type Setter = typeof set;

function unexplained(name: string, value: Value): Attribute {
  return set(name, value);
}

function targetGroup(
  cloud: CloudPlan,
  { name, nodePort, proxyProtocol }: CloudListener,
  explained: Setter,
): Block {
  const { drainingS, keepsClientAddress } = cloud;
  return block(`resource aws_lb_target_group ${name}`, [
    explained(
      "name",
      template(reference("var.name"), `-${nodePort.value}`),
      "includes the node port: a new port gets a new group that can replace this one",
    ),
    set("vpc_id", reference("var.vpc_id")),
    set("target_type", "instance"),
    set("protocol", "TCP"),
    set("port", nodePort.value, placeOf(nodePort)),
    set("tags", reference("local.tags")),
    set(
      "proxy_protocol_v2",
      proxyProtocol !== "none",
      proxyProtocol === "none" ? "this listener expects no PROXY header" : "carries the client address",
    ),
    explained("preserve_client_ip", keepsClientAddress.value, keepsClientAddress),
    explained("deregistration_delay", drainingS.value, remark("In seconds", drainingS)),
    explained(
      "connection_termination",
      true,
      "then closes the remaining connections, so that clients reconnect",
    ),
    ...unhealthy(cloud, explained),
    healthCheck(cloud, explained),
    block("lifecycle", [
      explained("create_before_destroy", true, "a group in use by a listener cannot be deleted"),
    ]),
  ]);
}

function unhealthy({ unhealthyDrainingS: draining }: CloudPlan, explained: Setter): readonly Block[] {
  if (draining === null) return [];
  return [
    block("target_health_state", [
      explained("enable_unhealthy_connection_termination", false, draining),
      explained(
        "unhealthy_draining_interval",
        draining.value,
        "in seconds, as long as HAProxy allows for in-flight requests",
      ),
    ]),
  ];
}

function healthCheck({ healthCheck: check }: CloudPlan, explained: Setter): Block {
  const { intervalS, timeoutS, healthy, unhealthy: failures } = check;
  return block("health_check", [
    explained("protocol", check.protocol.toUpperCase(), check),
    ...(check.path === null
      ? []
      : [
          set("port", String(check.nodePort.value), placeOf(check.nodePort)),
          set("path", check.path),
          set("matcher", "200"),
        ]),
    explained("interval", intervalS.value, intervalS),
    explained("timeout", timeoutS.value, timeoutS),
    explained("healthy_threshold", healthy.value, healthy),
    explained("unhealthy_threshold", failures.value, failures),
  ]);
}

function attachments({ name }: CloudListener, index: number): readonly Block[] {
  const group = reference(`aws_lb_target_group.${name}.arn`);
  return [
    commentedBlock(
      index === 0 ? "Nodes are added and removed with their Auto Scaling group." : undefined,
      `resource aws_autoscaling_attachment ${name}`,
      [
        set("for_each", reference("var.autoscaling_groups")),
        set("autoscaling_group_name", reference("each.value")),
        set("lb_target_group_arn", group),
      ],
    ),
    block(`resource aws_lb_target_group_attachment ${name}`, [
      set("for_each", reference("var.instances")),
      set("target_group_arn", group),
      set("target_id", reference("each.value")),
    ]),
  ];
}
