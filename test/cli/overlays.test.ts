// Kustomize overlays: `check --layers` and `test --layers` examine the objects that they change.
import { describe, expect, test } from "vitest";
import { edge, type Files } from "../check/layers/clean-edge.ts";
import { findingsOf, testOf } from "./edge-commands.ts";

const overlay = (text: string, files: Files = {}): Files =>
  edge({
    "kustomization.yaml": "resources: [config.yaml, edge.yaml, service.yaml, api.yaml]\n",
    "overlays/prod/kustomization.yaml": `resources: [../..]\n${text}`,
    ...Object.fromEntries(Object.entries(files).map(([name, content]) => [`overlays/prod/${name}`, content])),
  });

describe("overlays that change nothing for requests have no finding", () => {
  test.each<readonly [string, Files]>([
    [
      "a patch of the replicas",
      overlay("patches: [{ path: patch.yaml }]\n", {
        "patch.yaml":
          "apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: edge, namespace: web }\nspec: { replicas: 5 }\n",
      }),
    ],
    [
      "replicas, images, labels and annotations",
      overlay(
        "replicas: [{ name: edge, count: 4 }]\nimages: [{ name: haproxy, newTag: 3.0.13 }]\nlabels: [{ pairs: { team: web }, includeSelectors: true }]\ncommonAnnotations: { owner: web }\n",
      ),
    ],
    [
      "a suffix of the ConfigMap's name, with its references",
      overlay("patches: []\n", {
        "kustomization.yaml": "resources: [../..]\n",
      }),
    ],
  ])("%s", async (_, files) => {
    expect(await findingsOf(files)).toEqual([]);
    expect((await testOf(files)).stdout).toContain("1 of 1 expectation as expected");
  });
});

describe("faults of an overlay are found", () => {
  test.each<readonly [string, Files, RegExp, RegExp]>([
    [
      "a patch of JSON that moves the target port",
      overlay(
        "patches:\n  - target: { kind: Service, name: edge }\n    patch: |-\n      - { op: replace, path: /spec/ports/0/targetPort, value: 8444 }\n",
      ),
      /^error port-mismatch no bind of HAProxy has the port 8444/m,
      /no bind of HAProxy has the port 8444/,
    ],
    [
      "labels of the pods that the Service does not select",
      overlay(
        "patches:\n  - target: { kind: Deployment, name: edge }\n    patch: |-\n      - { op: replace, path: /spec/template/metadata/labels/app, value: edge2 }\n",
      ),
      /^error service-selects-no-pods/m,
      /selects/,
    ],
    [
      "a configuration that the overlay generates in place of the base's",
      overlay(
        "configMapGenerator: [{ name: edge, namespace: web, behavior: replace, files: [haproxy.cfg] }]\n",
        {
          "haproxy.cfg":
            "global\n  maxconn 100\ndefaults\n  mode http\nfrontend f\n  bind :8444\nbackend api\n  server a 10.0.0.7:80\n",
        },
      ),
      /^error port-mismatch no bind of HAProxy has the port 8443/m,
      /no bind of HAProxy has the port 8443|no pod becomes ready/,
    ],
  ])("%s", async (_, files, finding, failure) => {
    expect((await findingsOf(files)).join("\n")).toMatch(finding);
    const { status, stdout } = await testOf(files);
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringMatching(failure) });
  });
});
