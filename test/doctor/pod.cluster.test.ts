// `portico doctor dns --namespace`: lookups measured in a pod, which is removed however the command ends.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DnsReport } from "../../src/doctor/doctor-dns.ts";
import { portico, start } from "../cli/portico.ts";
import { echoImage, edgeImage } from "../disturbances/images.ts";
import { kubectl } from "../disturbances/kubectl.ts";
import { render } from "../hostile/rendered.ts";

const NAMESPACE = "doctor";
const API_SERVER = "kubernetes.default.svc.cluster.local";
let image = "";

beforeAll(async () => {
  const rendered = render({
    edge: "doctor",
    sites: [{ host: "app.example.com", routes: [{ to: "app" }] }],
    backends: { app: { servers: ["10.0.0.7:8080"] } },
  });
  if ("refused" in rendered) throw new Error(JSON.stringify(rendered.refused));
  image = await edgeImage(rendered.plan);
  await kubectl("create", "namespace", NAMESPACE);
  await kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted");
});

afterAll(() => kubectl("delete", "namespace", NAMESPACE));

const doctor = (...args: readonly string[]) =>
  portico(["doctor", "dns", "--namespace", NAMESPACE, ...args], { env: kubeconfig() });

/** Resolves when there is none. */
async function untilNoPods(): Promise<void> {
  const pods = await kubectl("get", "pods", "--namespace", NAMESPACE, "--output=name");
  if (pods === "") return;
  await kubectl("wait", "pod", "--all", "--for=delete", "--namespace", NAMESPACE, "--timeout=60s");
}

function kubeconfig(): Readonly<Record<string, string>> {
  return process.env.KUBECONFIG === undefined ? {} : { KUBECONFIG: process.env.KUBECONFIG };
}

describe("in a pod with the edge's image", () => {
  test("the search list of every pod is found, and the pod is removed", async () => {
    const { status, stdout, stderr } = await doctor("--image", image, "--json", API_SERVER);
    expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
    const report = JSON.parse(stdout) as DnsReport;
    expect(report.causes.map(({ code }) => code)).toEqual(["dns-search-list"]);
    expect(report.measured).toMatchObject({
      libc: { name: "glibc" },
      names: [{ exists: true, queries: { length: 4 } }],
    });
    await untilNoPods();
  });

  test("a full name is healthy, with measurements", async () => {
    const { status, stdout } = await doctor("--image", image, `${API_SERVER}.`);
    expect(stdout).toMatch(/healthy: \d+ lookups, the slowest/);
    expect(status).toBe(0);
    await untilNoPods();
  });

  test("the pod is removed when the user interrupts the command", async () => {
    const child = start(["doctor", "dns", "--namespace", NAMESPACE, "--image", image], { env: kubeconfig() });
    const watch = spawn("kubectl", ["get", "pods", "--watch", "--output=name", "--namespace", NAMESPACE]);
    const [pod] = (await once(watch.stdout, "data")) as [Buffer];
    watch.kill();
    const [name = ""] = pod.toString().split("\n");
    await kubectl("wait", name, "--for=condition=Ready", "--namespace", NAMESPACE, "--timeout=60s");
    child.kill("SIGINT");
    const [status] = await once(child, "close");
    expect(status).toBe(130);
    await untilNoPods();
  });
});

describe("obstacles are reported", () => {
  test("no such namespace", async () => {
    const { status, stderr } = await portico(["doctor", "dns", "--namespace", "nowhere"], {
      env: kubeconfig(),
    });
    expect(status).toBe(2);
    expect(stderr).toContain('namespaces "nowhere" not found');
  });

  test("no such image", async () => {
    const { status, stderr } = await doctor("--image", "localhost/no-such-image:1");
    expect(status).toBe(2);
    expect(stderr).toMatch(/does not run: .*ImagePull/);
    await untilNoPods();
  });

  test("an image without a shell", async () => {
    const { status, stderr } = await doctor("--image", await echoImage());
    expect(status).toBe(2);
    expect(stderr).toContain("must be available, with sh, sleep and getent; --image names another");
    await untilNoPods();
  });
});
