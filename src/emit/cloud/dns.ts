// Route 53 records of the hosts.
import type { CloudPlan } from "../../plan/cloud-plan.ts";
import { type Block, block, call, commentedBlock, type Expression, reference, set } from "./hcl.ts";

export function dnsBlocks({ aliases, kind }: CloudPlan): readonly Block[] {
  if (aliases.length === 0) return [];
  const target = kind === "aws-nlb" ? "aws_lb.this" : "aws_elb.this";
  return [
    commentedBlock(
      "Aliases, because the addresses of the load balancer change.",
      "resource aws_route53_record hosts",
      [
        set("for_each", call("toset", aliases)),
        set("zone_id", reference("var.route53_zone_id")),
        set("name", reference("each.key")),
        set("type", "A"),
        block("alias", [
          set("name", reference(`${target}.dns_name`)),
          set("zone_id", zoneId(kind)),
          set("evaluate_target_health", true),
        ]),
      ],
    ),
  ];
}

/** Of the load balancer's own name. */
export function zoneId(kind: CloudPlan["kind"]): Expression {
  return reference(kind === "aws-nlb" ? "aws_lb.this.zone_id" : "data.aws_elb_hosted_zone_id.this.id");
}
