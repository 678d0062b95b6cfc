// What a deploy would change, as an API server's answers tell it: also where it refuses.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, expect, test } from "vitest";
import { ClusterApi } from "../../src/cluster/api.ts";
import { compareWithCluster } from "../../src/cluster/changes.ts";

const live = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "edge", namespace: "web" },
  spec: { replicas: 3 },
};
const described = { ...live, spec: { replicas: 2 } };

/** As Kubernetes answers an apply of a field that `kubectl scale` has set. */
const conflict = {
  kind: "Status",
  status: "Failure",
  message: 'Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale"',
  reason: "Conflict",
  details: {
    causes: [{ reason: "FieldManagerConflict", message: 'conflict with "kubectl"', field: ".spec.replicas" }],
  },
  code: 409,
};

let server: Server | undefined;
afterAll(() => server?.close());

async function scaledByHand(): Promise<ClusterApi> {
  server = createServer((request, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    const [status, body] =
      request.method === "PATCH"
        ? url.searchParams.get("force") === "true"
          ? [200, described]
          : [409, conflict]
        : url.pathname.endsWith("/deployments/edge")
          ? [200, live]
          : [200, { items: [] }];
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "c", server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: "u" },
  );
  return new ClusterApi(config);
}

test("a field that somebody else holds is a finding, and a difference with its values", async () => {
  const { changes, findings } = await compareWithCluster(await scaledByHand(), [described], {
    namespace: "web",
    instance: "edge",
  });
  expect(findings.map(({ code }) => code)).toEqual(["field-owned-by-other"]);
  expect(changes).toMatchObject([
    { change: "changed", fields: [{ field: "spec.replicas", before: 3, after: 2 }] },
  ]);
});
