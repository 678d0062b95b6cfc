// Allowed connections: clients to the load balancer's ports, the load balancer to the node ports.
import type { CloudListener, CloudPlan } from "../../plan/cloud-plan.ts";
import type { Decided } from "../../plan/plan.ts";
import { placeOf } from "../file.ts";
import { type Attribute, type Block, block, commentedBlock, reference, set, template } from "./hcl.ts";

export function securityGroupBlocks(cloud: CloudPlan): readonly Block[] {
  return [loadBalancerGroup(cloud), ...nodeRules(cloud)];
}

/** Inline rules are exclusive: the next apply removes a rule that was added by hand. */
function loadBalancerGroup(cloud: CloudPlan): Block {
  const { clients, listeners } = cloud;
  return commentedBlock(
    "Security group of the load balancer, with exactly these rules.",
    "resource aws_security_group load_balancer",
    [
      set("name_prefix", template(reference("var.name"), "-load-balancer-")),
      set("description", "Clients to the load balancer, and the load balancer to the nodes"),
      set("vpc_id", reference("var.vpc_id")),
      set("tags", reference("local.tags")),
      ...listeners.map(({ name, port }, index) =>
        commentedBlock(index === 0 ? clients : undefined, "ingress", [
          ...rule(`Clients to ${name}`, port),
          set("cidr_blocks", clients.value, placeOf(clients)),
        ]),
      ),
      ...nodePorts(cloud).map(({ name, nodePort }, index) =>
        commentedBlock(
          index === 0 ? "Requests and health checks, only to node ports." : undefined,
          "egress",
          [
            ...rule(`To the nodes: ${name}`, nodePort),
            set("security_groups", [reference("var.node_security_group_id")]),
          ],
        ),
      ),
      block("lifecycle", [set("create_before_destroy", true, "a group that is in use cannot be deleted")]),
    ],
  );
}

function rule(description: string, port: Decided<number>): readonly Attribute[] {
  return [
    set("description", description),
    set("protocol", "tcp"),
    set("from_port", port.value, placeOf(port)),
    set("to_port", port.value, placeOf(port)),
  ];
}

function nodeRules(cloud: CloudPlan): readonly Block[] {
  return nodePorts(cloud).map(({ name, nodePort }, index) =>
    commentedBlock(
      index === 0 ? "Opens the node ports to the load balancer." : undefined,
      `resource aws_vpc_security_group_ingress_rule nodes_${name}`,
      [
        set("security_group_id", reference("var.node_security_group_id")),
        set("referenced_security_group_id", reference("aws_security_group.load_balancer.id")),
        set("description", template(reference("var.name"), `: ${name}`)),
        set("ip_protocol", "tcp"),
        set("from_port", nodePort.value, placeOf(nodePort)),
        set("to_port", nodePort.value, placeOf(nodePort)),
        set("tags", reference("local.tags")),
      ],
    ),
  );
}

/** The node ports for traffic and for health checks. */
function nodePorts({
  listeners,
  healthCheck,
}: CloudPlan): readonly Pick<CloudListener, "name" | "nodePort">[] {
  const ports = listeners.map(({ name, nodePort }) => ({ name, nodePort }));
  const known = ports.some(({ nodePort }) => nodePort.value === healthCheck.nodePort.value);
  return known ? ports : [...ports, { name: "check", nodePort: healthCheck.nodePort }];
}
