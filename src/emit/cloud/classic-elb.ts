// A classic ELB with its policies, and the nodes behind it.
import type { CloudListener, CloudPlan } from "../../plan/cloud-plan.ts";
import { placeOf, remark } from "../file.ts";
import { certificateArn } from "./certificate.ts";
import { type Attribute, type Block, block, commentedBlock, reference, set } from "./hcl.ts";
import { tagsBlock } from "./tags.ts";

export function classicElbBlocks(cloud: CloudPlan): readonly Block[] {
  return [
    tagsBlock(cloud),
    loadBalancer(cloud),
    ...proxyPolicy(cloud),
    ...cloud.listeners.flatMap(tlsPolicy),
    ...attachments(),
    commentedBlock(
      "Route 53 zone of the DNS names of classic ELBs in this region.",
      "data aws_elb_hosted_zone_id this",
      [],
    ),
  ];
}

function loadBalancer(cloud: CloudPlan): Block {
  const { crossZone, drainingS, internal, listeners } = cloud;
  const idle = listeners.find(({ idleTimeoutS }) => idleTimeoutS !== null)?.idleTimeoutS;
  return block("resource aws_elb this", [
    set("name", reference("var.name")),
    set("internal", internal),
    set("subnets", reference("var.subnet_ids")),
    set("security_groups", [reference("aws_security_group.load_balancer.id")]),
    set("tags", reference("local.tags")),
    ...(idle == null ? [] : [set("idle_timeout", idle.value, remark("In seconds", idle))]),
    set("connection_draining", true, "connections through a removed node can finish"),
    set("connection_draining_timeout", drainingS.value, drainingS),
    set("cross_zone_load_balancing", crossZone.value, crossZone),
    ...listeners.map((listener) => listenerBlock(cloud, listener)),
    healthCheck(cloud),
    ...accessLogs(cloud),
  ]);
}

/** `ssl` to `tcp` forwards the decrypted bytes unchanged, with the PROXY header in front. */
function listenerBlock(cloud: CloudPlan, { name, port, nodePort, protocol }: CloudListener): Block {
  const tls = protocol === "tls";
  return commentedBlock(
    `To HAProxy's listener ${name}${tls ? "; TLS is terminated here" : ""}.`,
    "listener",
    [
      set("lb_port", port.value, placeOf(port)),
      set("lb_protocol", tls ? "ssl" : "tcp"),
      set("instance_port", nodePort.value, placeOf(nodePort)),
      set("instance_protocol", "tcp"),
      ...(tls ? [set("ssl_certificate_id", certificateArn(cloud), { at: cloud.certificate?.at })] : []),
    ],
  );
}

function healthCheck({ healthCheck: check }: CloudPlan): Block {
  const { intervalS, timeoutS, healthy, unhealthy } = check;
  const target = `${check.protocol.toUpperCase()}:${check.nodePort.value}${check.path ?? ""}`;
  return block("health_check", [
    set("target", target, { because: check.because, ...placeOf(check.nodePort) }),
    set("interval", intervalS.value, intervalS),
    set("timeout", timeoutS.value, timeoutS),
    set("healthy_threshold", healthy.value, healthy),
    set("unhealthy_threshold", unhealthy.value, unhealthy),
  ]);
}

function accessLogs({ accessLogs: logs }: CloudPlan): readonly Block[] {
  if (logs === null) return [];
  const body: Attribute[] = [set("bucket", logs.bucket)];
  if (logs.prefix !== null) body.push(set("bucket_prefix", logs.prefix));
  body.push(set("interval", logs.intervalMinutes.value, remark("In minutes", logs.intervalMinutes)));
  return [block("access_logs", body)];
}

function proxyPolicy({ listeners }: CloudPlan): readonly Block[] {
  const ports = listeners.filter(({ proxyProtocol }) => proxyProtocol !== "none");
  if (ports.length === 0) return [];
  return [
    commentedBlock(
      "PROXY header (version 1) with the client address, on node ports whose listener expects one.",
      "resource aws_proxy_protocol_policy this",
      [
        set("load_balancer", reference("aws_elb.this.name")),
        set(
          "instance_ports",
          ports.map(({ nodePort }) => String(nodePort.value)),
        ),
      ],
    ),
  ];
}

function tlsPolicy({ name, port, tlsPolicy: policy }: CloudListener): readonly Block[] {
  if (policy === null) return [];
  return [
    commentedBlock("TLS versions and ciphers for clients.", `resource aws_load_balancer_policy tls_${name}`, [
      set("load_balancer_name", reference("aws_elb.this.name")),
      set("policy_name", policy.value, placeOf(policy)),
      set("policy_type_name", "SSLNegotiationPolicyType"),
      block("policy_attribute", [
        set("name", "Reference-Security-Policy"),
        set("value", policy.value, policy),
      ]),
      block("lifecycle", [
        set("create_before_destroy", true, "a policy in use by a listener cannot be deleted"),
      ]),
    ]),
    block(`resource aws_load_balancer_listener_policy tls_${name}`, [
      set("load_balancer_name", reference("aws_elb.this.name")),
      set("load_balancer_port", port.value, placeOf(port)),
      set("policy_names", [reference(`aws_load_balancer_policy.tls_${name}.policy_name`)]),
    ]),
  ];
}

function attachments(): readonly Block[] {
  return [
    commentedBlock(
      "Nodes are added and removed with their Auto Scaling group.",
      "resource aws_autoscaling_attachment nodes",
      [
        set("for_each", reference("var.autoscaling_groups")),
        set("autoscaling_group_name", reference("each.value")),
        set("elb", reference("aws_elb.this.name")),
      ],
    ),
    block("resource aws_elb_attachment nodes", [
      set("for_each", reference("var.instances")),
      set("elb", reference("aws_elb.this.name")),
      set("instance", reference("each.value")),
    ]),
  ];
}
