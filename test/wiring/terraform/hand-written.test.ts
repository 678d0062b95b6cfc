// The Terraform of examples/hand-written: a classic load balancer in the syntax of Terraform 0.11.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readTerraform } from "../../../src/wiring/terraform/read.ts";

const file = "elb.tf";
const text = readFileSync(new URL("../../../examples/hand-written/elb.tf", import.meta.url), "utf8");

test("every port of the load balancer, with the lines it is written in", async () => {
  const { loadBalancers, securityGroups, leftOut } = await readTerraform([{ file, text }]);
  expect(leftOut).toEqual([]);
  const [elb] = loadBalancers;
  expect(elb?.id).toBe("aws_elb.tracking");
  expect(
    elb?.listeners.map(({ port, to, proxyProtocol, protocol }) => [port, protocol, to.port, proxyProtocol]),
  ).toEqual([
    [said(80, 17, 25, 2), said("tcp", 18, 25, 5), said(30180, 19, 25, 5), { value: "none" }],
    [said(443, 24, 26, 3), said("tls", 25, 26, 5), said(30143, 26, 26, 5), said("v1", 55, 21, 7)],
    [said(8443, 33, 26, 4), said("tls", 34, 26, 5), said(30143, 35, 26, 5), said("v1", 55, 21, 7)],
  ]);
  expect(elb?.listeners[0]?.healthCheck).toMatchObject({
    protocol: said("http", 41, 27, 17),
    port: said(30180, 41, 27, 17),
    path: said("/ping", 41, 27, 17),
    intervalS: { value: 6 },
  });
  expect(elb?.securityGroups).toEqual([said("aws_security_group.tracking_lb", 10, 35, 33)]);
  expect(elb?.targetsAttached).toEqual({ value: false });
  expect(elb?.drainingS).toEqual({ value: 0 });
  expect(securityGroups[0]?.rules.map((rule) => [rule.direction, rule.fromPort, rule.toPort])).toEqual([
    ["ingress", said(80, 63, 19, 2), said(80, 64, 19, 2)],
    ["ingress", said(443, 70, 19, 3), said(443, 71, 19, 3)],
    ["egress", said(0, 77, 19, 1), said(65_535, 78, 19, 1)],
  ]);
});

function said<T>(value: T, line: number, column: number, length: number) {
  return { value, at: { file, line, column, length } };
}
