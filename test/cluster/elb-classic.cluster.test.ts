// The first example as its README describes: deployed to a real cluster, and all expectations tested at its node ports.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadDescription } from "../../src/description/load.ts";
import { planEdge } from "../../src/plan/plan-edge.ts";
import { type BackendWish, backendObjects } from "../disturbances/backends.ts";
import { echoImage, edgeImage } from "../disturbances/images.ts";
import { kubectl, kubectlWith } from "../disturbances/kubectl.ts";
import { closeNamespace, deploy, fieldOf, namesOf, portico } from "./edge.ts";

const EXAMPLE = join(import.meta.dirname, "../../examples/elb-classic");
const one = { replicas: 1, politeSeconds: 0 } as const;
const BACKENDS: readonly BackendWish[] = [
  { name: "app", namespace: "web", servicePort: 9000, ...one },
  { name: "api", namespace: "backend", servicePort: 8080, ...one },
  { name: "api-beta", namespace: "backend", servicePort: 8080, ...one },
];

beforeAll(async () => {
  const { value } = await loadDescription("portico.yaml", { cwd: EXAMPLE });
  const plan = value === undefined ? undefined : planEdge(value.edge, value.positionOf).value;
  if (plan === undefined) throw new Error("the example does not plan");
  await edgeImage(plan);
  for (const namespace of ["web", "backend"]) {
    await closeNamespace(namespace);
    await kubectl("create", "namespace", namespace);
  }
  await kubectlWith(JSON.stringify(backendObjects(await echoImage(), BACKENDS)), "apply");
  for (const { name, namespace } of BACKENDS)
    await kubectl("-n", namespace, "rollout", "status", `deployment/${name}`, "--timeout=120s");
});

afterAll(async () => {
  for (const namespace of ["web", "backend"]) await closeNamespace(namespace);
});

test("portico deploy examples/elb-classic, with real pods behind the simulated load balancer", async () => {
  const report = await deploy(EXAMPLE);
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({ status: 0, state: "done", verified: { failed: 0 } });
  expect(report.verified?.passed).toBeGreaterThanOrEqual(20);
  expect(await fieldOf("service/app-edge-public", "web", ".spec.ports[*].nodePort")).toBe("31000 31001");
  expect(await namesOf("pods", "web", "app.kubernetes.io/instance=app-edge")).toHaveLength(3);
});

test("its expectations again, with backends named by HAProxy's log", async () => {
  const { status, stdout } = await portico("test", EXAMPLE, "--target", "cluster");
  expect(status).toBe(0);
  expect(stdout).toMatch(/✓ https:\/\/app\.example\.com\/api\/x +200 from api-beta/);
  expect(stdout).toMatch(/✓ http:\/\/haproxy-service:8404\/ +200/);
});
