// The Terraform that started it: a classic load balancer as people wrote them in 2018.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readTerraform } from "../../../src/wiring/terraform/read.ts";

const file = "elb.tf";
const text = readFileSync(new URL("../../../../shared/seed/elb.tf", import.meta.url), "utf8");

test("every port of the seed's load balancer, with the lines it is written in", async () => {
  const { loadBalancers, securityGroups, leftOut } = await readTerraform([{ file, text }]);
  expect(leftOut).toEqual([]);
  const [elb] = loadBalancers;
  expect(elb?.id).toBe("aws_elb.app");
  expect(
    elb?.listeners.map(({ port, to, proxyProtocol, protocol }) => [port, protocol, to.port, proxyProtocol]),
  ).toEqual([
    [said(80, 17, 25, 2), said("tcp", 18, 25, 5), said(31000, 15, 25, 5), { value: "none", at: null }],
    [said(443, 24, 26, 3), said("tls", 25, 26, 5), said(31001, 22, 26, 5), said("v1", 53, 21, 7)],
    [said(26999, 32, 25, 5), said("tcp", 33, 25, 5), said(31002, 30, 25, 5), { value: "none", at: null }],
  ]);
  expect(elb?.listeners[0]?.healthCheck).toMatchObject({
    protocol: said("tcp", 40, 27, 11),
    port: said(31001, 40, 27, 11),
    path: null,
    intervalS: { value: 10 },
  });
  expect(elb?.securityGroups).toEqual([said("aws_security_group.app_elb", 11, 8, 29)]);
  expect(elb?.targetsAttached).toEqual({ value: false, at: null });
  expect(elb?.drainingS).toEqual({ value: 0, at: null });
  expect(securityGroups[0]?.rules.map((rule) => [rule.direction, rule.fromPort, rule.toPort])).toEqual([
    ["ingress", said(80, 61, 19, 2), said(80, 62, 19, 2)],
    ["ingress", said(443, 68, 19, 3), said(443, 69, 19, 3)],
    ["egress", said(0, 75, 19, 1), said(65_535, 76, 19, 1)],
  ]);
});

function said<T>(value: T, line: number, column: number, length: number) {
  return { value, at: { file, line, column, length } };
}
