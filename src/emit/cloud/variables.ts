// The variables of the module: values of the account, validated as far as Terraform can.
import type { CloudPlan } from "../../plan/cloud-plan.ts";
import type { Reason } from "../file.ts";
import { type Attribute, type Block, block, mapping, reference, set, type Value } from "./hcl.ts";

export function variableBlocks(cloud: CloudPlan): readonly Block[] {
  return [
    variable("name", "string", "The load balancer's name, unique among its kind in the account and region.", {
      byDefault: cloud.name.value,
      because: cloud.name,
      valid: {
        condition: 'can(regex("^[A-Za-z0-9]([-A-Za-z0-9]{0,24}[A-Za-z0-9])?$", var.name))',
        error: "At most 26 letters, digits and hyphens, without a hyphen at either end.",
      },
    }),
    variable("vpc_id", "string", "The VPC of the nodes."),
    variable(
      "subnet_ids",
      "list(string)",
      `${cloud.internal ? "Private" : "Public"} subnets for the load balancer, one in each zone with nodes.`,
    ),
    variable(
      "node_security_group_id",
      "string",
      "The security group of the nodes, which gets one rule per node port.",
    ),
    variable(
      "autoscaling_groups",
      "map(string)",
      "Names of the nodes' Auto Scaling groups, with keys of your choice that are known before the groups exist.",
      { byDefault: mapping({}) },
    ),
    variable(
      "instances",
      "map(string)",
      "IDs of nodes outside Auto Scaling groups, with keys of your choice that are known before the nodes exist.",
      { byDefault: mapping({}) },
    ),
    ...(cloud.certificate?.from === "variable" ? [certificateVariable()] : []),
    ...(cloud.certificate?.from === "acm" || cloud.aliases.length > 0
      ? [variable("route53_zone_id", "string", "The Route 53 zone of the hosts.")]
      : []),
    ...(cloud.kind === "aws-nlb"
      ? [
          variable("deletion_protection", "bool", "Whether AWS refuses to delete the load balancer.", {
            byDefault: true,
            because: "prevents accidental deletion; to delete the load balancer, apply false first",
          }),
        ]
      : []),
    variable("tags", "map(string)", "Tags of all resources of this module, in addition to the edge's own.", {
      byDefault: mapping({}),
    }),
  ];
}

function certificateVariable(): Block {
  return variable("certificate_arn", "string", "The ARN of the listener's certificate, in this region.", {
    valid: {
      condition:
        'can(regex("^arn:aws[a-z-]*:(acm:[a-z0-9-]+:\\\\d{12}:certificate|iam::\\\\d{12}:server-certificate)/", var.certificate_arn))',
      error: "The ARN of a certificate of AWS Certificate Manager, or of a server certificate of IAM.",
    },
  });
}

interface VariableOptions {
  readonly byDefault?: Value;
  readonly because?: Reason;
  readonly valid?: { readonly condition: string; readonly error: string };
}

function variable(
  name: string,
  type: string,
  description: string,
  { byDefault, because, valid }: VariableOptions = {},
): Block {
  const body: (Attribute | Block)[] = [set("description", description), set("type", reference(type))];
  if (byDefault !== undefined) body.push(set("default", byDefault, because));
  if (valid !== undefined)
    body.push(
      block("validation", [set("condition", reference(valid.condition)), set("error_message", valid.error)]),
    );
  return block(`variable ${name}`, body);
}
