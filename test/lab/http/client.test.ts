// What the lab's client does that the stub backend cannot show: HTTP/2, limits of the pool, failures.
import { once } from "node:events";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { labAuthority, labCertificate } from "../../../src/lab/certificates.ts";
import { openBackend } from "../../../src/lab/stubs/backend.ts";
import { answered, opened, testClient, testNetwork } from "../simulators/lab-fixture.ts";

test("HTTP/2 when ALPN settles on it, over one connection for all", async () => {
  const { host, port } = await (await testNetwork()).listenAt(10);
  const { key, certificate } = labCertificate(["h2.example.com"]);
  const server = createSecureServer({ key, cert: certificate });
  let sessions = 0;
  server.on("session", () => {
    sessions += 1;
  });
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {}); // the reset requested below
    if (headers[":path"] === "/reset") {
      stream.close(2);
      return;
    }
    stream.additionalHeaders({ ":status": 103, link: "x" });
    stream.respond(
      { ":status": 200, "x-method": headers[":method"], "set-cookie": ["a=1", "b=2"] },
      { waitForTrailers: true },
    );
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-trailer": "1" }));
    stream.pipe(stream);
  });
  server.listen(port, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
  });
  const client = testClient();
  const request = {
    to: { host, port },
    method: "PUT",
    target: "/x",
    headers: [
      ["Host", "h2.example.com"],
      ["X-A", "1"],
    ],
    body: Buffer.from("echo"),
    tls: { servername: "h2.example.com", alpn: ["h2", "http/1.1"], ca: labAuthority().certificate },
  } as const;
  const answer = answered(await client.request(request));
  expect(answer).toMatchObject({
    status: 200,
    httpVersion: "HTTP/2.0",
    body: Buffer.from("echo"),
    complete: true,
  });
  expect(answer.headers).toEqual(
    expect.arrayContaining([
      ["x-method", "PUT"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]),
  );
  expect(answer).toMatchObject({
    trailers: [["x-trailer", "1"]],
    informational: [{ status: 103 }],
    reused: false,
  });
  expect(answered(await client.request(request))).toMatchObject({ reused: true, connection: "kept" });
  expect(await client.request({ ...request, target: "/reset" })).toMatchObject({ failed: "reset" });
  expect(sessions).toBe(1);
  expect(answered(await client.request({ ...request, keepAlive: false }))).toMatchObject({
    connection: "closed",
  });
  expect(sessions).toBe(2);

  const another = testClient();
  const atOnce = await Promise.all(Array.from({ length: 5 }, () => another.request(request)));
  expect(atOnce.map((each) => answered(each).status)).toEqual([200, 200, 200, 200, 200]);
  expect(answered(await another.request(request))).toMatchObject({ reused: true });
});

test("the pool keeps as many connections as it may, the last used ones", async () => {
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
  const asked = async (headers: readonly (readonly [string, string])[]) =>
    answered(await client.request({ to: { host, port }, method: "GET", target: "/", headers })).reused;
  expect(await asked([])).toBe(false);
  expect(await asked([[name, value]])).toBe(false);
  expect(await asked([])).toBe(true);
  expect(await asked([["content-length", "0"]])).toBe(true);
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

test("an address that is not this machine's is an error, not an answer", async () => {
  const client = testClient();
  const to = { host: "127.0.0.1", port: 1 };
  const asked = client.request({ to, localAddress: "192.0.2.1", method: "GET", target: "/", headers: [] });
  await expect(asked).rejects.toThrow("EADDRNOTAVAIL");
});
