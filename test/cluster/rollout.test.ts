// Findings about pods after the timeout.
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KubeConfig } from "@kubernetes/client-node";
import { afterAll, expect, test } from "vitest";
import { ClusterApi } from "../../src/cluster/api.ts";
import { awaitRollout } from "../../src/cluster/rollout.ts";

const workload = {
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "edge", namespace: "web", uid: "1", generation: 1 },
  spec: { selector: { matchLabels: { app: "edge" } } },
  status: { observedGeneration: 1, desiredNumberScheduled: 1, updatedNumberScheduled: 1 },
};
const pod = {
  metadata: { name: "edge-1", namespace: "web", uid: "2", ownerReferences: [{ uid: "1" }] },
  spec: { nodeName: "node-1", containers: [{ name: "haproxy", image: "edge:1" }] },
  status: { containerStatuses: [{ name: "haproxy", state: { waiting: { reason: "ContainerCreating" } } }] },
};

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) server.close();
});

/** An API server with one pod and its events. */
async function clusterWith(events: readonly object[]): Promise<ClusterApi> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://localhost");
    const items = pathname.endsWith("/events") ? events : [pod];
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(pathname.endsWith("/daemonsets/edge") ? workload : { items }));
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const config = new KubeConfig();
  config.loadFromClusterAndUser(
    { name: "c", server: `http://127.0.0.1:${port}`, skipTLSVerify: true },
    { name: "u" },
  );
  return new ClusterApi(config);
}

const waitFor = async (events: readonly object[]) =>
  awaitRollout(await clusterWith(events), workload, { timeoutMs: 10 }, () => undefined);

test("a pod that is still being created is not ready yet", async () => {
  expect(await waitFor([{ type: "Normal", message: "Pulling image", metadata: {} }])).toMatchObject([
    { code: "pod-not-ready", what: "edge-1 is not ready within 0.01s", why: "Pulling image." },
  ]);
});

test("the finding about a pod names the missing object", async () => {
  const message = 'secret "www" not found';
  expect(await waitFor([{ type: "Warning", message, metadata: {} }])).toMatchObject([
    {
      code: "pod-not-started",
      why: `${message}.`,
      remedy: expect.stringMatching(/^Create what the message names/),
    },
  ]);
});
