// Failed deploys on a real cluster: reported with the object, the reason and the remedy, while the edge keeps serving.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { portico as porticoHere, said, start } from "../cli/portico.ts";
import { kubectl, kubectlWith } from "../disturbances/kubectl.ts";
import {
  closeNamespace,
  deploy,
  type EdgeWish,
  edgeFolder,
  fieldOf,
  imageOf,
  namesOf,
  openNamespace,
  portico,
  type Report,
} from "./edge.ts";
import { asServiceAccount, cutProxy } from "./kubeconfigs.ts";

const NAMESPACE = "deploy-b";
const OTHER = "deploy-c";
const wish: EdgeWish = { namespace: NAMESPACE, ports: { http: 31210, https: 31211 } };
/** The same edge with one more route, so that its configuration differs. */
const version = (name: string): EdgeWish => ({
  ...wish,
  routes: [`{ path: /${name}, to: api }`, "{ path: /api, to: api }", "{ to: app }"],
});
const EDGE = "app.kubernetes.io/instance=app-edge";

beforeAll(async () => {
  const image = await imageOf(wish);
  await Promise.all([openNamespace(NAMESPACE, image), kubectl("create", "namespace", OTHER)]);
});
afterAll(async () => {
  await Promise.all([closeNamespace(NAMESPACE), closeNamespace(OTHER)]);
});

/** From this machine: a kubeconfig may lead through a proxy of the test, and nodes need not be reachable. */
async function deployHere(
  folder: string,
  kubeconfig: string,
  ...options: readonly string[]
): Promise<Report & { readonly status: number | null }> {
  const args = ["deploy", folder, "--yes", "--no-build", "--json", ...options];
  const { status, stdout, stderr } = await porticoHere(args, { env: { KUBECONFIG: kubeconfig } });
  if (stdout === "") throw new Error(`no report, status ${status}: ${stderr}`);
  return { status, ...(JSON.parse(stdout) as Report) };
}

async function edgePods(): Promise<readonly string[]> {
  const args = ["get", "pods", "--namespace", NAMESPACE, `--selector=${EDGE}`, "--output=json"];
  const { items } = JSON.parse(await kubectl(...args)) as {
    items: { metadata: { name: string; deletionTimestamp?: string } }[];
  };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map((p) => p.metadata.name);
}

/** The edge meets the expectations of its first version. */
async function expectServing(): Promise<void> {
  const { status, stdout } = await portico("test", edgeFolder(wish), "--target", "cluster");
  expect(stdout).not.toContain("✗");
  expect(status).toBe(0);
}

function whatOf({ findings }: Report): readonly string[] {
  return findings.map(({ code, what }) => `${code}: ${what}`);
}

describe("before the first deploy", () => {
  test("a namespace that does not exist", async () => {
    const report = await deploy(edgeFolder({ ...wish, namespace: "deploy-nowhere" }));
    expect(report).toMatchObject({ status: 1, state: "refused" });
    expect(whatOf(report)).toEqual(["namespace-missing: the namespace deploy-nowhere does not exist"]);
  });

  test("no permission to create objects", async () => {
    const rules = [{ apiGroups: ["", "apps"], resources: ["*"], verbs: ["get", "list"] }];
    const kubeconfig = await asServiceAccount(NAMESPACE, "reader", rules);
    const report = await deployHere(edgeFolder(wish), kubeconfig);
    expect(report).toMatchObject({ status: 1 });
    expect(report.findings.map(({ code }) => code)).toEqual(["cluster-access-denied"]);
    expect(report.findings[0]?.why).toMatch(
      /deployments\.apps: create, patch, delete.*leases\.coordination\.k8s\.io/,
    );
    expect(await namesOf("deployment,service,configmap", NAMESPACE, EDGE)).toEqual([]);
  });

  test("a node port of another Service", async () => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "taken" },
      spec: { type: "NodePort", selector: { a: "b" }, ports: [{ port: 80, nodePort: 31219 }] },
    };
    await kubectlWith(JSON.stringify(service), "apply", "--namespace", OTHER);
    const report = await deploy(edgeFolder({ ...wish, ports: { http: 31219, https: 31211 } }));
    expect(report.status).toBe(1);
    expect(whatOf(report)).toEqual([
      `node-port-taken: node port 31219 of Service app-edge-public is taken by Service ${OTHER}/taken`,
    ]);
    expect(await namesOf("deployment,service,configmap", NAMESPACE, EDGE)).toEqual([]);
  });

  test("Services that backends name: none, one without pods, one with another port", async () => {
    const empty = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "empty" },
      spec: { selector: { nobody: "here" }, ports: [{ port: 8080 }] },
    };
    await kubectlWith(JSON.stringify(empty), "apply", "--namespace", NAMESPACE);
    const report = await deploy(
      edgeFolder({
        ...wish,
        backends: [
          "app: { service: nowhere, port: 9000 }",
          "api: { service: api, port: 8081 }",
          "empty: { service: empty, port: 8080 }",
        ],
        routes: ["{ path: /api, to: api }", "{ path: /empty, to: empty }", "{ to: app }"],
      }),
      "--dry-run",
    );
    expect(report.status).toBe(0);
    expect(whatOf(report)).toEqual([
      `backend-service-missing: the Service ${NAMESPACE}/nowhere, which the backend app names, does not exist`,
      `backend-port-missing: the Service ${NAMESPACE}/api has no port 8081, which the backend api uses`,
      `backend-without-pods: no pod behind the Service ${NAMESPACE}/empty of the backend empty is ready`,
    ]);
  });

  test("a first deploy that fails verification removes what it created", async () => {
    const report = await deploy(
      edgeFolder({ ...wish, expect: ['{ get: "https://app.example.com/none", status: 200, backend: app }'] }),
    );
    expect(report).toMatchObject({ status: 1, state: "rolled-back", findings: [] });
    expect(report.verified).toMatchObject({ failed: 1 });
    expect(report.rolledBack?.left).toEqual([]);
    expect(report.rolledBack?.removed).toContain("Deployment app-edge");
    expect(
      await namesOf("deployment,service,configmap,serviceaccount,networkpolicy,pdb", NAMESPACE, EDGE),
    ).toEqual([]);
  });
});

describe("while the edge serves", () => {
  let pods: readonly string[] = [];

  beforeAll(async () => {
    expect(await deploy(edgeFolder(wish))).toMatchObject({ status: 0, state: "done" });
    pods = await edgePods();
  });

  test("an image that cannot be pulled", async () => {
    const report = await deploy(edgeFolder(wish), "--image", "registry.invalid/app-edge:1");
    expect(report).toMatchObject({ status: 1, state: "rolled-back" });
    expect(report.findings[0]).toMatchObject({
      code: "image-pull-failed",
      what: expect.stringContaining("registry.invalid/app-edge:1"),
    });
    expect(report.findings[0]?.why).toContain("Failed to pull image");
    expect(report.rolledBack?.restored).toEqual(["Deployment app-edge"]);
    // The same pods still serve.
    expect(await edgePods()).toContain(pods[0]);
    await expectServing();
  });

  test("a HAProxy that does not start is reported with its messages", async () => {
    const folder = edgeFolder({ ...wish, more: ['haproxy: { raw: ["no-such-keyword 1"] }'] });
    const args = ["deploy", folder, "--yes", "--no-build", "--json"];
    // With a HAProxy on this machine the deploy stops earlier.
    const { stdout } = await porticoHere(args, { env: { PORTICO_HAPROXY: "/nowhere/haproxy" } });
    const report = JSON.parse(stdout) as Report;
    expect(report.state).toBe("rolled-back");
    expect(report.findings[0]?.code).toBe("pod-crashes");
    expect(report.findings[0]?.why).toContain("unknown keyword 'no-such-keyword'");
    await expectServing();
  });

  test("with a HAProxy on this machine the deploy stops before the cluster", async () => {
    const report = await portico(
      "deploy",
      edgeFolder({ ...wish, more: ['haproxy: { raw: ["no-such-keyword 1"] }'] }),
      "--yes",
    );
    expect(report.status).toBe(1);
    expect(report.stderr).toContain("haproxy-refuses");
    expect(report.stdout).toBe("");
  });

  test("a quota without room for one more pod", async () => {
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "small" },
      spec: { hard: { pods: "1" } },
    };
    await kubectlWith(JSON.stringify(quota), "apply", "--namespace", NAMESPACE);
    const counted = "--for=jsonpath={.status.hard.pods}=1";
    await kubectl("wait", "resourcequota/small", "--namespace", NAMESPACE, counted, "--timeout=60s");
    const report = await deploy(edgeFolder(version("quota")));
    await kubectl("delete", "resourcequota", "small", "--namespace", NAMESPACE);
    expect(report).toMatchObject({ status: 1, state: "rolled-back" });
    expect(whatOf(report)).toEqual([
      "quota-exceeded: a pod of Deployment app-edge does not fit into the namespace's quota small",
    ]);
    expect(report.findings[0]?.why).toContain("pods=");
    await expectServing();
  });

  test("pods that fit on no node", async () => {
    const folder = edgeFolder({ ...wish, cpu: "900000m" });
    const report = await deploy(folder, "--timeout", "4s");
    expect(report).toMatchObject({ status: 1, state: "rolled-back" });
    expect(report.findings.map(({ code }) => code)).toContain("pod-not-scheduled");
    expect(
      await fieldOf(
        "deployment/app-edge",
        NAMESPACE,
        ".spec.template.spec.containers[0].resources.requests.cpu",
      ),
    ).toBe("20m");
    await expectServing();
  });

  test("an expectation that fails at the real backends causes a rollback", async () => {
    const before = await fieldOf("deployment/app-edge", NAMESPACE, ".spec.template.spec.volumes");
    const report = await deploy(
      edgeFolder({
        ...version("fails"),
        expect: ['{ get: "https://app.example.com/none", status: 200, backend: app }'],
      }),
    );
    expect(report).toMatchObject({ status: 1, state: "rolled-back", verified: { failed: 1 } });
    expect(report.rolledBack).toMatchObject({ restored: ["Deployment app-edge"], left: [] });
    expect(await fieldOf("deployment/app-edge", NAMESPACE, ".spec.template.spec.volumes")).toBe(before);
    await expectServing();
  });

  test("--no-rollback leaves the failed version running", async () => {
    const folder = edgeFolder({
      ...version("left"),
      expect: ['{ get: "https://app.example.com/none", status: 200 }'],
    });
    const report = await deploy(folder, "--no-rollback");
    expect(report).toMatchObject({ status: 1, state: "left", rolledBack: null });
    expect(await deploy(edgeFolder(wish))).toMatchObject({ status: 0, state: "done" });
  });

  test("a field of another manager is unchanged until it is taken over", async () => {
    await kubectl("scale", "deployment/app-edge", "--replicas=3", "--namespace", NAMESPACE);
    const report = await deploy(edgeFolder(wish));
    expect(report.status).toBe(1);
    expect(whatOf(report)).toEqual([
      "field-manager-conflict: kubectl has set .spec.replicas of Deployment app-edge",
    ]);
    expect(await fieldOf("deployment/app-edge", NAMESPACE, ".spec.replicas")).toBe("3");
    expect(await deploy(edgeFolder(wish), "--force")).toMatchObject({ status: 0, state: "done" });
    expect(await fieldOf("deployment/app-edge", NAMESPACE, ".spec.replicas")).toBe("2");
  });

  test("a ConfigMap edited manually is created again, and the pods are replaced", async () => {
    const name = (
      await fieldOf(
        "deployment/app-edge",
        NAMESPACE,
        ".spec.template.spec.volumes[0].projected.sources[0].configMap.name",
      )
    ).trim();
    const map = JSON.parse(
      await kubectl("get", "configmap", name, "--namespace", NAMESPACE, "--output=json"),
    ) as {
      data: Record<string, string>;
      metadata: Record<string, unknown>;
    };
    const rendered = map.data["haproxy.cfg"];
    map.data["haproxy.cfg"] = `${rendered}# by hand\n`;
    map.metadata = { name, labels: map.metadata.labels };
    await kubectl("delete", "configmap", name, "--namespace", NAMESPACE);
    await kubectlWith(JSON.stringify(map), "create", "--namespace", NAMESPACE);
    const before = await edgePods();

    const drift = await portico("status", edgeFolder(wish));
    expect(drift.status).toBe(1);
    expect(drift.stdout).toContain(`ConfigMap ${name} (edited by hand)`);

    const report = await deploy(edgeFolder(wish));
    expect(report).toMatchObject({ status: 0, state: "done" });
    expect(report.changes).toContainEqual(
      expect.objectContaining({ kind: "ConfigMap", name, change: "replaced" }),
    );
    const now = JSON.parse(
      await kubectl("get", "configmap", name, "--namespace", NAMESPACE, "--output=json"),
    ) as typeof map;
    expect(now.data["haproxy.cfg"]).toBe(rendered);
    const after = await edgePods();
    expect(before.filter((pod) => after.includes(pod))).toEqual([]);
  });

  test("of two concurrent deploys, one succeeds and the other names it", async () => {
    const reports = await Promise.all([
      deploy(edgeFolder(version("one"))),
      deploy(edgeFolder(version("two"))),
    ]);
    const [refused, done] = reports.toSorted((a, b) => (b.status ?? 0) - (a.status ?? 0));
    expect(done).toMatchObject({ status: 0, state: "done" });
    expect(refused).toMatchObject({ status: 1, state: "refused" });
    expect(refused?.findings[0]?.code).toBe("deploy-in-progress");
    expect(refused?.findings[0]?.what).toMatch(/@.* \(pid \d+\) is deploying this edge since /);
    expect(await namesOf("lease", NAMESPACE)).toEqual([]);
  });

  test("an interrupted deploy reports its state, and the next one continues", async () => {
    const folder = edgeFolder(version("broken"));
    const child = start(["deploy", folder, "--yes", "--no-build", "--image", "registry.invalid/app-edge:2"]);
    const errors = said(child.stderr, /continues from here/);
    await kubectl(
      "wait",
      "deployment/app-edge",
      "--namespace",
      NAMESPACE,
      "--for=jsonpath={.spec.template.spec.containers[0].image}=registry.invalid/app-edge:2",
      "--timeout=60s",
    );
    child.kill("SIGINT");
    expect(await errors).toMatch(/Interrupted while .*Deployment app-edge/s);
    expect(await namesOf("lease", NAMESPACE)).toEqual([]);
    await expectServing();
    expect(await deploy(edgeFolder(wish))).toMatchObject({ status: 0, state: "done" });
  });

  test("a cluster that is unreachable for a while", async () => {
    const proxy = await cutProxy();
    try {
      const folder = edgeFolder(version("away"));
      const planned = await deployHere(folder, proxy.kubeconfig, "--dry-run");
      const name = planned.changes.find(({ kind }) => kind === "ConfigMap")?.name ?? "";
      const running = deployHere(folder, proxy.kubeconfig);
      await applied(name);
      proxy.cut();
      await kubectl("rollout", "status", "deployment/app-edge", "--namespace", NAMESPACE, "--timeout=120s");
      proxy.restore();
      expect(await running).toMatchObject({ status: 0, state: "done" });
    } finally {
      await proxy.close();
    }
  });

  test("a cluster that becomes unreachable", async () => {
    const proxy = await cutProxy();
    try {
      const folder = edgeFolder(version("gone"));
      const planned = await deployHere(folder, proxy.kubeconfig, "--dry-run");
      const name = planned.changes.find(({ kind }) => kind === "ConfigMap")?.name ?? "";
      const running = deployHere(folder, proxy.kubeconfig, "--timeout", "5s");
      await applied(name);
      proxy.cut();
      const report = await running;
      expect(report).toMatchObject({ status: 1, state: "left" });
      expect(report.findings[0]?.code).toBe("cluster-unreachable");
      expect(report.rolledBack?.left.length).toBeGreaterThan(0);
      await expectServing();
    } finally {
      await proxy.close();
    }
  });
});

/** Waits until the pod template names this ConfigMap. */
async function applied(name: string): Promise<void> {
  await kubectl(
    "wait",
    "deployment/app-edge",
    "--namespace",
    NAMESPACE,
    `--for=jsonpath={.spec.template.spec.volumes[0].projected.sources[0].configMap.name}=${name}`,
    "--timeout=60s",
  );
}
