// Health checks of TLS servers that refuse a handshake without a server name: each HAProxy sends the name that requests send.
import { describe, expect, onTestFinished, test } from "vitest";
import { emitHaproxy } from "../../../src/emit/haproxy/emit-haproxy.ts";
import { type Lab, openLabOf } from "../../../src/lab/lab.ts";
import { chosen } from "../../../src/plan/described.ts";
import type { Plan } from "../../../src/plan/plan.ts";
import { planEdge } from "../../../src/plan/plan-edge.ts";
import { findAllHaproxies } from "../../haproxy/all-haproxies.ts";

/** By backend: the path that is routed to it, and the name that its checks send. */
const EXPECTED: Readonly<Record<string, { readonly path: string; readonly name: string }>> = {
  named: { path: "/", name: "app.example.com" },
  addressed: { path: "/addressed", name: "app.example.com" },
  service: { path: "/service", name: "app.example.com" },
  rewritten: { path: "/rewritten", name: "origin.example.net" },
  fixed: { path: "/fixed", name: "fixed.example.net" },
  hosted: { path: "/hosted", name: "hosted.example.net" },
  proxied: { path: "/proxied", name: "app.example.com" },
};

const EDGE = {
  edge: "app",
  public: { loadBalancer: "none" },
  sites: [
    {
      host: ["*.example.com", "app.example.com"],
      routes: [
        { to: "named" },
        { path: "/addressed", to: "addressed" },
        { path: "/service", to: "service" },
        { path: "/rewritten", to: "rewritten", rewrite: { host: "Origin.example.net" } },
        { path: "/fixed", to: "fixed" },
        { path: "/hosted", to: "hosted" },
        { path: "/proxied", to: "proxied" },
      ],
    },
  ],
  backends: {
    named: { servers: ["origin.example.net:443"], tls: true },
    addressed: { servers: ["10.0.0.7:443"], tls: {} },
    service: { service: "app", port: 443, tls: true, health: { path: "/health" } },
    rewritten: { servers: ["10.0.0.8:443"], tls: true, health: { path: "/health" } },
    fixed: { servers: ["10.0.0.9:443"], tls: { sni: "fixed.example.net", ca: { secret: "partner" } } },
    hosted: { servers: ["10.0.1.0:443"], tls: true, health: { path: "/health", host: "hosted.example.net" } },
    proxied: { servers: ["10.0.1.1:443"], tls: { verify: false }, proxyProtocol: "v2" },
  },
} as const;

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test("servers that require SNI recover, and answer requests", async () => {
    const lines: string[] = [];
    const waiting = new Set<() => void>();
    const lab = await openLabOf(impatient(planned(EDGE)), {
      haproxy,
      onLog: (line) => {
        lines.push(line);
        for (const look of waiting) look();
      },
    });
    onTestFinished(() => lab.close());
    const said = (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (lines.some((line) => pattern.test(line))) resolve();
        };
        waiting.add(look);
        look();
      });

    await Promise.all(
      Object.entries(EXPECTED).map(async ([name, { path }]) => {
        const server = serverOf(lab, name);
        await server.goDown();
        await said(new RegExp(`Server ${name}/\\S+ is DOWN`));
        server.requireSni(true);
        await server.restart();
        await said(new RegExp(`Server ${name}/\\S+ is UP`));
        const answer = await lab.request(`http://app.example.com${path}`);
        expect([name, answer.status, answer.backend]).toEqual([name, 200, name]);
      }),
    );
  });
});

test("each server line has the name that requests send, or that the health check has as its Host", () => {
  expect(namesIn(planned(EDGE))).toEqual(
    Object.fromEntries(Object.entries(EXPECTED).map(([backend, { name }]) => [backend, name])),
  );
});

test("with requests for any Host: the server's own name, or none", () => {
  const plan = planned({
    edge: "app",
    sites: [{ host: "*", routes: [{ to: "named" }, { path: "/x", to: "addressed" }] }],
    backends: {
      named: { servers: ["10.0.0.7:443", "origin.example.net:443"], tls: true },
      addressed: { servers: ["10.0.0.8:443"], tls: true },
    },
  });
  expect(namesIn(plan)).toEqual({ named: "origin.example.net" });
});

test("a public Host is preferred to an internal one; none without checks", () => {
  const plan = planned({
    edge: "app",
    public: {},
    internal: {},
    sites: [
      {
        host: "app.internal",
        through: ["internal"],
        routes: [{ to: "web" }, { path: "/x", to: "unchecked" }],
      },
      { host: "app.example.com", routes: [{ to: "web", retries: 5 }] },
    ],
    backends: {
      web: { servers: ["10.0.0.7:443"], tls: true },
      unchecked: { servers: ["10.0.0.8:443"], tls: true, health: false },
    },
  });
  expect(namesIn(plan)).toEqual({ web: "app.example.com" });
});

type EdgeOf = Parameters<typeof planEdge>[0];

function planned(edge: unknown): Plan {
  const { value, findings } = planEdge(edge as EdgeOf);
  if (value === undefined) throw new Error(JSON.stringify(findings));
  return value;
}

/** Checks every 300 ms instead of every 2 s; the interval limits how long a connection may take too (manual section 4.2, timeout check). */
function impatient(plan: Plan): Plan {
  const intervalMs = chosen(300, "for the test");
  return {
    ...plan,
    backends: plan.backends.map((backend) => ({
      ...backend,
      health: backend.health.kind === "none" ? backend.health : { ...backend.health, intervalMs },
    })),
  };
}

function serverOf(lab: Lab, name: string) {
  const [server] = lab.backends(name);
  if (server === undefined) throw new Error(`no backend ${name}`);
  return server;
}

/** `check-sni` by backend, as haproxy.cfg has it; variants of a backend are left out. */
function namesIn(plan: Plan): Readonly<Record<string, string>> {
  const config = emitHaproxy(plan).find(({ path }) => path.endsWith("haproxy.cfg"))?.content ?? "";
  return Object.fromEntries(
    [...config.matchAll(/^ +server (\w+?)(?:-\d+)? .*? check .*check-sni (\S+)/gm)].map(
      ([, server, name]) => [server === "app" ? "service" : server, name],
    ),
  );
}
