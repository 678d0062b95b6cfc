// Hand-written Terraform of an ALB with rendered layers: tested through its listeners and its health check.
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { emitLayers } from "../../src/emit/layers.ts";
import { findHaproxy } from "../../src/haproxy/find.ts";
import { runExpectations } from "../../src/lab/expectation.ts";
import { knownOf } from "../../src/lab/lab.ts";
import { openLabOfLayers } from "../../src/lab/open-layers-lab.ts";
import { readWiring } from "../../src/wiring/read-wiring.ts";
import { planned } from "../model/planned.ts";

const plan = planned({
  public: { loadBalancer: { kind: "http", sources: ["10.0.1.0/24"] }, tls: { terminatedAt: "loadBalancer" } },
  sites: [
    { host: "a.test", routes: [{ path: "/orders", allow: ["198.51.100.0/24"], to: "api" }, { to: "app" }] },
  ],
  expect: [
    { get: "http://a.test/x", status: 301, location: "https://a.test/x" },
    {
      get: "https://a.test/x",
      headers: { "x-forwarded-for": "198.51.100.9" },
      backend: "app",
      seen: { headers: { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" } },
    },
    { get: "https://a.test/orders", from: "198.51.100.9", backend: "api" },
    { get: "https://a.test/orders", headers: { "x-forwarded-for": "198.51.100.9" }, status: 403 },
    { get: "https://a.test/x", through: "untrusted", refused: true },
  ],
});

/** The example of the documentation page. */
const page = readFileSync(new URL("../../docs/clouds/http-load-balancers.md", import.meta.url), "utf8");
const [, terraform = ""] = /```hcl\n(.*?)```/s.exec(page) ?? [];

async function run(text: string) {
  const { value: haproxy } = await findHaproxy();
  if (haproxy === undefined) throw new Error("there is no HAProxy");
  const files = emitLayers(plan).map(({ path, content }) => ({ file: path, text: content }));
  const wiring = await readWiring([...files, { file: "alb.tf", text }]);
  const lab = await openLabOfLayers(wiring, { haproxy, hosts: knownOf(plan).hosts });
  onTestFinished(() => lab.close());
  return { lab, result: await runExpectations(lab, plan.expectations) };
}

test("the example of the page: every expectation and the health check pass", async () => {
  const { lab, result } = await run(terraform);
  expect(result.flatMap(({ differences }) => differences)).toEqual([]);
  const checks = lab.health.filter(({ of }) => of.includes("aws_lb"));
  expect(checks.map(({ check, healthy }) => `${check} ${healthy}`)).toContain("HTTP:30406/ready true");
});

test("both listeners to the same target group: a redirect loop, and the output shows it", async () => {
  const { result } = await run(
    terraform.replaceAll("aws_lb_target_group.edge[each.key]", 'aws_lb_target_group.edge["http"]'),
  );
  const [, overHttps] = result;
  expect(overHttps?.answer).toMatchObject({ status: 301, location: "https://a.test/x", backend: null });
});
