// Outputs of the module: names, ids and ARNs of its resources.
import type { CloudPlan } from "../../plan/cloud-plan.ts";
import { zoneId } from "./dns.ts";
import { type Block, block, type Mapping, mapping, reference, set } from "./hcl.ts";

export function outputBlocks({ kind, certificate, listeners }: CloudPlan): readonly Block[] {
  const target = kind === "aws-nlb" ? "aws_lb.this" : "aws_elb.this";
  return [
    output("name", "The load balancer's name.", `${target}.name`),
    output("arn", "The load balancer's ARN.", `${target}.arn`),
    output("dns_name", "The DNS name of the load balancer, for additional records.", `${target}.dns_name`),
    output("zone_id", "The Route 53 zone of the DNS name, for additional alias records.", zoneId(kind).hcl),
    output("security_group_id", "The load balancer's security group.", "aws_security_group.load_balancer.id"),
    ...(kind === "aws-nlb"
      ? [
          output(
            "target_group_arns",
            "The target groups by listener, for nodes that are attached in another module.",
            mapping(
              Object.fromEntries(
                listeners.map(({ name }) => [name, reference(`aws_lb_target_group.${name}.arn`)]),
              ),
            ),
          ),
        ]
      : []),
    ...(certificate?.from === "acm"
      ? [output("certificate_arn", "The ARN of the created certificate.", "aws_acm_certificate.this.arn")]
      : []),
  ];
}

function output(name: string, description: string, value: string | Mapping): Block {
  return block(`output ${name}`, [
    set("description", description),
    set("value", typeof value === "string" ? reference(value) : value),
  ]);
}
