// What differs between two versions of an object, by field.
import { expect, test } from "vitest";
import { fieldChanges } from "../../src/cluster/field-diff.ts";

test("list items with a name are compared by it, whatever their order", () => {
  const before = {
    spec: {
      ports: [
        { name: "http", port: 80 },
        { name: "https", port: 443 },
      ],
    },
  };
  const after = {
    spec: {
      ports: [
        { name: "https", port: 443 },
        { name: "http", port: 8080 },
        { name: "x", port: 1 },
      ],
    },
  };
  expect(fieldChanges(before, after)).toEqual([
    { field: "spec.ports[http].port", before: 80, after: 8080 },
    { field: "spec.ports[x]", before: undefined, after: { name: "x", port: 1 } },
  ]);
});

test("other lists by position", () => {
  expect(fieldChanges({ args: ["-a", "-b"] }, { args: ["-a"] })).toEqual([
    { field: "args[1]", before: "-b", after: undefined },
  ]);
});

test("fields that the cluster writes are not differences", () => {
  const before = {
    metadata: { resourceVersion: "1", generation: 1, managedFields: [] },
    status: { replicas: 1 },
  };
  const after = { metadata: { resourceVersion: "2", generation: 2, managedFields: [{}] }, status: {} };
  expect(fieldChanges(before, after)).toEqual([]);
});
