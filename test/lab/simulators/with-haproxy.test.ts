// Simulators and stubs with every installed HAProxy: each side validates the other.
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { labAuthority, labCertificate } from "../../../src/lab/certificates.ts";
import type { LabRequest } from "../../../src/lab/http/client.ts";
import { headerValue } from "../../../src/lab/http/message.ts";
import type { Endpoint } from "../../../src/lab/network.ts";
import { openLoadBalancer } from "../../../src/lab/simulators/load-balancer.ts";
import { openBackend } from "../../../src/lab/stubs/backend.ts";
import { encodeProxyV1, encodeProxyV2, proxiedAddresses } from "../../../src/lab/tcp/proxy-protocol.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";
import { openDns } from "../stubs/dns.ts";
import { answered, gate, opened, testClient, testHaproxy, testNetwork, untilSeen } from "./lab-fixture.ts";

const at = ({ host, port }: Endpoint) => `${host}:${port}`;
const client203 = proxiedAddresses("203.0.113.7", 4711, "198.51.100.1", 443);
const client2001 = proxiedAddresses("2001:db8::7", 4711, "2001:db8::1", 443);

const defaults = `
global
  maxconn 200
defaults
  mode http
  timeout connect 2s
  timeout client 5s
  timeout server 5s
  retries 0
`;

// Health checks below have 500 ms: HAProxy limits the connection and its TLS handshake to `inter`.
describe.each(await findAllHaproxies())("HAProxy $version", ({ path: binary }) => {
  test.each([
    ["v1", "classic-elb", client203],
    ["v1", "classic-elb", client2001],
    ["v2", "nlb", client203],
    ["v2", "nlb", client2001],
  ] as const)(
    "accepts PROXY %s of a %s that terminates TLS, with $source as the client",
    async (proxy, kind, from) => {
      const network = await testNetwork();
      const [bind, server] = [await network.listenAt(1), await network.listenAt(10)];
      const backend = await opened(openBackend({ name: "app", listen: server }));
      await testHaproxy(
        binary,
        `${defaults}
frontend edge
  bind ${at(bind)} accept-proxy
  http-request set-header x-seen "%[src] %[src_port] %[dst] %[dst_port]"
  default_backend app
backend app
  server app ${at(server)}
`,
      );
      const balancer = await opened(
        openLoadBalancer({
          kind,
          clientAddress: "preamble",
          localAddress: network.address(2),
          listeners: [
            {
              name: "443",
              listen: await network.listenAt(2),
              protocol: "tls",
              certificates: [labCertificate(["app.example.com"])],
              proxy,
              targets: [{ id: "node", at: bind }],
            },
          ],
        }),
      );
      const answer = answered(
        await testClient().request({
          to: balancer.endpointOf("443"),
          preamble: from.family === "tcp4" ? encodeProxyV1(from) : encodeProxyV2(from),
          tls: { servername: "app.example.com", ca: labAuthority().certificate },
          method: "GET",
          target: "/",
          headers: [["Host", "app.example.com"]],
        }),
      );
      expect(answer.status).toBe(200);
      const seen = backend.exchanges.take(headerValue(answer.headers, "x-lab-exchange") ?? "");
      const { source, sourcePort, destination, destinationPort } = from;
      expect(headerValue(seen?.headers ?? [], "x-seen")).toBe(
        `${source} ${sourcePort} ${destination} ${destinationPort}`,
      );
    },
  );

  test("verifies the checksum of a PROXY v2 header that the simulator writes", async () => {
    const network = await testNetwork();
    const [bind, server] = [await network.listenAt(1), await network.listenAt(10)];
    await opened(openBackend({ name: "app", listen: server }));
    await testHaproxy(
      binary,
      `${defaults}\nlisten edge\n  bind ${at(bind)} accept-proxy\n  server app ${at(server)}\n`,
    );
    const right = encodeProxyV2(client203, { checksum: true });
    const wrong = Buffer.from(right);
    wrong[16] = (wrong[16] ?? 0) ^ 1;
    const ask = (preamble: Buffer) =>
      testClient().request({ to: bind, preamble, method: "GET", target: "/", headers: [["Host", "a"]] });
    expect(answered(await ask(right)).status).toBe(200);
    expect(await ask(wrong)).toHaveProperty("failed");
  });

  test("sends PROXY headers that a stub backend reads, in traffic and in checks, over TLS", async () => {
    const network = await testNetwork();
    const [bind, first, second] = [
      await network.listenAt(1),
      await network.listenAt(10),
      await network.listenAt(11),
    ];
    const certificate = labCertificate(["inside.example.com"]);
    const plain = await opened(openBackend({ name: "v1", listen: first, expectProxy: true }));
    const tls = { certificate, alpn: ["http/1.1"] };
    const secured = await opened(openBackend({ name: "v2", listen: second, expectProxy: true, tls }));
    const checked = untilSeen(secured, "/checked");
    await testHaproxy(
      binary,
      `${defaults}
frontend edge
  bind ${at(bind)}
  use_backend v2 if { path /v2 }
  default_backend v1
backend v1
  server s ${at(first)} send-proxy
backend v2
  option httpchk
  http-check send meth GET uri /checked
  server s ${at(second)} check inter 500 send-proxy-v2 ssl verify required ca-file @FOLDER@/ca.pem sni str(inside.example.com) alpn http/1.1
`,
      { "ca.pem": certificate.authority },
    );
    await checked;
    const client = testClient();
    const ask = (target: string) =>
      client.request({
        to: bind,
        localAddress: network.address(3),
        method: "GET",
        target,
        headers: [["Host", "a"]],
      });
    expect(answered(await ask("/v1")).status).toBe(200);
    expect(answered(await ask("/v2")).status).toBe(200);
    expect(plain.seen[0]?.proxy).toMatchObject({
      version: 1,
      source: network.address(3),
      destinationPort: bind.port,
    });
    const [check] = secured.seen.filter(({ target }) => target === "/checked");
    expect(check?.proxy).toEqual({ version: 2, command: "local" });
    const [request] = secured.seen.filter(({ target }) => target === "/v2");
    expect(request).toMatchObject({
      proxy: { version: 2, source: network.address(3) },
      tls: { protocol: "TLSv1.3", sni: "inside.example.com", alpn: "http/1.1" },
    });
  });

  test("is taken out of service when its health response changes, and drained when deregistered", async () => {
    const network = await testNetwork();
    const [bind, health, server] = [
      await network.listenAt(1),
      await network.listenAt(1),
      await network.listenAt(10),
    ];
    const held = gate();
    const backend = await opened(openBackend({ name: "app", listen: server, healthPath: "/ready" }));
    await testHaproxy(
      binary,
      `${defaults}
frontend edge
  bind ${at(bind)}
  default_backend app
frontend health
  bind ${at(health)}
  acl dead nbsrv(app) lt 1
  monitor-uri /health
  monitor fail if dead
backend app
  option httpchk
  http-check send meth GET uri /ready
  server app ${at(server)} check inter 500 fall 1 rise 1
`,
    );
    const balancer = await opened(
      openLoadBalancer({
        kind: "classic-elb",
        clientAddress: "socket",
        listeners: [
          {
            name: "80",
            listen: await network.listenAt(2),
            protocol: "tcp",
            targets: [{ id: "node", at: bind }],
          },
        ],
        healthChecks: [
          {
            target: "node",
            at: health,
            protocol: "http",
            path: "/health",
            intervalMs: 10,
            timeoutMs: 1000,
            healthyThreshold: 2,
            unhealthyThreshold: 2,
          },
        ],
      }),
    );
    const client = testClient({ keepAlive: false });
    const ask = (target: string) =>
      client.request({ to: balancer.endpointOf("80"), method: "GET", target, headers: [["Host", "a"]] });
    await balancer.untilState("node", "healthy");
    expect(answered(await ask("/")).status).toBe(200);
    backend.setHealthy(false);
    await balancer.untilState("node", "unhealthy");
    expect(await ask("/")).toMatchObject({ failed: "closed-without-answer" });
    backend.setHealthy(true);
    await balancer.untilState("node", "healthy");

    backend.behave({ until: held.opened, body: "in flight" });
    const arrived = untilSeen(backend, "/held");
    const inFlight = ask("/held");
    await arrived;
    const drained = balancer.deregister("node");
    expect(await ask("/")).toMatchObject({ failed: "closed-without-answer" });
    held.open();
    expect(answered(await inFlight).body.toString()).toBe("in flight");
    await drained;
  });

  test("forwards a WebSocket through simulator and stub", async () => {
    const network = await testNetwork();
    const [bind, server] = [await network.listenAt(1), await network.listenAt(10)];
    await opened(openBackend({ name: "app", listen: server }));
    await testHaproxy(
      binary,
      `${defaults}\nlisten edge\n  bind ${at(bind)} accept-proxy\n  server app ${at(server)}\n`,
    );
    const targets = [{ id: "node", at: bind }];
    const balancer = await opened(
      openLoadBalancer({
        kind: "classic-elb",
        clientAddress: "socket",
        listeners: [{ name: "80", listen: await network.listenAt(2), protocol: "tcp", proxy: "v1", targets }],
      }),
    );
    const upgraded = await testClient().upgrade({
      to: balancer.endpointOf("80"),
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
    if (upgraded.failed !== undefined || upgraded.stream === undefined)
      throw new Error(JSON.stringify(upgraded));
    const { stream } = upgraded;
    stream.write("ping");
    expect((await once(stream, "data")).toString()).toBe("ping");
    stream.end();
    await once(stream, "close");
  });

  test("handles a backend's failures: no answer, a reset, half a body, no connection", async () => {
    const network = await testNetwork();
    const [bind, server] = [await network.listenAt(1), await network.listenAt(10)];
    const backend = await opened(openBackend({ name: "app", listen: server }));
    await testHaproxy(binary, `${defaults}\nlisten edge\n  bind ${at(bind)}\n  server app ${at(server)}\n`);
    const client = testClient();
    const ask = (request: Partial<LabRequest> = {}) =>
      client.request({ to: bind, method: "GET", target: "/", headers: [["Host", "a"]], ...request });
    expect(answered(await ask({ method: "HEAD" }))).toMatchObject({ status: 200, connection: "kept" });
    // On a reused connection HAProxy closes without an answer, so that the client sends the request again.
    backend.behave({ fail: "close" });
    expect(answered(await ask({ keepAlive: false })).status).toBe(502);
    backend.behave({ fail: "reset" });
    expect(answered(await ask({ keepAlive: false })).status).toBe(502);
    backend.behave({ body: "0123456789", cutBodyAt: 4 });
    expect(answered(await ask())).toMatchObject({ status: 200, complete: false, body: Buffer.from("0123") });
    await backend.goDown();
    expect(answered(await ask()).status).toBe(503);
    await backend.restart();
    backend.behave({ status: 204 });
    expect(answered(await ask())).toMatchObject({ status: 204, complete: true });
    backend.behave({ body: 70_000, framing: "chunked" });
    expect(answered(await ask()).body).toHaveLength(70_000);
    backend.behave({});
    const put = await ask({
      method: "PUT",
      headers: [
        ["Host", "a"],
        ["Expect", "100-continue"],
      ],
      body: Buffer.from("x"),
    });
    expect(answered(put)).toMatchObject({ status: 200, informational: [{ status: 100 }] });
  });

  test("resolves a server with the stub DNS server, and another when the record changes", async () => {
    const network = await testNetwork();
    const [bind, first, listen] = [
      await network.listenAt(1),
      await network.listenAt(10),
      await network.listenAt(53),
    ];
    const second = { host: network.address(11), port: first.port };
    await opened(openBackend({ name: "first", listen: first }));
    const moved = await opened(openBackend({ name: "second", listen: second }));
    const dns = await opened(openDns({ listen, names: { "app.web.svc": { a: [first.host] } } }));
    const resolved = new Promise<void>((resolve) => {
      const stop = dns.onQuery(() => {
        stop();
        resolve();
      });
    });
    await testHaproxy(
      binary,
      `${defaults}
resolvers lab
  nameserver dns1 ${at(dns.endpoint)}
  resolve_retries 1
  timeout resolve 50ms
  timeout retry 50ms
  hold valid 50ms
frontend edge
  bind ${at(bind)}
  default_backend app
backend app
  option httpchk
  http-check send meth GET uri /checked
  server app app.web.svc:${first.port} check inter 500 resolvers lab resolve-prefer ipv4 init-addr none
`,
    );
    await resolved;
    const checked = untilSeen(moved, "/checked");
    dns.set("app.web.svc", { a: [second.host] });
    await checked;
    expect(dns.count("app.web.svc", "A")).toBeGreaterThan(1);
    const answer = await testClient().request({
      to: bind,
      method: "GET",
      target: "/",
      headers: [["Host", "a"]],
    });
    expect(JSON.parse(answered(answer).body.toString()).backend).toBe("second");
  });
});
