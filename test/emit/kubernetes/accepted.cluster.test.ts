// kubectl and a real API server accept every golden's objects; pods in a namespace of Pod Security level restricted.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { kubectl, kubectlWith } from "../../disturbances/kubectl.ts";

const NAMESPACE = "emit-k8s-accepted";
const root = join(import.meta.dirname, "../../golden");
const goldens = readdirSync(root).filter((name) => name.startsWith("kubernetes-"));
/** Only the level privileged permits host ports. */
const UNRESTRICTED = new Set(["kubernetes-host-ports"]);

interface Kustomization {
  readonly namespace: string;
  readonly resources: readonly string[];
}

const folder = mkdtempSync(join(tmpdir(), "portico-accepted-"));

beforeAll(async () => {
  await kubectl("create", "namespace", NAMESPACE);
  await kubectl("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted");
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await kubectl("delete", "namespace", NAMESPACE);
});

test("there are goldens of the objects", () => {
  expect(goldens.length).toBeGreaterThan(5);
});

describe.each(goldens)("%s", (name) => {
  const own = join(folder, name);
  cpSync(join(root, name, "kubernetes"), own, { recursive: true });
  const file = join(own, "kustomization.yaml");
  const kustomization: Kustomization = parse(readFileSync(file, "utf8"));
  // A cluster without the Prometheus operator does not have the type.
  const resources = kustomization.resources.filter((one) => one !== "podmonitor.yaml");
  writeFileSync(file, stringify({ ...kustomization, namespace: NAMESPACE, resources }));

  test("lists every object", () => {
    expect(kustomization.resources.toSorted()).toEqual(
      readdirSync(join(root, name, "kubernetes"))
        .filter((one) => one !== "kustomization.yaml")
        .sort(),
    );
  });

  test("the API server accepts every object", async () => {
    const text = await kubectl("kustomize", own);
    const said = await kubectlWith(text, "apply", "--server-side", "--dry-run=server");
    expect(said.trim().split("\n")).toHaveLength(resources.length);
  });

  const allowed = !UNRESTRICTED.has(name);
  test(`its pods are ${allowed ? "allowed" : "refused"} at level restricted`, async () => {
    const workload = resources.find((one) => /^(deployment|daemonset)\.yaml$/.test(one)) ?? "";
    const { spec } = parse(readFileSync(join(own, workload), "utf8"));
    const { metadata, spec: podSpec } = spec.template;
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...metadata, name: "tried", namespace: NAMESPACE },
      spec: { ...podSpec, serviceAccountName: "default" },
    };
    // Created by a controller, a moment after its namespace.
    const account = ["serviceaccount/default", "--namespace", NAMESPACE];
    await kubectl("wait", "--for=create", ...account, "--timeout=60s");
    const tried = kubectlWith(JSON.stringify(pod), "create", "--dry-run=server");
    if (allowed) expect(await tried).toContain("pod/tried created");
    else
      await expect(tried).rejects.toThrow(
        /violates PodSecurity "restricted:latest": hostPort \([^()]*\)\s*$/,
      );
  });
});
