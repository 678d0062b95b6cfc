// The effect of a health check that is never answered depends on the load balancer.
import { expect, test } from "vitest";
import { checkLayers } from "../../../src/check/layers/check-layers.ts";
import { readWiring } from "../../../src/wiring/read-wiring.ts";

const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: haproxy }
spec:
  type: NodePort
  ports: [{ port: 443, nodePort: 30443 }]
`;

const CLASSIC_ELB = `resource "aws_elb" "app" {
  listener {
    lb_port           = 443
    lb_protocol       = "tcp"
    instance_port     = 30443
    instance_protocol = "tcp"
  }
  health_check {
    target = "TCP:30999"
  }
}
`;

const targetGroupOf = (type: string, protocol: string) => `resource "aws_lb" "app" {
  load_balancer_type = "${type}"
}
resource "aws_lb_listener" "app" {
  load_balancer_arn = aws_lb.app.arn
  port              = 80
  protocol          = "${protocol}"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}
resource "aws_lb_target_group" "app" {
  port     = 30443
  protocol = "${protocol}"
  health_check {
    protocol = "${protocol}"
    port     = 30999
  }
}
`;

test.each([
  ["a classic ELB", CLASSIC_ELB, "serves no requests"],
  ["an NLB", targetGroupOf("network", "TCP"), "sends requests to all of them"],
  ["an ALB", targetGroupOf("application", "HTTP"), "sends requests to all of them"],
])("%s", async (_, terraform, expected) => {
  const wiring = await readWiring([
    { file: "main.tf", text: terraform },
    { file: "service.yaml", text: SERVICE },
  ]);
  const found = checkLayers(wiring).filter(({ code }) => code === "health-check-fails");
  expect(found.map(({ why }) => why)).toEqual([expect.stringContaining(expected)]);
});
