// The simulated load balancer in front of stub backends: how AWS load balancers handle connections.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { labAuthority, labCertificate } from "../../../src/lab/certificates.ts";
import type { LabRequest } from "../../../src/lab/http/client.ts";
import type { Endpoint } from "../../../src/lab/network.ts";
import type { HealthCheckSpec } from "../../../src/lab/simulators/health-check.ts";
import { openLoadBalancer } from "../../../src/lab/simulators/load-balancer.ts";
import type { ListenerSpec, LoadBalancerSpec } from "../../../src/lab/simulators/load-balancer-spec.ts";
import { type Backend, type BackendSpec, openBackend } from "../../../src/lab/stubs/backend.ts";
import { encodeProxyV1, encodeProxyV2, proxiedAddresses } from "../../../src/lab/tcp/proxy-protocol.ts";
import { answered, opened, testClient, testNetwork } from "./lab-fixture.ts";

interface Wanted {
  readonly balancer?: Partial<LoadBalancerSpec>;
  readonly listener?: Partial<ListenerSpec>;
  readonly backends?: number;
  readonly backend?: Partial<BackendSpec>;
  readonly checks?: Partial<HealthCheckSpec>;
}

/** One listener, in front of backends `b0`, `b1` …, and a client that sends to it. */
async function open(wanted: Wanted = {}) {
  const network = await testNetwork();
  const backends = await Promise.all(
    Array.from({ length: wanted.backends ?? 1 }, async (_, n) =>
      opened(openBackend({ name: `b${n}`, listen: await network.listenAt(10 + n), ...wanted.backend })),
    ),
  );
  const targets = backends.map(({ name, endpoint }) => ({ id: name, at: endpoint }));
  const balancer = await opened(
    openLoadBalancer({
      kind: "classic-elb",
      clientAddress: "socket",
      localAddress: network.address(2),
      listeners: [
        { name: "443", listen: await network.listenAt(2), protocol: "tcp", targets, ...wanted.listener },
      ],
      ...(wanted.checks === undefined
        ? {}
        : {
            healthChecks: targets.map(({ id, at }) => ({ ...quickChecks, target: id, at, ...wanted.checks })),
          }),
      ...wanted.balancer,
    }),
  );
  const to = balancer.endpointOf("443");
  const client = testClient({ keepAlive: false });
  const ask = (request: Partial<LabRequest> = {}) =>
    client.request({ to, method: "GET", target: "/", headers: [["Host", "a"]], ...request });
  return { network, backends, balancer, to, ask, first: backends[0] as Backend };
}

const quickChecks = {
  protocol: "tcp",
  intervalMs: 5,
  timeoutMs: 1000,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
} as const;

const client203 = proxiedAddresses("203.0.113.7", 4711, "198.51.100.1", 443);

function connectTo(to: Endpoint): Promise<Socket> {
  const socket = connect({ ...to, allowHalfOpen: true });
  return once(socket, "connect").then(() => socket);
}

describe("connections", () => {
  test("arrive from the load balancer's own address, and are counted", async () => {
    const { ask, first, balancer, network } = await open();
    answered(await ask());
    expect(first.seen[0]?.peer.address).toBe(network.address(2));
    expect(balancer.connectionsTo("b0").total).toBe(1);
    expect(balancer.countsOf("443")).toMatchObject({ accepted: 1, unserved: 0 });
    expect(balancer.countsOf("443").bytesFromClients).toBeGreaterThan(20);
  });

  test.each(["v1", "v2"] as const)("carry PROXY %s with the client's socket's addresses", async (proxy) => {
    const { ask, first, to, network } = await open({ listener: { proxy }, backend: { expectProxy: true } });
    answered(await ask({ localAddress: network.address(3) }));
    const version = proxy === "v1" ? 1 : 2;
    expect(first.seen[0]?.proxy).toMatchObject({
      version,
      source: network.address(3),
      destination: to.host,
      destinationPort: to.port,
    });
  });

  test.each([encodeProxyV1(client203), encodeProxyV2(client203)])(
    "carry the client address of the preamble, which is not forwarded",
    async (preamble) => {
      const { ask, first, balancer } = await open({
        balancer: { clientAddress: "preamble" },
        listener: { proxy: "v1" },
        backend: { expectProxy: true },
      });
      answered(await ask({ preamble }));
      expect(first.seen[0]?.proxy).toMatchObject(client203);
      expect(await ask()).toMatchObject({ failed: expect.stringMatching(/closed|reset/) });
      expect(balancer.countsOf("443")).toMatchObject({ failedPreambles: 1 });
    },
  );

  test("half-close passes in both directions: a client that has finished sending still gets its response", async () => {
    const { to } = await open({ backend: { behave: { body: "late", keepAlive: false, delayMs: 1 } } });
    const socket = await connectTo(to);
    socket.end("GET / HTTP/1.1\r\n\r\n");
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/late$/);
  });

  test("reset passes from the target to the client", async () => {
    const { ask } = await open({ backend: { behave: { fail: "reset" } } });
    expect(await ask()).toMatchObject({ failed: "reset" });
  });

  test("reset passes from the client to the target", async () => {
    const network = await testNetwork();
    const at = await network.listenAt(10);
    const target = createServer().listen(at);
    onTestFinished(() => {
      target.close();
    });
    await once(target, "listening");
    const arrival = once(target, "connection");
    const { to } = await open({ listener: { targets: [{ id: "raw", at }] } });
    const client = await connectTo(to);
    const [arrived]: Socket[] = await arrival;
    client.write("x");
    if (arrived === undefined) throw new Error("no connection");
    await once(arrived, "data");
    const failure = once(arrived, "error");
    client.resetAndDestroy();
    expect(await failure).toMatchObject([{ code: "ECONNRESET" }]);
  });

  test("large bodies pass completely while the reader is slow", async () => {
    const size = 5_000_000;
    const { ask, first } = await open({ backend: { behave: { body: size } } });
    const answer = answered(await ask({ method: "PUT", body: Buffer.alloc(size, "y") }));
    expect(answer.body).toHaveLength(size);
    expect(first.seen[0]?.body).toHaveLength(size);
  });
});

describe("targets", () => {
  test("rotate", async () => {
    const { ask, backends } = await open({ backends: 3 });
    for (let n = 0; n < 6; n++) answered(await ask());
    expect(backends.map(({ counts }) => counts.requests)).toEqual([2, 2, 2]);
  });

  test("of an NLB are the same for the same flow", async () => {
    const { ask, backends } = await open({
      backends: 3,
      balancer: { kind: "nlb", clientAddress: "preamble" },
    });
    for (let n = 0; n < 5; n++) answered(await ask({ preamble: encodeProxyV1(client203) }));
    expect(backends.map(({ counts }) => counts.requests).toSorted()).toEqual([0, 0, 5]);
  });

  test.each([
    ["classic-elb", "closed-without-answer", 2],
    ["nlb", "reset", 1],
  ] as const)("that refuse: %s", async (kind, failed, connectionErrors) => {
    const { ask, first, balancer } = await open({ balancer: { kind } });
    await first.goDown();
    expect(await ask()).toMatchObject({ failed });
    expect(balancer.countsOf("443")).toMatchObject({ unserved: 1, connectionErrors });
    expect(balancer.connectionsTo("b0")).toMatchObject({ open: 0 });
  });

  test("of a classic ELB: if one refuses, the next is tried", async () => {
    const { ask, first, backends, balancer } = await open({ backends: 2 });
    await first.goDown();
    for (let n = 0; n < 4; n++) answered(await ask());
    expect(backends.map(({ counts }) => counts.requests)).toEqual([0, 4]);
    expect(balancer.countsOf("443")).toMatchObject({ accepted: 4, unserved: 0, connectionErrors: 4 });
    expect(balancer.connectionsTo("b0")).toMatchObject({ open: 0 });
  });
});

describe("idle timeout", () => {
  test("of a classic ELB closes both ends", async () => {
    const { to } = await open({ listener: { idleTimeoutMs: 20 } });
    const socket = await connectTo(to);
    socket.resume();
    await once(socket, "end");
    socket.destroy();
  });

  test("of an NLB resets whichever side sends next", async () => {
    const forgotten = 20;
    const { to, first } = await open({ balancer: { kind: "nlb" }, listener: { idleTimeoutMs: forgotten } });
    const socket = await connectTo(to);
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await once(socket, "data");
    // Timers of one process fire in order: the relay's has fired when this one does.
    await new Promise((resolve) => setTimeout(resolve, 3 * forgotten));
    expect(first.counts.open).toBe(1);
    socket.write("GET / HTTP/1.1\r\n\r\n");
    const [error] = await once(socket, "error").catch((thrown) => [thrown]);
    expect(error.code).toBe("ECONNRESET");
    expect(first.counts.requests).toBe(1);
  });
});

describe("TLS", () => {
  const certificates = () => [labCertificate(["app.example.com"]), labCertificate(["*.wild.example.com"])];
  const ca = () => labAuthority().certificate;

  test("is terminated here, with the certificate of the requested name", async () => {
    const { ask, first } = await open({ listener: { protocol: "tls", certificates: certificates() } });
    const named = async (servername: string) =>
      answered(await ask({ tls: { servername, verify: false } })).tls?.names;
    expect(await named("app.example.com")).toBe("DNS:app.example.com");
    expect(await named("a.WILD.example.com")).toBe("DNS:*.wild.example.com");
    expect(await named("a.b.wild.example.com")).toBe("DNS:app.example.com");
    expect(answered(await ask({ tls: { verify: false } })).tls?.names).toBe("DNS:app.example.com");
    answered(await ask({ tls: { servername: "app.example.com", ca: ca() } }));
    expect(first.seen.every(({ tls }) => tls === undefined)).toBe(true);
  });

  test("behind a preamble, with PROXY towards the target", async () => {
    const { ask, first } = await open({
      balancer: { clientAddress: "preamble" },
      listener: { protocol: "tls", certificates: certificates(), proxy: "v1" },
      backend: { expectProxy: true },
    });
    answered(
      await ask({ preamble: encodeProxyV1(client203), tls: { servername: "app.example.com", ca: ca() } }),
    );
    expect(first.seen[0]?.proxy).toMatchObject(client203);
  });

  test("ALPN by policy", async () => {
    const agreed = async (alpn: NonNullable<ListenerSpec["alpn"]>, offered: string[]) => {
      const { ask, balancer } = await open({
        listener: { protocol: "tls", certificates: certificates(), alpn },
      });
      const outcome = await ask({ tls: { alpn: offered, verify: false }, timeoutMs: 1000 });
      if (outcome.failed === undefined) return outcome.tls?.alpn;
      return `${outcome.failed}, ${balancer.countsOf("443").failedHandshakes} failed`;
    };
    expect(await agreed("none", ["http/1.1"])).toBeUndefined();
    expect(await agreed("http1-only", ["h2", "http/1.1"])).toBe("http/1.1");
    expect(await agreed("http2-optional", ["h2", "http/1.1"])).toBe("http/1.1");
    expect(await agreed("http2-only", ["http/1.1"])).toBe("tls, 1 failed");
  });

  test("a client without a common protocol is dropped", async () => {
    const { ask, balancer } = await open({ listener: { protocol: "tls", certificates: certificates() } });
    expect(await ask()).toHaveProperty("failed");
    expect(balancer.countsOf("443")).toMatchObject({ failedHandshakes: 1 });
  });

  test("towards targets, with their resets passed on", async () => {
    const certificate = labCertificate(["inside.example.com"]);
    const { ask, first } = await open({
      listener: { protocol: "tls", certificates: certificates(), targetProtocol: "tls", proxy: "v2" },
      backend: { expectProxy: true, tls: { certificate } },
    });
    answered(await ask({ tls: { verify: false } }));
    expect(first.seen[0]).toMatchObject({ tls: { protocol: "TLSv1.3" }, proxy: { version: 2 } });
    first.behave({ fail: "reset" });
    expect(await ask({ tls: { verify: false } })).toMatchObject({ failed: "reset" });
  });
});

describe("health", () => {
  const http = { protocol: "http", path: "/health" } as const;

  test("a classic ELB's target is in service after its threshold, out after the other, and in again", async () => {
    const { ask, balancer, first } = await open({ checks: http, backend: { healthPath: "/health" } });
    expect(balancer.stateOf("b0")).toBe("initial");
    expect(await ask()).toMatchObject({ failed: "closed-without-answer" });
    const events: string[] = [];
    balancer.onHealth(({ state, why }) =>
      events.push(`${state}: ${why}, after ${first.counts.healthRequests}`),
    );
    await balancer.untilState("b0", "healthy");
    answered(await ask());
    first.setHealthy(false);
    await balancer.untilState("b0", "unhealthy");
    expect(await ask()).toMatchObject({ failed: "closed-without-answer" });
    first.setHealthy(true);
    await balancer.untilState("b0", "healthy");
    answered(await ask());
    expect(events).toHaveLength(3);
    expect(events[0]).toBe("healthy: the check passed, after 2");
    expect(events[1]).toMatch(/^unhealthy: status 503/);
  });

  test("a TCP check ignores the response of the target", async () => {
    const { balancer, first } = await open({ checks: {}, backend: { behave: { fail: "reset" } } });
    await balancer.untilState("b0", "healthy");
    await first.goDown();
    await balancer.untilState("b0", "unhealthy");
  });

  test("an NLB's target is healthy after one check, by any status below 400", async () => {
    const { balancer, first } = await open({
      balancer: { kind: "nlb" },
      checks: { ...http, healthyThreshold: 5 },
      backend: { behave: { status: 301 } },
    });
    await balancer.untilState("b0", "healthy");
    expect(first.counts.requests).toBe(1);
  });

  test("an NLB without a healthy target uses all of them", async () => {
    const { ask, balancer, first } = await open({
      balancer: { kind: "nlb" },
      checks: http,
      backend: { healthPath: "/health" },
    });
    first.setHealthy(false);
    await balancer.untilState("b0", "unhealthy");
    answered(await ask());
  });

  test("a lab can skip the wait", async () => {
    const { ask, balancer } = await open({ checks: { ...http, startHealthy: true, intervalMs: 60_000 } });
    expect(balancer.stateOf("b0")).toBe("healthy");
    answered(await ask());
  });

  test("checks may begin with a PROXY header", async () => {
    const { balancer, first } = await open({
      balancer: { kind: "nlb" },
      checks: { ...http, preamble: encodeProxyV2("local") },
      backend: { expectProxy: true },
    });
    await balancer.untilState("b0", "healthy");
    expect(first.seen[0]?.proxy).toEqual({ version: 2, command: "local" });
  });
});

describe("deregistration", () => {
  test("sends no new connections immediately, and waits for the existing ones", async () => {
    const { ask, balancer, to, backends } = await open({ backends: 2 });
    const socket = await connectTo(to);
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await once(socket, "data");
    const drained = balancer.deregister("b0");
    expect(balancer.stateOf("b0")).toBe("draining");
    for (let n = 0; n < 3; n++) answered(await ask());
    expect(backends.map(({ counts }) => counts.requests)).toEqual([1, 3]);
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await once(socket, "data");
    socket.end();
    await drained;
    expect(balancer.stateOf("b0")).toBe("unused");
  });

  test("closes remaining connections after the drain time", async () => {
    const { balancer, to } = await open({ balancer: { drainMs: 20 } });
    const socket = await connectTo(to);
    socket.write("GET / HTTP/1.1\r\n\r\n");
    await once(socket, "data");
    const ended = once(socket, "end");
    await balancer.deregister("b0");
    await ended;
    socket.destroy();
  });

  test("of a target without connections ends immediately", async () => {
    const { balancer } = await open();
    await balancer.deregister("b0");
    expect(balancer.stateOf("b0")).toBe("unused");
  });
});

test("closing it closes every connection immediately", async () => {
  const { balancer, to, first } = await open();
  const socket = await connectTo(to);
  socket.write("GET / HTTP/1.1\r\n\r\n");
  await once(socket, "data");
  const ended = once(socket, "close");
  socket.resume().on("end", () => socket.destroy());
  await balancer.close();
  await ended;
  expect(balancer.connectionsTo("b0").open).toBe(0);
  expect(first.counts.requests).toBe(1);
});
