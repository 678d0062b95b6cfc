// The health check of the NLB's Terraform, sent to the HAProxy rendered with it as the load balancer sends it, on every version.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import type { Endpoint } from "../../../src/lab/network.ts";
import { openLoadBalancer } from "../../../src/lab/simulators/load-balancer.ts";
import { encodeProxyV2 } from "../../../src/lab/tcp/proxy-protocol.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { planEdge } from "../../../src/plan/plan-edge.ts";
import { parseHaproxyConfig } from "../../../src/wiring/haproxy/config.ts";
import { readHaproxyWiring } from "../../../src/wiring/haproxy/read.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";

const haproxies = await findAllHaproxies();

test("a HAProxy is installed", () => {
  expect(haproxies).not.toHaveLength(0);
});

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  test("passes for an NLB that writes PROXY before its checks; fails after a stop signal, while HAProxy still serves", async () => {
    const lab = await openLab(shop("v2"), haproxy);
    const balancer = await check(lab, encodeProxyV2("local"));
    await balancer.untilState("node", "healthy");
    const ended = lab.haproxy.stop({ graceful: true });
    await balancer.untilState("node", "unhealthy");
    expect(await lab.request("http://shop.example.com/")).toMatchObject({ status: 200 });
    await Promise.all([ended, lab.close()]);
  });

  test("fails for one that writes none: the port of the checks and the target groups must agree", async () => {
    const lab = await openLab(shop("v2"), haproxy);
    await (await check(lab)).untilState("node", "unhealthy");
  });

  test("passes for one that writes none where none is expected", async () => {
    const lab = await openLab(shop("none"), haproxy);
    await (await check(lab)).untilState("node", "healthy");
  });
});

function shop(proxyProtocol: "v2" | "none"): Plan {
  const { value, findings } = planEdge({
    edge: "shop",
    public: { loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"], proxyProtocol } },
    sites: [{ host: "shop.example.com", routes: [{ to: "shop" }] }],
    backends: { shop: { servers: ["10.0.0.7:8080"] } },
  });
  if (value === undefined) throw new Error(JSON.stringify(findings));
  return value;
}

async function openLab(plan: Plan, haproxy: (typeof haproxies)[number]): Promise<Lab> {
  const lab = await openLabOf(plan, { haproxy });
  onTestFinished(() => lab.close());
  return lab;
}

/** A load balancer that checks like the plan's cloud layer, with another interval. */
async function check(lab: Lab, preamble?: Buffer) {
  const planned = lab.plan.cloud?.healthCheck;
  if (planned?.protocol !== "http" || planned.path === null) throw new Error("no HTTP check is planned");
  const at = whereChecked(lab);
  const balancer = await openLoadBalancer({
    kind: "nlb",
    clientAddress: "socket",
    listeners: [
      {
        name: "80",
        listen: { host: at.host, port: 0 },
        protocol: "tcp",
        targets: [{ id: "node", at }],
      },
    ],
    healthChecks: [
      {
        target: "node",
        at,
        protocol: planned.protocol,
        path: planned.path,
        statuses: (status) => status === 200,
        intervalMs: 10,
        timeoutMs: planned.timeoutS.value * 1000,
        healthyThreshold: planned.healthy.value,
        unhealthyThreshold: planned.unhealthy.value,
        ...(preamble !== undefined && { preamble }),
      },
    ],
  });
  onTestFinished(() => balancer.close());
  return balancer;
}

/** Where the lab binds `load-balancer-check`. */
function whereChecked(lab: Lab): Endpoint {
  const file = join(lab.folder, "haproxy", "haproxy.cfg");
  const { binds } = readHaproxyWiring(parseHaproxyConfig(readFileSync(file, "utf8"), file));
  const address = binds.find(({ owner }) => owner === "load-balancer-check")?.address;
  if (address?.ports === undefined) throw new Error("no bind for the checks");
  return { host: address.host, port: address.ports.from };
}
