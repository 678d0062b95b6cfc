// Whether an edge answers at a node port: what is tried again, before the port counts as unreachable.
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { reachOf } from "../../src/cluster/endpoints.ts";
import { planned, site } from "../model/planned.ts";

const plan = planned({ sites: site([{ to: "app" }]) });
const listener = plan.loadBalancer.ports[0]?.listener ?? "";

/** A server, listening; `port` is free again after `close`. */
async function listening(port = 0) {
  const server = createServer((_request, response) => response.writeHead(404).end());
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

async function refusedPort(): Promise<number> {
  const { server, port } = await listening();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a node that refuses is tried again: kube-proxy may not know a new Service yet", async () => {
  const port = await refusedPort();
  const reached = reachOf(false, plan, listener, { host: "127.0.0.1", port }, undefined);
  const { server } = await listening(port);
  onTestFinished(() => void server.close());
  expect(await reached).toBe("yes");
});

test("a node that refuses every attempt", async () => {
  const to = { host: "127.0.0.1", port: await refusedPort() };
  expect(await reachOf(false, plan, listener, to, undefined)).toBe("refused");
});
