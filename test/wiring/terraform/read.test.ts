// Typical Terraform: current syntax, modules, JSON, plans, and values that cannot be known.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readTerraform } from "../../../src/wiring/terraform/read.ts";
import { goldenCase } from "../../golden-files.ts";
import { filesIn, plain, ports, readText, withoutPlaces } from "./reading.ts";

describe("an NLB in a module, with for_each, dynamic blocks and a file of variables", () => {
  test("every listener with its target group, each value with its position", async () => {
    const { loadBalancers, securityGroups, leftOut } = await readTerraform(filesIn("fixtures/nlb/"));
    expect(leftOut).toEqual([]);
    const [nlb] = loadBalancers;
    expect(nlb).toMatchObject({
      kind: "nlb",
      id: "module.edge.aws_lb.this",
      name: { value: "shop-prod-edge" },
    });
    expect(nlb?.listeners.map(ports)).toEqual([
      [80, "tcp", 31000, "v2"],
      [443, "tls", 31001, "v2"],
    ]);
    const [http, https] = nlb?.listeners ?? [];
    expect(http?.port).toEqual({ value: 80, at: { file: "main.tf", line: 33, column: 22, length: 2 } });
    expect(https?.to.port).toEqual({
      value: 31001,
      at: { file: "main.tf", line: 34, column: 39, length: 5 },
    });
    expect([http?.certificate, http?.tlsPolicy]).toEqual([undefined, undefined]);
    expect(https).toMatchObject({ certificate: { at: { file: "modules/edge/variables.tf", line: 7 } } });
    expect(http?.healthCheck).toMatchObject({
      protocol: { value: "http" },
      port: { value: 31002, at: { file: "main.tf", line: 36 } },
      path: { value: "/ready" },
      unhealthy: { value: 3 },
    });
    expect(nlb).toMatchObject({
      drainingS: { value: 60, at: { file: "modules/edge/variables.tf", line: 24 } },
      crossZone: { value: true },
      targetsAttached: { value: true, at: { file: "main.tf", line: 39 } },
      securityGroups: [{ value: "module.edge.aws_security_group.this" }],
    });
    expect(nlb?.idleTimeoutS).toEqual({ value: 350 });
    expect(
      securityGroups[0]?.rules.map((rule) => [
        rule.direction,
        plain(rule.fromPort),
        rule.networks.map(plain),
      ]),
    ).toEqual([
      ["ingress", 80, ["0.0.0.0/0"]],
      ["ingress", 443, ["0.0.0.0/0"]],
      ["egress", 31000, ["10.0.0.0/8"]],
      ["egress", 31001, ["10.0.0.0/8"]],
    ]);
  });

  test("the plan of Terraform 1.11 has the same values", async () => {
    const text = readFileSync(new URL("fixtures/nlb-plan.json", import.meta.url), "utf8");
    const written = await readTerraform(filesIn("fixtures/nlb/"));
    const planned = await readTerraform([{ file: "plan.json", text }]);
    // A plan has the blocks of a set in another order.
    const inOrder = ({ securityGroups, ...rest }: typeof planned) => ({
      ...rest,
      groups: securityGroups.map((group) =>
        group.rules.map((rule) => JSON.stringify(withoutPlaces(rule))).sort(),
      ),
    });
    expect(withoutPlaces(inOrder(planned))).toEqual(withoutPlaces(inOrder(written)));
    expect(planned.loadBalancers[0]?.listeners[0]?.port).toMatchObject({
      value: 80,
      at: { file: "plan.json" },
    });
  });
});

test("rendered Terraform is read completely, with the values of the plan", async () => {
  const golden = new URL("../../golden/", import.meta.url);
  const cases = readdirSync(golden).filter((name) => /^cloud-(nlb|classic)/.test(name));
  expect(cases.length).toBeGreaterThanOrEqual(5);
  for (const name of cases) {
    const { plan } = await goldenCase(fileURLToPath(new URL(name, golden)));
    const cloud = plan?.cloud;
    if (cloud === undefined || cloud === null) throw new Error(`${name} has no cloud layer`);
    const { loadBalancers, securityGroups, leftOut } = await readTerraform(
      filesIn(`../../golden/${name}/cloud/`),
    );
    expect([name, leftOut]).toEqual([name, []]);
    const [made] = loadBalancers;
    const check = cloud.healthCheck;
    for (const listener of cloud.listeners) {
      const read = made?.listeners.find(({ port }) => plain(port) === listener.port.value);
      expect([name, read && ports(read)]).toEqual([
        name,
        [listener.port.value, listener.protocol, listener.nodePort.value, listener.proxyProtocol ?? "none"],
      ]);
      expect(read?.healthCheck).toMatchObject({
        protocol: { value: check.protocol },
        intervalS: { value: check.intervalS.value },
        timeoutS: { value: check.timeoutS.value },
        healthy: { value: check.healthy.value },
        unhealthy: { value: check.unhealthy.value },
      });
    }
    expect(made?.listeners).toHaveLength(cloud.listeners.length);
    expect(plain(made?.drainingS)).toBe(cloud.drainingS.value);
    expect(plain(made?.crossZone)).toBe(cloud.crossZone.value);
    expect(securityGroups.length).toBeGreaterThan(0);
  }
});

test("Terraform's JSON with templates", async () => {
  const { loadBalancers, leftOut } = await readTerraform(filesIn("fixtures/json/"));
  expect(leftOut).toEqual([]);
  const [elb] = loadBalancers;
  expect(elb?.listeners.map(ports)).toEqual([
    [80, "tcp", 31000, "v1"],
    [443, "tls", 31001, "v1"],
  ]);
  expect(elb?.listeners[1]?.to.port).toMatchObject({ at: { file: "main.tf.json", line: 3, column: 38 } });
  expect(elb?.listeners[1]?.healthCheck).toMatchObject({
    port: { value: 31002 },
    path: { value: '/ping?a="b"' },
  });
  expect(plain(elb?.listeners[1]?.certificate)).toBe("? the cloud assigns it when it is applied");
});

test("an ALB: redirect, fixed response, several target groups, defaults of the provider", async () => {
  const { loadBalancers, leftOut } = await readText(`
resource "aws_alb" "web" {}
resource "aws_alb_target_group" "a" {
  port     = 31000
  protocol = "HTTP"
}
resource "aws_alb_target_group" "b" {
  port        = 8080
  protocol    = "HTTP"
  target_type = "ip"
  health_check {}
}
resource "aws_alb_listener" "http" {
  load_balancer_arn = aws_alb.web.arn
  port              = 80
  default_action {
    type = "redirect"
    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}
resource "aws_alb_listener" "https" {
  load_balancer_arn = aws_alb.web.id
  port              = "443"
  protocol          = "HTTPS"
  default_action {
    type = "forward"
    forward {
      target_group {
        arn    = aws_alb_target_group.a.arn
        weight = 90
      }
      target_group { arn = aws_alb_target_group.b.arn }
    }
  }
}
resource "aws_lb_listener_rule" "api" { listener_arn = aws_alb_listener.https.arn }
`);
  const [alb] = loadBalancers;
  expect([alb?.kind, alb?.idleTimeoutS, alb?.drainingS]).toEqual(["alb", { value: 60 }, { value: 300 }]);
  const [http, first, second] = alb?.listeners ?? [];
  expect(http).toMatchObject({
    redirectsToHttps: true,
    to: { kind: "nowhere" },
    protocol: { value: "http" },
  });
  expect(http?.healthCheck).toBeUndefined();
  expect(first).toMatchObject({
    redirectsToHttps: false,
    to: { kind: "node", port: { value: 31000 } },
    keepsClientAddress: { value: false },
    healthCheck: {
      port: { value: "traffic" },
      path: { value: "/" },
      timeoutS: { value: 6 },
      healthy: { value: 5 },
      unhealthy: { value: 2 },
    },
  });
  expect(second).toMatchObject({
    to: { kind: "pod", port: { value: 8080 } },
    healthCheck: { healthy: { value: 3 }, unhealthy: { value: 3 }, path: { value: "/" } },
  });
  expect(leftOut).toMatchObject([
    {
      what: "aws_lb_listener_rule.api is left out: Portico does not read aws_lb_listener_rule",
      severity: "note",
      at: { line: 40 },
    },
  ]);
});

test("client addresses by protocol and kind of target", async () => {
  const group = (name: string, body: string) => `
resource "aws_lb_target_group" "${name}" {
  port = 1
  ${body}
}
resource "aws_lb_listener" "${name}" {
  load_balancer_arn = aws_lb.n.arn
  port = 1
  protocol = "TCP"
  default_action {
    type = "forward"
    target_group_arn = aws_lb_target_group.${name}.arn
  }
}`;
  const { loadBalancers } = await readText(
    [
      'resource "aws_lb" "n" { load_balancer_type = "network" }',
      group("a", 'protocol = "TCP"'),
      group("b", 'protocol = "TCP"\n  target_type = "ip"'),
      group("c", 'protocol = "UDP"\n  target_type = "ip"'),
      group("d", 'protocol = "TCP"\n  target_type = "ip"\n  preserve_client_ip = "true"'),
    ].join("\n"),
  );
  expect(loadBalancers[0]?.listeners.map(({ keepsClientAddress }) => plain(keepsClientAddress))).toEqual([
    true,
    false,
    true,
    true,
  ]);
  const { healthCheck } = loadBalancers[0]?.listeners[0] ?? {};
  expect(healthCheck).toMatchObject({ protocol: { value: "tcp" }, timeoutS: { value: 10 } });
  expect(healthCheck?.path).toBeUndefined();
});

test("PROXY protocol and a TLS policy by policies of the load balancer", async () => {
  const { loadBalancers } = await readText(`
resource "aws_elb" "app" {
  name = "app"
  listener {
    lb_port = 443
    lb_protocol = "ssl"
    instance_port = 31001
    instance_protocol = "tcp"
  }
  listener {
    lb_port = 80
    lb_protocol = "tcp"
    instance_port = 31000
    instance_protocol = "tcp"
  }
  instances = []
}
resource "aws_load_balancer_policy" "proxy" {
  load_balancer_name = aws_elb.app.name
  policy_name        = "proxy"
  policy_type_name   = "ProxyProtocolPolicyType"
  policy_attribute {
    name  = "ProxyProtocol"
    value = "true"
  }
}
resource "aws_load_balancer_backend_server_policy" "https" {
  load_balancer_name = "app"
  instance_port      = 31001
  policy_names       = [aws_load_balancer_policy.proxy.policy_name]
}
resource "aws_load_balancer_policy" "tls" {
  load_balancer_name = aws_elb.app.name
  policy_name        = "tls"
  policy_type_name   = "SSLNegotiationPolicyType"
  policy_attribute {
    name  = "Reference-Security-Policy"
    value = "ELBSecurityPolicy-TLS-1-2-2017-01"
  }
}
resource "aws_load_balancer_listener_policy" "tls" {
  load_balancer_name = aws_elb.app.name
  load_balancer_port = 443
  policy_names       = [aws_load_balancer_policy.tls.policy_name]
}
resource "aws_autoscaling_group" "nodes" { load_balancers = ["app"] }
`);
  const [elb] = loadBalancers;
  expect(elb?.listeners.map(ports)).toEqual([
    [443, "tls", 31001, "v1"],
    [80, "tcp", 31000, "none"],
  ]);
  expect(elb?.listeners.map(({ tlsPolicy }) => plain(tlsPolicy))).toEqual([
    "ELBSecurityPolicy-TLS-1-2-2017-01",
    undefined,
  ]);
  expect(elb?.targetsAttached).toMatchObject({ value: true, at: { line: 46 } });
  expect(elb?.listeners[0]?.healthCheck).toMatchObject({
    protocol: { value: "tcp" },
    port: { value: 31001 },
    healthy: { value: 10 },
  });
});

describe("syntax of 2018", () => {
  test("quoted names in blocks, splats, element, lookup, conditions as numbers, lists in lists", async () => {
    const { loadBalancers, securityGroups, leftOut } = await readText(`
variable "ports" { type = "map" default = { "http" = "31000" "https" = "31001" } }
variable "public" { default = "true" }
resource "aws_security_group" "elb" {
  count = "\${var.public ? 1 : 0}"
  ingress { from_port = 80 to_port = 80 protocol = "TCP" cidr_blocks = ["\${split(",", "10.0.0.0/8,172.16.0.0/12")}"] }
  ingress { from_port = 0 to_port = 0 protocol = -1 self = true }
  tags { "kubernetes.io/cluster/app" = "owned" }
}
resource "aws_elb" "app" {
  name = "\${format("%s-%02d", "app", 7)}"
  security_groups = ["\${aws_security_group.elb.*.id}"]
  listener {
    instance_port = "\${lookup(var.ports, "http")}"
    instance_protocol = "tcp"
    lb_port = "\${element(list(80, 81), 2)}"
    lb_protocol = "tcp"
  }
  tags { "Name" = "app" }
}
resource "aws_elb_attachment" "node" {
  count = 2
  elb = "\${aws_elb.app.id}"
  instance = "i-\${count.index}"
}
`);
    expect(leftOut).toEqual([]);
    expect(loadBalancers[0]?.listeners.map(ports)).toEqual([[80, "tcp", 31000, "none"]]);
    expect(plain(loadBalancers[0]?.name)).toBe("app-07");
    expect(loadBalancers[0]?.securityGroups.map(plain)).toEqual(["aws_security_group.elb[0]"]);
    expect(loadBalancers[0]?.targetsAttached).toMatchObject({ value: true });
    expect(securityGroups[0]).toMatchObject({
      id: "aws_security_group.elb[0]",
      complete: true,
      rules: [
        { protocol: { value: "tcp" }, networks: [{ value: "10.0.0.0/8" }, { value: "172.16.0.0/12" }] },
        {
          protocol: { value: "all" },
          fromPort: { value: 0 },
          toPort: { value: 65_535 },
          groups: [{ value: "aws_security_group.elb[0]" }],
        },
      ],
    });
  });
});

describe("unknown values", () => {
  const elb = (port: string, more = "") =>
    `resource "aws_elb" "a" {\n  listener {\n    lb_port = 80\n    lb_protocol = "tcp"\n    instance_protocol = "tcp"\n    instance_port = ${port}\n  }\n}\n${more}`;

  test.each([
    ["var.port", 'variable "port" {}', "the variable port has no default", 9],
    ["var.prot", "", "there is no variable prot", 6],
    [
      "data.aws_ssm_parameter.port.value",
      "",
      "data.aws_ssm_parameter.port is looked up when it is applied",
      6,
    ],
    ["aws_instance.a.port", 'resource "aws_instance" "a" {}', "the cloud assigns it when it is applied", 6],
    [
      "module.x.port",
      'module "x" { source = "acme/x/aws" }',
      "the module acme/x/aws is not installed: run `terraform init`",
      9,
    ],
    ["module.x.port", 'module "x" { source = "./x" }', "the module's folder ./x is not here", 9],
    ['jsondecode("{}")', "", "Portico does not evaluate the function jsondecode", 6],
    ["constructor()", "", "Portico does not evaluate the function constructor", 6],
    ["local.a", "locals {\n  a = local.b\n  b = local.a\n}", "it refers to itself", 6],
    ["var.p ? 1 : 2", 'variable "p" {}', "the variable p has no default", 6],
    ['"%{ if true }1%{ endif }"', "", "Portico does not evaluate %{ } in text", 6],
    ["[1, 2][5]", "", "there is no element 5 in it", 6],
    ['{ a = 1 }["toString"]', "", 'there is no "toString" in it', 6],
    ['"many"', "", "it is not a number", 6],
  ])("%s", async (port, more, why, line) => {
    const { loadBalancers } = await readText(elb(port, more));
    expect(loadBalancers[0]?.listeners[0]?.to.port).toMatchObject({
      unknown: why,
      at: { file: "main.tf", line },
    });
  });

  test("number of resources", async () => {
    const { loadBalancers, leftOut } = await readText(
      'variable "n" {}\nresource "aws_elb" "a" {\n  count = var.n\n}\n',
    );
    expect(loadBalancers).toEqual([]);
    expect(leftOut).toMatchObject([
      {
        what: "aws_elb.a is left out: its count is not known: the variable n has no default",
        severity: "note",
        at: { line: 3 },
      },
    ]);
  });

  test("listeners and rules with a count from a variable", async () => {
    const { securityGroups, leftOut } = await readText(
      'variable "l" {}\nresource "aws_elb" "a" {\n  dynamic "listener" {\n    for_each = var.l\n    content {}\n  }\n}\nresource "aws_security_group" "g" {\n  ingress = var.l\n}\n',
    );
    expect(leftOut.map(({ what }) => what)).toEqual([
      "listeners of aws_elb.a may be missing here",
      "ingress rules of aws_security_group.g may be missing here",
    ]);
    expect(securityGroups[0]?.complete).toBe(false);
  });

  test("a registry module that evidently creates a load balancer, and one that does not", async () => {
    const { leftOut } = await readText(
      'module "edge" { source = "terraform-aws-modules/alb/aws" }\nmodule "vpc" { source = "terraform-aws-modules/vpc/aws" }\n',
    );
    expect(leftOut).toMatchObject([
      {
        what: "module.edge is left out: the module terraform-aws-modules/alb/aws is not installed: run `terraform init`",
        severity: "note",
        at: { line: 1 },
      },
    ]);
  });

  test("load balancers of other clouds and other edge resources are named, the rest is not", async () => {
    const { leftOut } = await readText(
      'resource "google_compute_forwarding_rule" "a" {}\nresource "azurerm_lb" "b" {}\nresource "aws_s3_bucket" "c" {}\n',
    );
    expect(leftOut.map(({ what }) => what.split(" ")[0])).toEqual([
      "google_compute_forwarding_rule.a",
      "azurerm_lb.b",
    ]);
  });

  test("variables of a file that is used only with -var-file", async () => {
    const { leftOut } = await readTerraform([
      { file: "main.tf", text: elb("var.p", 'variable "p" {}') },
      { file: "prod.tfvars", text: "p = 1" },
    ]);
    expect(leftOut).toMatchObject([{ severity: "note", at: { file: "prod.tfvars" } }]);
  });

  test("two folders with the same names are separate; circular modules end", async () => {
    const { loadBalancers } = await readTerraform([
      { file: "staging/main.tf", text: elb("1") },
      { file: "prod/main.tf", text: elb("2") },
    ]);
    expect(loadBalancers.map(({ id }) => id)).toEqual(["prod/aws_elb.a", "staging/aws_elb.a"]);
    const cycle = await readTerraform([
      { file: "a/main.tf", text: 'module "b" { source = "../b" }' },
      { file: "b/main.tf", text: 'module "a" { source = "../a" }' },
    ]);
    expect(cycle.leftOut.map(({ what }) => what)).toContain(
      "module.b.module.a is left out: modules call each other in a cycle",
    );
  });
});
