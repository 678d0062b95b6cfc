// The fields that one manager applied, selected from an object by its managedFields.
import { expect, test } from "vitest";
import type { KubernetesObject } from "../../src/cluster/objects.ts";
import { appliedBy } from "../../src/cluster/owned-fields.ts";

const service: KubernetesObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: {
    name: "edge",
    namespace: "web",
    uid: "1",
    labels: { ours: "a", theirs: "b" },
    finalizers: ["x/one", "x/two"],
    managedFields: [
      {
        manager: "portico",
        operation: "Apply",
        fieldsV1: {
          "f:metadata": { "f:labels": { "f:ours": {} }, "f:finalizers": { 'v:"x/two"': {} } },
          "f:spec": {
            "f:selector": {},
            "f:ports": {
              'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:name": {}, "f:port": {} },
              'k:{"port":443,"protocol":"TCP"}': { ".": {}, "f:nodePort": {}, "f:port": {} },
            },
            "f:sessionAffinityConfig": { ".": {} },
          },
        },
      },
      {
        manager: "kubectl",
        operation: "Update",
        fieldsV1: { "f:metadata": { "f:labels": { "f:theirs": {} } } },
      },
      { manager: "portico", operation: "Apply", subresource: "status", fieldsV1: { "f:status": {} } },
    ],
  },
  spec: {
    clusterIP: "10.0.0.1",
    selector: { app: "edge" },
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 1 } },
    ports: [
      { name: "http", port: 80, protocol: "TCP", nodePort: 30080 },
      { name: "https", port: 443, nodePort: 30443 },
      { name: "other", port: 8080, protocol: "TCP" },
    ],
  },
  status: { loadBalancer: {} },
};

test("only the fields it owns, with the keys that identify list items", () => {
  expect(appliedBy(service, "portico")).toEqual({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "edge", namespace: "web", labels: { ours: "a" }, finalizers: ["x/two"] },
    spec: {
      selector: { app: "edge" },
      sessionAffinityConfig: {},
      ports: [
        { name: "http", port: 80, protocol: "TCP" },
        { port: 443, nodePort: 30443 },
      ],
    },
  });
});

test("nothing for a manager that has applied nothing", () => {
  expect(appliedBy(service, "helm")).toBeUndefined();
  expect(appliedBy(service, "kubectl")).toBeUndefined();
});
