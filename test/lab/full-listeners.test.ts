// Full listeners: the limits leave a reserve for probes and the load balancer's check, and metrics show it.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { type Lab, openLabOf } from "../../src/lab/lab.ts";
import { RESERVED } from "../../src/plan/limits.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { planned } from "../model/planned.ts";

const MOST = 200;
const plan = planned({
  public: {
    loadBalancer: { kind: "aws-nlb", sources: ["10.0.0.0/16"], proxyProtocol: "none" },
    tls: { terminatedAt: "loadBalancer" },
  },
  internal: {},
  limits: { maxConnections: MOST },
  sites: [{ host: "a.test", routes: [{ to: "app" }] }],
});
const { listeners, limits, loadBalancer, health, stats } = plan;

test("the limits of listeners plus the reserve equal HAProxy's limit", () => {
  const sum = limits.byListener.reduce((total, { value }) => total + value, 0);
  expect(limits.byListener.map(({ listener }) => listener)).toEqual(listeners.map(({ name }) => name));
  expect(sum).toBeLessThanOrEqual(MOST);
  expect(limits.allConnections.value).toBe(MOST + 100);
});

test.each([10, 11, 13, 1_000_000])("limits of %i are shared without a listener at 0", (maxConnections) => {
  const { byListener } = planned({
    public: { tls: { terminatedAt: "loadBalancer" } },
    internal: {},
    limits: { maxConnections },
    sites: [{ host: "a.test", routes: [{ to: "app" }] }],
  }).limits;
  expect(Math.min(...byListener.map(({ value }) => value))).toBeGreaterThan(0);
  expect(byListener.reduce((total, { value }) => total + value, 0)).toBeLessThanOrEqual(maxConnections);
});

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("every listener and the stats page are full, and probes and checks are answered", async () => {
    const lab = await openLabOf(plan, { haproxy });
    const held: Socket[] = [];
    try {
      for (const { name, port } of listeners) {
        const { value = 0 } = limits.byListener.find(({ listener }) => listener === name) ?? {};
        held.push(...(await hold(lab, port.value, value)));
      }
      held.push(...(await hold(lab, stats?.port.value ?? 0, RESERVED.stats)));
      expect(await get(lab, health.port.value, "/ready")).toMatch(/^HTTP\/1.1 200 /);
      expect(await get(lab, loadBalancer.healthCheck.http?.port.value ?? 0, "/ready")).toMatch(
        /^HTTP\/1.1 200 /,
      );
      // The system completes a connection before HAProxy accepts it.
      await expect
        .poll(() => sessionsOf(lab, ["public-http", "public-https", "internal-http", "stats"]))
        .toEqual([...limits.byListener.map(({ value }) => value), RESERVED.stats]);
    } finally {
      for (const socket of held) socket.destroy();
      await lab.close();
    }
  });
});

/** More connections than a port accepts: those above its limit wait in its backlog, which is as long (manual section 4.2, backlog). */
async function hold(lab: Lab, port: number, limit: number): Promise<readonly Socket[]> {
  const { host, port: at } = lab.places.bind(port);
  const sockets = Array.from({ length: limit + 1 }, () => connect({ host, port: at }).on("error", () => {}));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  return sockets;
}

/** Current sessions of each frontend, as the metrics show them. */
async function sessionsOf(lab: Lab, frontends: readonly string[]): Promise<readonly number[]> {
  const metrics = await get(lab, health.port.value, "/metrics");
  return frontends.map((name) =>
    Number(
      metrics.match(new RegExp(`^haproxy_frontend_current_sessions\\{proxy="${name}"\\} (\\d+)`, "m"))?.[1],
    ),
  );
}

async function get(lab: Lab, port: number, path: string): Promise<string> {
  const { host, port: at } = lab.places.bind(port);
  const socket = connect({ host, port: at });
  socket.write(`GET ${path} HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n`);
  let text = "";
  for await (const chunk of socket) text += String(chunk);
  return text;
}
