// What a deploy would change, from an API server's responses, rejections included.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
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

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

type Answer = readonly [status: number, body: unknown];

/** Requests that `answer` does not handle: an apply returns what was sent, a list is empty. */
async function servedBy(
  answer: (request: IncomingMessage, url: URL) => Answer | undefined,
): Promise<ClusterApi> {
  const server = createServer(async (request, response) => {
    const sent = await text(request);
    const url = new URL(request.url ?? "", "http://localhost");
    const otherwise: Answer =
      request.method === "PATCH" ? [200, JSON.parse(sent) as unknown] : [200, { items: [] }];
    const [status, body] = answer(request, url) ?? otherwise;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "c", server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, skipTLSVerify: true },
    { name: "u" },
  );
  return new ClusterApi(config);
}

function scaledByHand(): Promise<ClusterApi> {
  return servedBy((request, url) => {
    if (request.method === "PATCH")
      return url.searchParams.get("force") === "true" ? [200, described] : [409, conflict];
    return url.pathname.endsWith("/deployments/edge") ? [200, live] : undefined;
  });
}

test("a field of another manager is a finding, and a difference with its values", async () => {
  const { changes, findings } = await compareWithCluster(await scaledByHand(), [described], {
    namespace: "web",
    instance: "edge",
  });
  expect(findings.map(({ code }) => code)).toEqual(["field-manager-conflict"]);
  expect(changes).toMatchObject([
    { change: "changed", fields: [{ field: "spec.replicas", before: 3, after: 2 }] },
  ]);
});

test("a changed Secret behind a variable changes the pods; one that may not be read does not", async () => {
  const variable = { name: "STICKY_KEY", valueFrom: { secretKeyRef: { name: "keys", key: "sticky" } } };
  const own = { name: "STATS_PASSWORD", valueFrom: { secretKeyRef: { name: "edge-1", key: "stats" } } };
  const spec = { containers: [{ name: "haproxy", env: [variable, own] }] };
  const deployment = (annotations: Readonly<Record<string, string>>) => ({
    ...live,
    spec: { template: { metadata: { annotations }, spec } },
  });
  const wanted = { ...live, spec: { template: { spec } } };
  const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "edge-1", namespace: "web" } };
  const accepted: unknown[] = [];
  let version: number | "forbidden" = 7;
  const api = await servedBy((request, url) => {
    if (url.pathname.endsWith("/secrets/keys")) {
      accepted.push(request.headers.accept);
      return version === "forbidden"
        ? [403, { kind: "Status", reason: "Forbidden", code: 403 }]
        : [200, { metadata: { resourceVersion: String(version) } }];
    }
    if (url.pathname.endsWith("/secrets/edge-1")) return [200, secret];
    if (url.pathname.endsWith("/deployments/edge") && request.method === "GET")
      return [200, deployment({ "portico/secrets": "keys 7" })];
    return undefined;
  });
  const compared = async () => {
    const { changes } = await compareWithCluster(api, [wanted, secret], {
      namespace: "web",
      instance: "edge",
    });
    return changes.find(({ object }) => object.kind === "Deployment");
  };
  expect(await compared()).toMatchObject({ change: "unchanged" });
  version = 8;
  expect(await compared()).toMatchObject({
    change: "changed",
    fields: [
      { field: "spec.template.metadata.annotations.portico/secrets", before: "keys 7", after: "keys 8" },
    ],
  });
  version = "forbidden";
  expect(await compared()).toMatchObject({ change: "unchanged" });
  expect(new Set(accepted)).toEqual(
    new Set(["application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"]),
  );
});
