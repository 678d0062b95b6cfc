// The simulated HTTP load balancer: what an ALB changes in requests, and how it uses connections to targets.
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { labCertificate } from "../../../src/lab/certificates.ts";
import type { LabRequest } from "../../../src/lab/http/client.ts";
import { openLoadBalancer } from "../../../src/lab/simulators/load-balancer.ts";
import type { ListenerSpec } from "../../../src/lab/simulators/load-balancer-spec.ts";
import { type BackendSpec, openBackend } from "../../../src/lab/stubs/backend.ts";
import { encodeProxyV1, proxiedAddresses } from "../../../src/lab/tcp/proxy-protocol.ts";
import { answered, gate, opened, testClient, testNetwork, untilSeen } from "./lab-fixture.ts";

interface Wanted {
  readonly listener?: Partial<ListenerSpec>;
  readonly backend?: Partial<BackendSpec>;
  readonly backends?: number;
}

async function open({ listener, backend, backends: count = 1 }: Wanted = {}) {
  const network = await testNetwork();
  const backends = await Promise.all(
    Array.from({ length: count }, async (_, n) =>
      opened(openBackend({ name: `b${n}`, listen: await network.listenAt(10 + n), ...backend })),
    ),
  );
  const balancer = await opened(
    openLoadBalancer({
      kind: "alb",
      clientAddress: "preamble",
      localAddress: network.address(2),
      listeners: [
        {
          name: "http",
          listen: await network.listenAt(2),
          protocol: "http",
          targets: backends.map(({ name, endpoint }) => ({ id: name, at: endpoint })),
          ...listener,
        },
      ],
    }),
  );
  const to = balancer.endpointOf("http");
  const from = (client: string) =>
    encodeProxyV1(
      proxiedAddresses(client, 40_000, client.includes(":") ? "2001:db8::1" : "198.51.100.1", 80),
    );
  const client = testClient();
  const ask = (request: Partial<LabRequest> = {}) =>
    client.request({
      to,
      preamble: from("203.0.113.7"),
      method: "GET",
      target: "/",
      headers: [["Host", "a"]],
      ...request,
    });
  const [first] = backends;
  if (first === undefined) throw new Error("no backend");
  return { network, balancer, backends, first, to, from, ask };
}

const forwarded = (seen: { readonly headers: readonly (readonly [string, string])[] } | undefined) =>
  seen?.headers.filter(([name]) => /^x-forwarded-/i.test(name)).map(([name, value]) => `${name}: ${value}`);

describe("requests", () => {
  test("get the client address and the port; values that the client sent precede them, or are removed", async () => {
    const { ask, first, from } = await open();
    answered(await ask());
    answered(
      await ask({
        preamble: from("2001:db8::7"),
        headers: [
          ["Host", "a"],
          ["x-forwarded-for", "192.0.2.1"],
          ["X-Forwarded-Proto", "https"],
          ["X-Forwarded-Port", "443"],
        ],
      }),
    );
    expect(first.seen.map(forwarded)).toEqual([
      ["X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: http", "X-Forwarded-Port: 80"],
      ["x-forwarded-for: 192.0.2.1, 2001:db8::7", "X-Forwarded-Proto: http", "X-Forwarded-Port: 80"],
    ]);
  });

  test("pass otherwise unchanged, also in fragments, and so do responses", async () => {
    const { ask, first } = await open({ backend: { behave: { framing: "chunked", body: "hello" } } });
    const answer = answered(
      await ask({
        method: "M_1",
        target: "/%zz?a=%20",
        headers: [
          ["hOsT", "a"],
          ["X-A", "1"],
          ["x-a", "2"],
          ["Transfer-Encoding", "chunked"],
        ],
        body: Buffer.from("3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
      }),
    );
    expect(first.seen[0]).toMatchObject({ method: "M_1", target: "/%zz?a=%20" });
    expect(first.seen[0]?.headers.slice(0, 3)).toEqual([
      ["hOsT", "a"],
      ["X-A", "1"],
      ["x-a", "2"],
    ]);
    expect(first.seen[0]?.body.toString()).toBe("abcde");
    expect(answer.body.toString()).toBe("hello");
    expect(answer.connection).toBe("kept");
  });

  test("that are pipelined are answered one after the other", async () => {
    const { to, from, first } = await open({ backend: { behave: (seen) => ({ body: seen.target }) } });
    const socket = connect(to);
    socket.write(from("203.0.113.7"));
    socket.write("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let got = "";
    socket.on("data", (chunk) => {
      got += chunk.toString();
    });
    await once(socket, "close");
    expect(got.match(/^\/[12]|\/[12]$/gm)).toEqual(["/1", "/2"]);
    expect(first.counts).toMatchObject({ requests: 2, connections: 1 });
  });

  test("over TLS get X-Forwarded-Proto https", async () => {
    const { ask, first } = await open({
      listener: { protocol: "https", certificates: [labCertificate(["a.test"])] },
    });
    answered(await ask({ tls: { servername: "a.test", verify: false } }));
    expect(forwarded(first.seen[0])).toContain("X-Forwarded-Proto: https");
  });

  test("go to one target after the other", async () => {
    const { ask, backends } = await open({ backends: 2 });
    for (let count = 0; count < 4; count++) answered(await ask());
    expect(backends.map(({ counts }) => counts.requests)).toEqual([2, 2]);
  });
});

describe("connections to targets", () => {
  test("are reused, also for other clients, and after a client closes its own", async () => {
    const { ask, first, from, balancer } = await open();
    answered(
      await ask({
        headers: [
          ["Host", "a"],
          ["Connection", "close"],
        ],
      }),
    );
    answered(await ask());
    answered(await ask({ preamble: from("192.0.2.9") }));
    expect(first.counts).toMatchObject({ requests: 3, connections: 1 });
    expect(balancer.connectionsTo("b0")).toEqual({ open: 1, total: 1 });
  });

  test("are as many as concurrent requests", async () => {
    const { ask, first } = await open();
    const { opened: released, open: release } = gate();
    first.behave({ until: released });
    const both = [ask({ target: "/1" }), ask({ target: "/2" })];
    await Promise.all(["/1", "/2"].map((target) => untilSeen(first, target)));
    release();
    for (const answer of await Promise.all(both)) answered(answer);
    expect(first.counts.connections).toBe(2);
  });

  test("are closed after the idle timeout", async () => {
    const { ask, first, balancer } = await open({ listener: { idleTimeoutMs: 20 } });
    answered(await ask({ keepAlive: false }));
    await first.goDown({ keepOpen: true });
    await expect.poll(() => balancer.connectionsTo("b0").open).toBe(0);
  });

  test("return 502 when the target closes, 504 when it does not answer, 502 when it is unreachable", async () => {
    const { ask, first, balancer } = await open({ listener: { idleTimeoutMs: 100 } });
    first.behave({ fail: "close" });
    expect(answered(await ask()).status).toBe(502);
    first.behave({ fail: "timeout" });
    expect(answered(await ask()).status).toBe(504);
    await first.goDown();
    expect(answered(await ask()).status).toBe(502);
    expect(balancer.countsOf("http").unserved).toBe(3);
  });

  test("carry a WebSocket from its handshake on", async () => {
    const { to, from } = await open();
    const socket = connect(to);
    socket.write(from("203.0.113.7"));
    socket.write(
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const [head] = await once(socket, "data");
    expect(String(head)).toMatch(/^HTTP\/1\.1 101 /);
    // A masked text frame with one byte (RFC 6455 section 5.2).
    socket.write(Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0x61]));
    const [echo] = await once(socket, "data");
    expect([...(echo as Buffer)].at(-1)).toBe(0x61);
    socket.destroy();
  });
});
