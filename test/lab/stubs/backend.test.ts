// The stub backend and the lab's client, against each other over real sockets.
import { createHash } from "node:crypto";
import { once } from "node:events";
import { expect, test } from "vitest";
import { labCertificate } from "../../../src/lab/certificates.ts";
import type { LabRequest } from "../../../src/lab/http/client.ts";
import { headerValue } from "../../../src/lab/http/message.ts";
import { type BackendSpec, openBackend } from "../../../src/lab/stubs/backend.ts";
import { encodeProxyV1, encodeProxyV2, proxiedAddresses } from "../../../src/lab/tcp/proxy-protocol.ts";
import { answered, gate, opened, testClient, testNetwork } from "../simulators/lab-fixture.ts";

async function open(spec: Partial<BackendSpec> = {}) {
  const network = await testNetwork();
  const backend = await opened(openBackend({ name: "app", listen: await network.listenAt(10), ...spec }));
  const client = testClient();
  const ask = (request: Partial<LabRequest> = {}) =>
    client.request({
      to: backend.endpoint,
      method: "GET",
      target: "/",
      headers: [["Host", "a"]],
      ...request,
    });
  return { network, backend, client, ask };
}

test("answers with what it received, byte for byte, and keeps the record by the exchange's number", async () => {
  const { backend, ask } = await open();
  const headers = [
    ["hOsT", "A:80"],
    ["X-Twice", "1"],
    ["x-twice", "\xe9"],
  ] as const;
  const answer = answered(
    await ask({ method: "BREW", target: "/%61?q=\xfc", headers, body: Buffer.from("hello") }),
  );
  const sent = [...headers, ["content-length", "5"]];
  expect(JSON.parse(answer.body.toString())).toEqual({
    backend: "app",
    server: `${backend.endpoint.host}:${backend.endpoint.port}`,
    seen: {
      method: "BREW",
      target: "/%61?q=\xfc",
      httpVersion: "HTTP/1.1",
      headers: sent,
      bodyLength: 5,
      bodySha256: createHash("sha256").update("hello").digest("hex"),
    },
  });
  const exchange = headerValue(answer.headers, "x-lab-exchange") ?? "";
  expect(backend.exchanges.take(exchange)).toMatchObject({
    method: "BREW",
    headers: sent,
    body: Buffer.from("hello"),
  });
  expect(backend.exchanges.take(exchange)).toBeUndefined();
});

test("a HEAD response has no body, but its request is recorded", async () => {
  const { backend, ask } = await open();
  const answer = answered(await ask({ method: "HEAD" }));
  expect(answer.body).toHaveLength(0);
  expect(Number(headerValue(answer.headers, "content-length"))).toBeGreaterThan(0);
  expect(backend.exchanges.take(headerValue(answer.headers, "x-lab-exchange") ?? "")?.method).toBe("HEAD");
});

test("sequential requests share a connection, concurrent ones do not, and the record distinguishes them", async () => {
  const { backend, ask } = await open({ behave: { body: "" } });
  for (let n = 0; n < 3; n++)
    expect(answered(await ask())).toMatchObject({ connection: "kept", reused: n > 0 });
  expect(backend.counts).toMatchObject({ connections: 1, requests: 3, open: 1 });
  const all = await Promise.all(Array.from({ length: 50 }, (_, n) => ask({ target: `/${n}` })));
  all.forEach((each, n) => {
    const exchange = headerValue(answered(each).headers, "x-lab-exchange") ?? "";
    expect(backend.exchanges.take(exchange)?.target).toBe(`/${n}`);
  });
  expect(backend.counts).toMatchObject({ connections: 50, requests: 53 });
  expect(backend.seen).toHaveLength(53);
});

test("connections are not reused by a request with its own connection, or when either side sends close", async () => {
  const { backend, ask } = await open();
  await ask({ keepAlive: false });
  expect(answered(await ask({ headers: [["Connection", "close"]] }))).toMatchObject({ connection: "closed" });
  backend.behave({ keepAlive: false });
  expect(answered(await ask())).toMatchObject({ connection: "closed", reused: false });
  backend.behave({ framing: "until-close", body: "all" });
  expect(answered(await ask())).toMatchObject({
    connection: "closed",
    body: Buffer.from("all"),
    complete: true,
  });
  expect(backend.counts.connections).toBe(4);
});

test("behaves as configured, request by request", async () => {
  const { ask } = await open({
    behave: (seen) =>
      seen.target === "/teapot"
        ? {
            status: 418,
            reason: "Teapot",
            headers: [
              ["X-A", "1"],
              ["x-a", "2"],
            ],
            body: "short and stout",
          }
        : { body: 100_000, framing: "chunked", slowBody: { pieceBytes: 30_000, pauseMs: 1 } },
  });
  const teapot = answered(await ask({ target: "/teapot" }));
  expect(teapot).toMatchObject({ status: 418, reason: "Teapot", body: Buffer.from("short and stout") });
  expect(teapot.headers.filter(([name]) => name.toLowerCase() === "x-a")).toEqual([
    ["X-A", "1"],
    ["x-a", "2"],
  ]);
  expect(answered(await ask()).body).toHaveLength(100_000);
});

test.each([
  ["close", { failed: "closed-without-answer" }],
  ["reset", { failed: "reset" }],
] as const)("without an answer by %s", async (fail, outcome) => {
  const { backend, ask } = await open({ behave: { fail } });
  expect(await ask()).toMatchObject(outcome);
  expect(backend.counts.requests).toBe(1);
});

test("without a response the client times out", async () => {
  const { ask } = await open({ behave: { fail: "timeout" } });
  expect(await ask({ timeoutMs: 20 })).toMatchObject({ failed: "timeout" });
});

test("a truncated body is reported as incomplete", async () => {
  const { ask } = await open({ behave: { body: "0123456789", cutBodyAt: 4 } });
  expect(answered(await ask())).toMatchObject({
    complete: false,
    body: Buffer.from("0123"),
    connection: "closed",
  });
});

test("an answer other than HTTP is reported as malformed", async () => {
  const { ask } = await open({ behave: { reason: "OK\r\nbroken line" } });
  expect(await ask()).toMatchObject({ failed: "malformed", message: expect.stringContaining("broken line") });
});

test("a request held by a gate is answered when the gate opens", async () => {
  const held = gate();
  const { backend, ask } = await open({ behave: { until: held.opened, body: "" } });
  const arrived = new Promise((resolve) => backend.onRequest(resolve));
  const pending = ask();
  await arrived;
  held.open();
  expect(answered(await pending).status).toBe(200);
});

test("down, it refuses connections; up again, it listens on the same port; a request on a stale connection is retried only on request", async () => {
  const { backend, ask } = await open();
  await ask();
  await backend.goDown();
  expect(await ask({ retryOnStale: true })).toMatchObject({ failed: "refused" });
  await backend.restart();
  expect(answered(await ask())).toMatchObject({ status: 200, reused: false });

  backend.behave(({ requestOnConnection }) => (requestOnConnection > 1 ? { fail: "close" } : {}));
  // The idle connection from before closes now.
  expect(answered(await ask({ retryOnStale: true }))).toMatchObject({ reused: false });
  expect(await ask()).toMatchObject({ failed: "closed-without-answer" });
});

test("down with open connections, it continues to serve them", async () => {
  const { backend, ask } = await open();
  await ask();
  await backend.goDown({ keepOpen: true });
  expect(answered(await ask())).toMatchObject({ reused: true });
  expect(await ask({ keepAlive: false })).toMatchObject({ failed: "refused" });
});

test("health checks have their own response, and do not count as requests", async () => {
  const { backend, ask } = await open({ healthPath: "/health", behave: { status: 500 } });
  expect(answered(await ask({ target: "/health" })).status).toBe(200);
  backend.setHealthy(false);
  expect(answered(await ask({ target: "/health" })).status).toBe(503);
  expect(answered(await ask()).status).toBe(500);
  expect(backend.counts).toMatchObject({ healthRequests: 2, requests: 1 });
  expect(backend.seen).toHaveLength(1);
});

test("a body waits for 100-continue", async () => {
  const { ask } = await open();
  const headers = [["Expect", "100-continue"]] as const;
  const answer = answered(await ask({ method: "PUT", headers, body: Buffer.from("later") }));
  expect(answer.informational).toMatchObject([{ status: 100 }]);
  expect(JSON.parse(answer.body.toString()).seen.bodyLength).toBe(5);
});

test("pipelined requests are answered in order", async () => {
  const { ask, backend } = await open({
    behave: async ({ target }) => ({ body: target, keepAlive: target !== "/2" }),
  });
  const raw = Buffer.from("GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n");
  expect(answered(await ask({ raw })).body.toString()).toBe("/1");
  expect(backend.seen.map(({ target }) => target)).toEqual(["/1", "/2"]);
});

test("a request other than HTTP gets 400", async () => {
  const { ask, backend } = await open();
  expect(answered(await ask({ raw: Buffer.from("hello\r\n\r\n") })).status).toBe(400);
  expect(backend.counts.malformed).toBe(1);
});

test("a WebSocket handshake is accepted, and what follows echoed until the client ends", async () => {
  const { client, backend } = await open();
  const outcome = await client.upgrade({
    to: backend.endpoint,
    method: "GET",
    target: "/socket",
    headers: [
      ["Host", "a"],
      ["Connection", "Upgrade"],
      ["Upgrade", "websocket"],
      ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
      ["Sec-WebSocket-Version", "13"],
    ],
  });
  if (outcome.failed !== undefined || outcome.stream === undefined) throw new Error(JSON.stringify(outcome));
  // Key and accept value of the example in RFC 6455 section 1.3.
  expect(headerValue(outcome.answer.headers, "sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  const { stream } = outcome;
  stream.write("ping");
  expect((await once(stream, "data")).toString()).toBe("ping");
  stream.end();
  await once(stream, "close");
  expect(backend.seen).toMatchObject([{ target: "/socket" }]);
});

test("TLS: the requested name, the negotiated protocol, the served and verified certificate", async () => {
  const certificate = labCertificate(["app.example.com", "*.wild.example.com", "127.0.0.1"]);
  const { backend, ask } = await open({ tls: { certificate, alpn: ["http/1.1"] } });
  const tls = { servername: "x.wild.example.com", alpn: ["h2", "http/1.1"], ca: certificate.authority };
  const answer = answered(await ask({ tls }));
  expect(answer.tls).toMatchObject({ alpn: "http/1.1" });
  expect(answer.tls?.names).toBe("DNS:app.example.com, DNS:*.wild.example.com, IP Address:127.0.0.1");
  expect(JSON.parse(answer.body.toString()).seen.tls).toEqual({
    protocol: "TLSv1.3",
    sni: "x.wild.example.com",
    alpn: "http/1.1",
  });
  expect(answered(await ask({ tls }))).toMatchObject({ reused: true });
  expect(await ask({ tls: { ...tls, servername: "other.example.com" } })).toMatchObject({ failed: "tls" });
  expect(await ask({ tls: { servername: "app.example.com" } })).toMatchObject({ failed: "tls" });
  const unverified = answered(await ask({ tls: { verify: false } }));
  expect(unverified.tls?.distrust).toBeDefined();
  const { refused } = backend.counts;
  expect(await ask()).toHaveProperty("failed"); // no TLS at all
  expect(backend.counts.refused).toBe(refused + 1);
});

test("TLS: responses may be reset, and closing leaves no connection open", async () => {
  const certificate = labCertificate(["app.example.com"]);
  const { backend, client, ask } = await open({ tls: { certificate }, behave: { fail: "reset" } });
  expect(await ask({ tls: { verify: false } })).toMatchObject({ failed: "reset" });
  backend.behave({});
  await ask({ tls: { verify: false } });
  client.close();
  await backend.close();
  expect(backend.counts.open).toBe(0);
});

test.each([
  ["version 1", encodeProxyV1(proxiedAddresses("203.0.113.7", 4711, "10.0.0.1", 443))],
  ["version 2", encodeProxyV2(proxiedAddresses("2001:db8::7", 4711, "2001:db8::1", 443))],
])("a PROXY header of %s is expected and reported, with and without TLS after it", async (_, preamble) => {
  const certificate = labCertificate(["app.example.com"]);
  const { backend, ask, network } = await open({ expectProxy: true });
  await ask({ preamble });
  expect(backend.seen[0]?.proxy).toMatchObject({ command: "proxy", sourcePort: 4711, destinationPort: 443 });
  expect(await ask()).toMatchObject({ failed: "closed-without-answer" });
  expect(backend.counts.refused).toBe(1);

  const listen = await network.listenAt(11);
  const secured = await opened(openBackend({ name: "tls", listen, expectProxy: true, tls: { certificate } }));
  answered(await ask({ to: listen, preamble, tls: { verify: false } }));
  expect(secured.seen[0]).toMatchObject({ proxy: { sourcePort: 4711 }, tls: { protocol: "TLSv1.3" } });
});

test("the client connects from the given address", async () => {
  const { backend, ask, network } = await open();
  await ask({ localAddress: network.address(3) });
  expect(backend.seen[0]?.peer.address).toBe(network.address(3));
});

test("TLS: a handshake without a name fails while one is required", async () => {
  const certificate = labCertificate(["app.example.com", "127.0.0.1"]);
  const { backend, ask } = await open({ tls: { certificate, requireSni: true } });
  const named = { tls: { servername: "app.example.com", ca: certificate.authority } };
  expect(answered(await ask(named))).toMatchObject({ status: 200 });
  expect(await ask({ tls: { verify: false } })).toMatchObject({ failed: "tls" });
  expect(backend.counts.refused).toBe(1);
  backend.requireSni(false);
  expect(answered(await ask({ tls: { verify: false } }))).toMatchObject({ status: 200 });
});
