// Behaviour of the lab's client that the stub backend cannot show: limits of the pool, failures.
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { openBackend } from "../../../src/lab/stubs/backend.ts";
import { answered, opened, testClient, testNetwork } from "../simulators/lab-fixture.ts";

test("the pool keeps the most recently used connections, up to its limit", async () => {
  const network = await testNetwork();
  const backend = await opened(openBackend({ name: "app", listen: await network.listenAt(10) }));
  const client = testClient({ maxIdle: 2 });
  const from = (n: number) =>
    client.request({
      to: backend.endpoint,
      localAddress: network.address(n),
      method: "GET",
      target: "/",
      headers: [],
    });
  for (const n of [20, 21, 22]) answered(await from(n));
  expect(answered(await from(22)).reused).toBe(true);
  expect(answered(await from(21)).reused).toBe(true);
  expect(answered(await from(20)).reused).toBe(false);
});

test.each([
  ["content-length", "5"],
  ["Transfer-Encoding", "chunked"],
])("a request whose %s announces more body than is sent has its own connection", async (name, value) => {
  const { host, port } = await (await testNetwork()).listenAt(10);
  const server = createServer((socket) => {
    socket.on("error", () => {}); // the client hangs up
    socket.on("data", () => socket.write("HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n"));
  }).listen(port, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const client = testClient();
  const exchange = async (headers: readonly (readonly [string, string])[]) =>
    answered(await client.request({ to: { host, port }, method: "GET", target: "/", headers })).reused;
  expect(await exchange([])).toBe(false);
  expect(await exchange([[name, value]])).toBe(false);
  expect(await exchange([])).toBe(true);
  expect(await exchange([["content-length", "0"]])).toBe(true);
});

test("no server, no answer, a connection closed during the handshake", async () => {
  const network = await testNetwork();
  const client = testClient();
  const ask = { to: await network.listenAt(10), method: "GET", target: "/", headers: [] };
  expect(await client.request(ask)).toMatchObject({ failed: "refused" });

  const server = createServer((socket) => socket.on("data", () => socket.destroy()));
  server.listen(0, network.address(11));
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const to = { host: network.address(11), port: (server.address() as AddressInfo).port };
  expect(await client.request({ ...ask, to, tls: { verify: false } })).toMatchObject({ failed: "tls" });
});

test("an address of another machine is an error, not a response", async () => {
  const client = testClient();
  const to = { host: "127.0.0.1", port: 1 };
  const exchange = client.request({
    to,
    localAddress: "192.0.2.1",
    method: "GET",
    target: "/",
    headers: [],
  });
  await expect(exchange).rejects.toThrow("EADDRNOTAVAIL");
});
