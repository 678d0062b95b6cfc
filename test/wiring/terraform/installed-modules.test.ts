// Modules that `terraform init` installed, with the interface of the ones in the registry: maps of objects, resources with for_each.
import { expect, test } from "vitest";
import type { SourceFile } from "../../../src/source/source-file.ts";
import { readTerraform } from "../../../src/wiring/terraform/read.ts";
import { plain, ports } from "./reading.ts";

const BALANCER = `variable "name" { default = "" }
variable "internal" { default = false }
variable "listeners" {
  type = map(object({ port = number, protocol = optional(string, "TCP"), forward = optional(object({
    target_group_arn = optional(string), target_group_key = optional(string) })) }))
}
variable "target_groups" {
  type = map(object({ port = number, target_type = optional(string, "instance"), proxy_protocol_v2 = optional(bool),
    preserve_client_ip = optional(bool) }))
}
variable "rules" { default = {} }
resource "aws_lb" "this" {
  count              = 1
  name               = var.name
  internal           = var.internal
  load_balancer_type = "network"
}
resource "aws_lb_listener" "this" {
  for_each          = var.listeners
  load_balancer_arn = aws_lb.this[0].arn
  port              = each.value.port
  protocol          = each.value.protocol
  dynamic "default_action" {
    for_each = each.value.forward != null ? [each.value.forward] : []
    content {
      type             = "forward"
      target_group_arn = try(aws_lb_target_group.this[default_action.value.target_group_key].arn, default_action.value.target_group_arn)
    }
  }
}
resource "aws_lb_listener_rule" "this" {
  for_each     = var.rules
  listener_arn = aws_lb_listener.this[each.key].arn
}
resource "aws_lb_target_group" "this" {
  for_each           = var.target_groups
  port               = each.value.port
  protocol           = "TCP"
  target_type        = each.value.target_type
  proxy_protocol_v2  = each.value.proxy_protocol_v2
  preserve_client_ip = each.value.preserve_client_ip
}
output "arns" { value = { for key, group in aws_lb_target_group.this : key => group.arn } }
`;

const CLASSIC = `variable "listener" {}
variable "health_check" {}
variable "connection_draining" { default = false }
module "elb" {
  source = "./modules/elb"
  listener = var.listener
  health_check = var.health_check
  connection_draining = var.connection_draining
}
`;
const CLASSIC_PART = `variable "listener" { type = list(map(string)) }
variable "health_check" { type = map(string) }
variable "connection_draining" {}
resource "aws_elb" "this" {
  connection_draining = var.connection_draining
  dynamic "listener" {
    for_each = var.listener
    content {
      instance_port     = listener.value.instance_port
      instance_protocol = listener.value.instance_protocol
      lb_port           = listener.value.lb_port
      lb_protocol       = listener.value.lb_protocol
    }
  }
  health_check {
    target              = lookup(var.health_check, "target")
    interval            = lookup(var.health_check, "interval")
    timeout             = lookup(var.health_check, "timeout")
    healthy_threshold   = lookup(var.health_check, "healthy_threshold")
    unhealthy_threshold = lookup(var.health_check, "unhealthy_threshold")
  }
}
`;

const NLB = `module "edge" {
  source    = "acme/nlb/aws"
  version   = "9.1.0"
  name      = "edge"
  listeners = { https = { port = 443, forward = { target_group_key = "edge" } } }
  target_groups = {
    edge = { port = 31001, proxy_protocol_v2 = true, preserve_client_ip = false }
  }
}
resource "aws_autoscaling_attachment" "edge" {
  autoscaling_group_name = "workers"
  lb_target_group_arn    = module.edge.arns["edge"]
}
`;

interface Entry {
  readonly Key: string;
  readonly Source: string;
  readonly Version?: string;
  readonly Dir: string;
}

const EDGE: Entry = {
  Key: "edge",
  Source: "registry.terraform.io/acme/nlb/aws",
  Version: "9.1.0",
  Dir: ".terraform/modules/edge",
};

function installed(main: string, entries: readonly Entry[], modules: Readonly<Record<string, string>>) {
  const files: SourceFile[] = [
    { file: "cloud/main.tf", text: main },
    { file: "cloud/.terraform/modules/modules.json", text: JSON.stringify({ Modules: entries }) },
    ...Object.entries(modules).map(([path, text]) => ({
      file: `cloud/.terraform/modules/${path}/main.tf`,
      text,
    })),
  ];
  return readTerraform(files);
}

test("a network load balancer, its listeners, target groups and attachment", async () => {
  const { loadBalancers, leftOut } = await installed(NLB, [EDGE], { edge: BALANCER });
  expect(leftOut).toEqual([]);
  expect(loadBalancers.map(({ id, listeners }) => [id, ...listeners.map(ports)])).toEqual([
    ["module.edge.aws_lb.this[0]", [443, "tcp", 31001, "v2"]],
  ]);
  const [edge] = loadBalancers;
  expect(plain(edge?.listeners[0]?.keepsClientAddress)).toBe(false);
  expect(plain(edge?.targetsAttached)).toBe(true);
});

test("places are in the files that the user writes", async () => {
  const { loadBalancers } = await installed(NLB, [EDGE], { edge: BALANCER });
  const [edge] = loadBalancers;
  expect([edge?.at, edge?.internal, edge?.listeners[0]?.to.port, edge?.listeners[0]?.at]).toMatchObject([
    { file: "cloud/main.tf", line: 1 },
    { value: false, at: { file: "cloud/main.tf", line: 1 } },
    { at: { file: "cloud/main.tf", line: 7 } },
    { file: "cloud/main.tf", line: 1 },
  ]);
});

test("a classic ELB in a module that an installed module calls", async () => {
  const { loadBalancers, leftOut } = await installed(
    `module "edge" {
  source   = "acme/elb/aws"
  listener = [
    { instance_port = 31001, instance_protocol = "tcp", lb_port = 443, lb_protocol = "ssl" },
  ]
  health_check = { target = "TCP:31001", interval = 10, timeout = 5, healthy_threshold = 2, unhealthy_threshold = 2 }
}`,
    [
      { ...EDGE, Source: "registry.terraform.io/acme/elb/aws" },
      { Key: "edge.elb", Source: "./modules/elb", Dir: ".terraform/modules/edge/modules/elb" },
    ],
    { edge: CLASSIC, "edge/modules/elb": CLASSIC_PART },
  );
  expect(leftOut).toEqual([]);
  const [elb] = loadBalancers;
  expect([elb?.id, ...(elb?.listeners ?? []).map(ports)]).toEqual([
    "module.edge.module.elb.aws_elb.this",
    [443, "tls", 31001, "none"],
  ]);
  expect(elb?.listeners[0]?.at).toMatchObject({ file: "cloud/main.tf", line: 4 });
  expect(plain(elb?.listeners[0]?.healthCheck?.port)).toBe(31001);
});

test.each<readonly [why: string, main: string, entries: readonly Entry[], reason: string]>([
  ["it is not installed", NLB, [], "the module acme/nlb/aws is not installed: run `terraform init`"],
  [
    "another version is installed",
    NLB,
    [{ ...EDGE, Version: "8.0.0" }],
    "version 8.0.0 of acme/nlb/aws is installed instead of 9.1.0: run `terraform init`",
  ],
  [
    "another module is installed",
    NLB,
    [{ ...EDGE, Source: "registry.terraform.io/other/nlb/aws" }],
    "registry.terraform.io/other/nlb/aws is installed instead of acme/nlb/aws: run `terraform init`",
  ],
  [
    "its folder is outside",
    NLB,
    [{ ...EDGE, Dir: "../.terraform/../edge" }],
    "the module acme/nlb/aws is not installed: run `terraform init`",
  ],
])("is left out if %s", async (_, main, entries, reason) => {
  const { loadBalancers, leftOut } = await installed(main, entries, { edge: BALANCER });
  expect(loadBalancers).toEqual([]);
  expect(leftOut.map(({ what }) => what)).toContain(`module.edge is left out: ${reason}`);
});

test("the list of installed modules may be any text", async () => {
  const { loadBalancers } = await readTerraform([
    { file: "main.tf", text: NLB },
    { file: ".terraform/modules/modules.json", text: "{ not JSON" },
  ]);
  expect(loadBalancers).toEqual([]);
});

test("rules of a listener are named if there are any", async () => {
  const rules = NLB.replace('name      = "edge"', "rules     = { https = {} }");
  const { leftOut } = await installed(rules, [EDGE], { edge: BALANCER });
  expect(leftOut.map(({ what }) => what)).toEqual([
    "module.edge.aws_lb_listener_rule.this is left out: Portico does not read aws_lb_listener_rule",
  ]);
});

test("try takes a value that is known when it is applied, and goes on after an error", async () => {
  const elb = (port: string) => `data "x" "y" {}
resource "aws_elb" "e" {
  listener {
    lb_port           = 443
    lb_protocol       = "tcp"
    instance_protocol = "tcp"
    instance_port     = ${port}
  }
}`;
  const portOf = async (port: string) => {
    const { loadBalancers } = await readTerraform([{ file: "main.tf", text: elb(port) }]);
    return plain(loadBalancers[0]?.listeners[0]?.to.port);
  };
  expect(await portOf('try({ a = 1 }.b, ["2"][3], 31001)')).toBe(31001);
  expect(await portOf("try(data.x.y.port, 31001)")).toBe("? data.x.y is looked up when it is applied");
});
