// The doubles around every real HAProxy at hand: each says that the other side of a double is right, too.
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { labAuthority, labCertificate } from "../../../src/lab/certificates.ts";
import { openBackend } from "../../../src/lab/doubles/backend.ts";
import { openDns } from "../../../src/lab/doubles/dns.ts";
import { openLoadBalancer } from "../../../src/lab/doubles/load-balancer.ts";
import { encodeProxyV1, encodeProxyV2, proxiedAddresses } from "../../../src/lab/doubles/proxy-protocol.ts";
import type { LabRequest } from "../../../src/lab/http/client.ts";
import { headerValue } from "../../../src/lab/http/message.ts";
import type { Endpoint } from "../../../src/lab/network.ts";
import { answered, gate, opened, testClient, testHaproxy, testNetwork } from "./lab-fixture.ts";
import { haproxies } from "./real-haproxy.ts";

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

describe.each(haproxies)("%s", (binary) => {
  test.each([
    ["v1", "classic-elb", client203],
    ["v1", "classic-elb", client2001],
    ["v2", "nlb", client203],
    ["v2", "nlb", client2001],
  ] as const)("believes PROXY %s of a %s that ends TLS, with $source as the client", async (proxy, kind, from) => {
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
  });

  test("checks the checksum of a PROXY v2 header as the double writes it", async () => {
    const network = await testNetwork();
    const [bind, server] = [await network.listenAt(1), await network.listenAt(10)];
    await opened(openBackend({ name: "app", listen: server }));
    await testHaproxy(binary, `${defaults}\nlisten edge\n  bind ${at(bind)} accept-proxy\n  server app ${at(server)}\n`);
    const right = encodeProxyV2(client203, { checksum: true });
    const wrong = Buffer.from(right);
    wrong[16] = (wrong[16] ?? 0) ^ 1;
    const ask = (preamble: Buffer) =>
      testClient().request({ to: bind, preamble, method: "GET", target: "/", headers: [["Host", "a"]] });
    expect(answered(await ask(right)).status).toBe(200);
    expect(await ask(wrong)).toHaveProperty("failed");
  });

  test("sends PROXY headers that a backend double reads, in traffic and in checks, over TLS", async () => {
    const network = await testNetwork();
    const [bind, first, second] = [await network.listenAt(1), await network.listenAt(10), await network.listenAt(11)];
    const certificate = labCertificate(["inside.example.com"]);
    const plain = await opened(openBackend({ name: "v1", listen: first, expectProxy: true }));
    const tls = { certificate, alpn: ["http/1.1"] };
    const secured = await opened(openBackend({ name: "v2", listen: second, expectProxy: true, tls, healthPath: "/up" }));
    const checked = once({ on: undefined, ...eventTargetOf(secured) }, "request");
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
  server s ${at(second)} check inter 20 send-proxy-v2 ssl verify required ca-file @FOLDER@/ca.pem sni str(inside.example.com) alpn http/1.1
`,
      { "ca.pem": certificate.authority },
    );
    await checked;
    const client = testClient();
    const ask = (target: string) =>
      client.request({ to: bind, localAddress: network.address(3), method: "GET", target, headers: [["Host", "a"]] });
    expect(answered(await ask("/v1")).status).toBe(200);
    expect(answered(await ask("/v2")).status).toBe(200);
    expect(plain.seen[0]?.proxy).toMatchObject({ version: 1, source: network.address(3), destinationPort: bind.port });
    const [check] = secured.seen.filter(({ target }) => target === "/checked");
    expect(check?.proxy).toEqual({ version: 2, command: "local" });
    const [request] = secured.seen.filter(({ target }) => target === "/v2");
    expect(request).toMatchObject({
      proxy: { version: 2, source: network.address(3) },
      tls: { protocol: "TLSv1.3", sni: "inside.example.com", alpn: "http/1.1" },
    });
  });
});
