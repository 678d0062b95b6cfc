// portico deploy, status and test --target on a real cluster: an edge is created, changes, and answers as expected.
import { afterAll, beforeAll, expect, test } from "vitest";
import { kubectl, nodeAddresses } from "../disturbances/kubectl.ts";
import {
  closeNamespace,
  deploy,
  type EdgeWish,
  EXPECTATIONS,
  edgeFolder,
  fieldOf,
  imageOf,
  namesOf,
  openNamespace,
  portico,
} from "./edge.ts";

const NAMESPACE = "deploy-a";
const PORTS = { http: 31200, https: 31201 };
const wish: EdgeWish = { namespace: NAMESPACE, ports: PORTS };
/** The same edge with one more route; its expectations identify it. */
const version = (name: string): EdgeWish => ({
  ...wish,
  routes: [`{ path: /${name}, to: api }`, "{ path: /api, to: api }", "{ to: app }"],
  expect: [...EXPECTATIONS, `{ get: "https://app.example.com/${name}", status: 200, backend: api }`],
});
const EDGE = "app.kubernetes.io/instance=app-edge";

beforeAll(async () => openNamespace(NAMESPACE, await imageOf(wish)));
afterAll(() => closeNamespace(NAMESPACE));

test("a dry run shows every object as new, and creates none", async () => {
  const report = await deploy(edgeFolder(wish), "--dry-run");
  expect(report.status).toBe(0);
  expect(new Set(report.changes.map(({ change }) => change))).toEqual(new Set(["new"]));
  expect(report.changes.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(["ServiceAccount", "ConfigMap", "Service", "Deployment", "PodDisruptionBudget"]),
  );
  expect(await namesOf("deployment,service,configmap,lease", NAMESPACE, EDGE)).toEqual([]);
});

test("without a terminal and --yes, nothing is created", async () => {
  const said = await portico("deploy", edgeFolder(wish), "--no-build");
  expect(said.status).toBe(2);
  expect(said.stderr).toContain("--yes");
  expect(await namesOf("deployment", NAMESPACE, EDGE)).toEqual([]);
});

test("a first deploy serves, and its expectations pass through the node ports", async () => {
  const report = await deploy(edgeFolder(wish));
  expect(report.findings).toEqual([]);
  expect(report).toMatchObject({ status: 0, state: "done" });
  expect(report.verified?.through).toMatch(/:3120[01]$/);
  // The client address that the backend saw is not visible; a POST to a backend is not sent.
  expect(report.verified).toMatchObject({ passed: EXPECTATIONS.length - 2, inPart: 1, unseen: 1, failed: 0 });
  expect(await namesOf("lease", NAMESPACE)).toEqual([]);
});

test("an identical deploy changes nothing, and is verified again", async () => {
  const report = await deploy(edgeFolder(wish));
  expect(report).toMatchObject({ status: 0, state: "done" });
  expect(new Set(report.changes.map(({ change }) => change))).toEqual(new Set(["unchanged"]));
  expect(report.verified?.failed).toBe(0);
});

test("status shows every pod with its HAProxy, every server, and no drift", async () => {
  const { status, stdout } = await portico("status", edgeFolder(wish), "--json");
  const report = JSON.parse(stdout) as {
    readonly replicas: object;
    readonly pods: readonly { readonly haproxy: string | null; readonly ready: boolean }[];
    readonly servers: readonly { readonly backend: string; readonly up: readonly string[] }[];
    readonly drift: readonly unknown[];
  };
  expect(report.replicas).toEqual({ wanted: 2, ready: 2 });
  expect(report.pods.map(({ ready }) => ready)).toEqual([true, true]);
  for (const { haproxy } of report.pods) expect(haproxy).toMatch(/^\d+\.\d+\.\d+$/);
  expect(report.servers.map(({ backend, up }) => [backend, up.length]).sort()).toEqual([
    ["api", 2],
    ["app", 2],
  ]);
  expect(report.drift).toEqual([]);
  expect(status).toBe(0);
});

test("test --target cluster names backends from HAProxy's log, and reports what is not visible", async () => {
  const { status, stdout } = await portico("test", edgeFolder(wish), "--target", "cluster");
  expect(status).toBe(0);
  expect(stdout).toMatch(/✓ https:\/\/app\.example\.com\/api\/x +200 from api/);
  expect(stdout).toMatch(/✓ http:\/\/haproxy-service\/api\/x +200 from api/);
  expect(stdout).toMatch(/✓ https:\/\/app\.example\.com\/ +refused/);
  expect(stdout).toContain("not visible: header x-forwarded-for at the backend");
  expect(stdout).toMatch(/– POST .*not tested: POST may change something at the backend api/);
});

test("with --send-writes the POST is sent too", async () => {
  const { status, stdout } = await portico("test", edgeFolder(wish), "--target", "cluster", "--send-writes");
  expect(status).toBe(0);
  expect(stdout).toMatch(/✓ POST https:\/\/app\.example\.com\/api\/orders +200 from api/);
});

test("test --target nodes= checks responses, and counts nothing as passed that was not visible", async () => {
  const nodes = `nodes=${(await nodeAddresses()).join(",")}`;
  const { status, stdout } = await portico("test", edgeFolder(wish), "--target", nodes, "--format", "json");
  const report = JSON.parse(stdout) as {
    readonly results: readonly {
      readonly request: { readonly url: string; readonly method: string; readonly through: string };
      readonly verdict: string;
      readonly unseen: readonly string[];
      readonly notTested: string | null;
    }[];
  };
  expect(status).toBe(0);
  const of = (url: string, through = "public") =>
    report.results.find(({ request }) => request.url === url && request.through === through);
  expect(of("http://app.example.com/a?b=1")).toMatchObject({ verdict: "passed", unseen: [] });
  expect(of("https://app.example.com/")).toMatchObject({
    verdict: "passed",
    unseen: [expect.stringMatching(/^backend/)],
  });
  expect(of("https://app.example.com/a")?.verdict).toBe("unseen");
  expect(of("https://app.example.com/", "untrusted")).toMatchObject({ verdict: "unseen" });
  expect(of("http://haproxy-service/api/x", "internal")?.notTested).toContain("in-cluster clients");
});

test("a failing expectation fails at the running edge", async () => {
  const expectations = ['{ get: "https://app.example.com/api/x", status: 200, backend: app }'];
  const folder = edgeFolder({ ...wish, expect: expectations });
  const { status, stdout } = await portico("test", folder, "--target", "cluster");
  expect(status).toBe(1);
  expect(stdout).toMatch(/backend +expected app +got api/);
});

test("a change is shown by its effect on requests, rolls out, and the previous configuration remains for a rollback", async () => {
  const changed = edgeFolder({
    ...wish,
    routes: ["{ path: /api2, to: api }", "{ to: app }"],
    expect: [
      '{ get: "https://app.example.com/api/x", status: 200, backend: app }',
      ...EXPECTATIONS.slice(0, 2),
    ],
  });
  const first = await namesOf("configmap", NAMESPACE, EDGE);
  const report = await deploy(changed);
  expect(report).toMatchObject({ status: 0, state: "done", cleared: [] });
  expect(report.behaviour?.changed.map(({ request }) => request.url)).toEqual([
    "https://app.example.com/api/x",
  ]);
  expect(report.changes.filter(({ change }) => change !== "unchanged").map(({ kind }) => kind)).toEqual([
    "ConfigMap",
    "Deployment",
  ]);
  expect(await namesOf("configmap", NAMESPACE, EDGE)).toEqual(expect.arrayContaining([...first]));
});

test("two versions later only the objects that no pod needs are removed", async () => {
  await kubectl("create", "configmap", "somebody-elses", "--from-literal=a=b", "--namespace", NAMESPACE);
  const before = await namesOf("configmap", NAMESPACE, EDGE);
  const report = await deploy(edgeFolder(version("v3")));
  expect(report).toMatchObject({ status: 0, state: "done" });
  expect(report.cleared).toHaveLength(before.length - 1);
  expect(report.cleared.every((name) => name.startsWith("ConfigMap app-edge-"))).toBe(true);
  expect(await namesOf("configmap", NAMESPACE, EDGE)).toHaveLength(2);
  expect(await namesOf("configmap", NAMESPACE)).toEqual(
    expect.arrayContaining(["backends", "somebody-elses"]),
  );
});

test("an object that is no longer described is removed", async () => {
  expect(await namesOf("networkpolicy", NAMESPACE)).toEqual(["app-edge"]);
  const report = await deploy(edgeFolder({ ...version("v3"), kubernetes: ["networkPolicy: false"] }));
  expect(report).toMatchObject({ status: 0, state: "done" });
  expect(report.cleared).toEqual(["NetworkPolicy app-edge"]);
  expect(await namesOf("networkpolicy", NAMESPACE)).toEqual([]);
});

test("status reports manual changes", async () => {
  await kubectl("scale", "deployment/app-edge", "--replicas=3", "--namespace", NAMESPACE);
  const { status, stdout } = await portico("status", edgeFolder(version("v3")));
  expect(status).toBe(1);
  expect(stdout).toMatch(/drift [\s\S]*Deployment app-edge: replicas 3 → 2\n.*kubectl has set/);
  expect(await fieldOf("deployment/app-edge", NAMESPACE, ".spec.replicas")).toBe("3");
});
