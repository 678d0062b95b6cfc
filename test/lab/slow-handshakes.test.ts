// `timeouts.handshake` on a real HAProxy: TLS handshakes and PROXY headers time out after it in total, on 2.6 after `timeouts.client`.
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planned, site } from "../model/planned.ts";

/** The other timeout is longer than the test's time limit. */
const edge = (timeouts: { readonly client: string; readonly handshake: string }) =>
  planned({
    public: {
      loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] },
      tls: { terminatedAt: "haproxy", certificates: [{ file: "/etc/haproxy/tls/a.pem", hosts: ["a.test"] }] },
    },
    timeouts,
    sites: site([{ respond: { status: 204 } }]),
  });

const PROXY_HEADER = "PROXY TCP4 203.0.113.7 198.51.100.1 40000 443\r\n";
/** The record and the first bytes of a ClientHello of 196 bytes (RFC 8446, 4). */
const CLIENT_HELLO = Buffer.from("16030100c8010000c40303", "hex");

test("the default is 10s, or `client` if that is shorter", () => {
  const handshake = (client: string) =>
    planned({
      public: { loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"] } },
      timeouts: { client },
      sites: site([{ respond: { status: 204 } }]),
    }).timeouts.handshake?.value;
  expect([handshake("30s"), handshake("5s")]).toEqual([10_000, 5000]);
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  let lab: Lab;
  beforeAll(async () => {
    const times = haproxy.branch === "2.6" ? ["300ms", "10m"] : ["10m", "300ms"];
    lab = await openLabOf(edge({ client: times[0] ?? "", handshake: times[1] ?? "" }), { haproxy });
  });
  afterAll(() => lab.close());

  test.each([
    ["no PROXY header", "", Buffer.alloc(0)],
    ["no ClientHello", PROXY_HEADER, Buffer.alloc(0)],
    ["a slow ClientHello", PROXY_HEADER, CLIENT_HELLO],
  ])("closes a connection with %s", async (_, start, rest) => {
    const { host, port } = lab.places.bind(8443);
    const socket = connect({ host, port, localAddress: lab.places.from("load balancer") });
    socket.write(start);
    let sent = 0;
    const timer = setInterval(() => socket.write(rest.subarray(sent, ++sent)), 50);
    let answer = 0;
    socket.on("data", (chunk) => {
      answer += chunk.length;
    });
    // HAProxy resets the connection if a byte arrives while it closes.
    socket.on("error", () => undefined);
    await new Promise((closed) => socket.once("close", closed));
    clearInterval(timer);
    expect(answer).toBe(0);
    expect(sent, "not immediately").toBeGreaterThan(2);
  });
});
