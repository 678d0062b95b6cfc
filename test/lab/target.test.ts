// Expectations tested at a running edge, here a real HAProxy: what is visible, and what is not.
import { afterAll, beforeAll, expect, test } from "vitest";
import { findHaproxy } from "../../src/haproxy/find.ts";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import { openTarget, runAtTarget, type TargetResult } from "../../src/lab/target.ts";
import type { InternalEndpoint, TargetEndpoints } from "../../src/lab/target-endpoints.ts";
import { endpointsByName, readTargets } from "../../src/lab/target-names.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { planned } from "../model/planned.ts";

const plan = planned({
  edge: "app",
  public: { loadBalancer: { kind: "aws-classic-elb", sources: ["0.0.0.0/0"] } },
  internal: { hosts: ["edge"] },
  sites: [
    {
      host: "www.example.com",
      routes: [
        { path: "/api", to: "api" },
        { path: "/api/retried", to: "api", retries: 2 },
        { path: "/teapot", respond: { status: 418, body: "short and stout" } },
        { to: "web" },
      ],
    },
  ],
  backends: { web: { servers: ["10.0.0.7:8080"] }, api: { servers: ["10.0.0.8:8080"] } },
  expect: [
    { get: "http://www.example.com/", status: 200 },
    { get: "http://www.example.com/api/x", backend: "api" },
    { get: "http://www.example.com/api/y", status: 200, seen: { path: "/api/y" } },
    { get: "http://www.example.com/teapot", status: 418, responseBody: "short and stout" },
    { get: "http://www.example.com/teapot", status: 404 },
    { request: "DELETE http://www.example.com/api/x", status: 200 },
    { request: "DELETE http://www.example.com/teapot", status: 418 },
    { get: "http://www.example.com/", through: "internal", status: 200 },
    { get: "http://www.example.com/", from: "192.0.2.7", status: 200 },
    { get: "http://www.example.com:8404/", refused: true },
  ],
});

let lab: Lab;
beforeAll(async () => {
  const { value: haproxy } = await findHaproxy();
  if (haproxy === undefined) throw new Error("no HAProxy on this machine");
  lab = await openLabOf(plan, { haproxy });
});
afterAll(() => lab.close());

/** Ports on which HAProxy listens for each listener of the plan. */
function endpoints(more: Partial<TargetEndpoints> = {}): TargetEndpoints {
  const nodePorts = plan.listeners
    .filter(({ entrance }) => entrance === "public")
    .map(({ name, port }) => [name, [lab.places.bind(port.value)]] as const);
  return {
    name: "here",
    nodePorts: new Map(nodePorts),
    loadBalancer: new Map(),
    noPathReason: "no path",
    ...more,
  };
}

async function run(given: TargetEndpoints, of: Plan = plan, sendWrites = false) {
  const target = await openTarget(of, given, { sendWrites });
  try {
    const result = await runAtTarget(target, of.expectations);
    return (method: string, path: string, index = 0): TargetResult => {
      const found = result.filter(
        ({ expectation: { request } }) => request.method === method && request.url.endsWith(path),
      )[index];
      if (found === undefined) throw new Error(`no ${method} ${path}`);
      return found;
    };
  } finally {
    await target.close();
  }
}

test("node ports with the simulated load balancer: answers are compared, and what is not visible is reported", async () => {
  const at = await run(endpoints());
  expect(at("GET", ".com/")).toMatchObject({ verdict: "passed", unseen: [] });
  expect(at("GET", "/api/x")).toMatchObject({
    verdict: "unseen",
    unseen: ["backend (only HAProxy's log shows it)"],
  });
  expect(at("GET", "/api/y")).toMatchObject({ verdict: "passed", unseen: ["path at the backend"] });
  expect(at("GET", "/teapot").verdict).toBe("passed");
  expect(at("GET", "/teapot", 1)).toMatchObject({
    verdict: "failed",
    differences: [{ what: "status", expected: "404", got: "418" }],
  });
  expect(at("GET", ".com/", 1).notTested).toContain("in-cluster clients");
  expect(at("GET", ".com/", 2)).toMatchObject({ verdict: "passed" });
  expect(at("GET", ":8404/").notTested).toContain("no real one is available to test");
});

test("a request with an unsafe method is sent to a backend only on request", async () => {
  const before = lab.backends("api")[0]?.counts.requests ?? 0;
  const careful = await run(endpoints());
  expect(careful("DELETE", "/api/x").notTested).toContain("DELETE may change something at the backend api");
  expect(careful("DELETE", "/teapot").verdict).toBe("passed");
  // The two GETs, and no DELETE.
  expect(lab.backends("api")[0]?.counts.requests).toBe(before + 2);
  const bold = await run(endpoints(), plan, true);
  expect(bold("DELETE", "/api/x").verdict).toBe("passed");
});

test("HAProxy's log shows the backend, even a wrong one", async () => {
  const told = await run(endpoints({ backendOf: async () => ({ backend: "api-retries-2" }) }));
  expect(told("GET", "/api/x")).toMatchObject({ verdict: "passed", unseen: [] });
  const wrong = await run(endpoints({ backendOf: async () => ({ backend: "web" }) }));
  expect(wrong("GET", "/api/x")).toMatchObject({
    verdict: "failed",
    differences: [{ what: "backend", expected: "api", got: "web" }],
  });
});

test("in-cluster clients bypass the load balancer; a broken path is not a response of HAProxy", async () => {
  const inside = async (port: number): Promise<InternalEndpoint> => ({
    to: lab.places.bind(port),
    takeFailure: () => undefined,
  });
  expect((await run(endpoints({ inside })))("GET", ".com/", 1).verdict).toBe("passed");
  const broken = async () => ({ to: { host: "127.0.0.1", port: 1 }, takeFailure: () => "the pod is gone" });
  expect((await run(endpoints({ inside: broken })))("GET", ".com/", 1)).toMatchObject({
    verdict: "unseen",
    notTested: "the pod is gone",
  });
});

test("a port that the Service does not have is reported as refused", async () => {
  const at = await run(endpoints({ servicePorts: [80] }));
  expect(at("GET", ":8404/")).toMatchObject({ verdict: "passed", notTested: null });
});

test("a real load balancer: its port is tested, and no other client address is sent", async () => {
  const endpoint = lab.entrance(80);
  const own = endpointsByName(plan, {
    loadBalancer: new Map([["http", endpoint]]),
    nodes: [],
    cluster: false,
  });
  const target = await openTarget(plan, own);
  const [first] = plan.expectations;
  const from = plan.expectations.find(({ request }) => request.from !== null);
  if (first === undefined || from === undefined) throw new Error("the expectations are others");
  // The lab's load balancer expects a preamble with the client address, so it closes the connection.
  expect(await target.run(first)).toMatchObject({ verdict: "failed" });
  expect(lab.loadBalancers[0]?.countsOf("80").failedPreambles).toBeGreaterThan(0);
  expect(await target.run(from)).toMatchObject({
    verdict: "unseen",
    notTested: expect.stringContaining("192.0.2.7"),
  });
  await target.close();
});

test("targets are parsed from their names", () => {
  expect(
    readTargets(["https://edge.example.com", "http://192.0.2.1:8080", "nodes=192.0.2.11,192.0.2.12"]),
  ).toEqual({
    loadBalancer: new Map([
      ["https", { host: "edge.example.com", port: 443 }],
      ["http", { host: "192.0.2.1", port: 8080 }],
    ]),
    nodes: ["192.0.2.11", "192.0.2.12"],
    cluster: false,
  });
  expect(readTargets(["cluster"])).toMatchObject({ cluster: true });
  expect(readTargets(["https://[2001:db8::1]"])).toMatchObject({
    loadBalancer: new Map([["https", { host: "2001:db8::1", port: 443 }]]),
  });
  for (const wrong of ["edge.example.com", "ftp://x", "https://x/path", "nodes=", "nodes=a,,b"])
    expect(readTargets([wrong])).toEqual({ wrong });
});
