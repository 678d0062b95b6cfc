// HAProxy's metrics, in the format of a real HAProxy's exporter.
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readMetrics } from "../../src/cluster/metrics.ts";
import { HaproxyProcess } from "../../src/haproxy/process.ts";
import { claimNetwork } from "../../src/lab/network.ts";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";

const haproxies = await findAllHaproxies();

test.each(haproxies.map((haproxy) => [haproxy.version, haproxy] as const))(
  "HAProxy %s: its version, and servers that are up, down and not checked",
  async (version, haproxy) => {
    const network = await claimNetwork();
    const folder = mkdtempSync(join(tmpdir(), "portico-metrics-"));
    const server = createServer((_request, response) => response.end("ok"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const [bind, nowhere] = [await network.listenAt(1), await network.listenAt(2)];
    writeFileSync(
      join(folder, "haproxy.cfg"),
      `defaults
  mode http
  timeout connect 100ms
  timeout client 1s
  timeout server 1s
frontend figures
  bind ${bind.host}:${bind.port}
  http-request use-service prometheus-exporter if { path /metrics }
  default_backend some
backend some
  server good 127.0.0.1:${port} check inter 50ms
  server bad ${nowhere.host}:${nowhere.port} check inter 50ms fall 1
  server unchecked 127.0.0.1:${port}
  server away 127.0.0.1:${port} disabled
`,
    );
    const running = await HaproxyProcess.start({
      haproxy,
      configFile: join(folder, "haproxy.cfg"),
      cwd: folder,
    });
    try {
      const metrics = async () => {
        const answer = await fetch(`http://${bind.host}:${bind.port}/metrics`, {
          headers: { connection: "close" },
        });
        return readMetrics(await answer.text());
      };
      const stateOf = async (name: string) =>
        (await metrics()).servers.find(({ server: one }) => one === name);
      await expect
        .poll(() => stateOf("bad"), { timeout: 10_000 })
        .toMatchObject({ up: false, state: "DOWN" });
      const { servers, version: said } = await metrics();
      expect(said).toBe(version);
      expect(servers.map(({ backend, server: one, up }) => [backend, one, up])).toEqual([
        ["some", "good", true],
        ["some", "bad", false],
        ["some", "unchecked", true],
        ["some", "away", false],
      ]);
    } finally {
      await running.stop();
      server.close();
      await network.release();
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
