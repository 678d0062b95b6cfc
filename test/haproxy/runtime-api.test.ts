// The Runtime API of a real HAProxy, on every version at hand.
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { HaproxyProcess } from "../../src/haproxy/process.ts";
import { queryRuntime } from "../../src/haproxy/runtime-api.ts";
import { findAllHaproxies } from "./all-haproxies.ts";
import { answering, temporaryFolder, writeConfig } from "./fixtures/configs.ts";
import { showInfo, showStat } from "./runtime-statistics.ts";

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  async function startWithStats(): Promise<string> {
    const cwd = await temporaryFolder();
    const back = "backend back\n  server first 127.0.0.1:1 disabled\n";
    const configFile = await writeConfig(cwd, answering("x") + back);
    const running = await HaproxyProcess.start({ haproxy, configFile, cwd });
    onTestFinished(async () => {
      await running.stop();
    });
    return join(cwd, "stats.sock");
  }

  test("show info", async () => {
    const info = await showInfo(await startWithStats());
    expect(info.version).toContain(haproxy.version);
    expect(info.fields.get("Name")).toBe("HAProxy");
    const { pid, uptimeS, maxConnections, currentConnections, connections, requests, droppedLogs } = info;
    expect({ uptimeS, currentConnections, requests, droppedLogs }).toEqual({
      uptimeS: expect.toSatisfy((seconds: number) => seconds >= 0),
      currentConnections: expect.toSatisfy((count: number) => count >= 0),
      requests: expect.toSatisfy((count: number) => count >= 0),
      droppedLogs: 0,
    });
    expect(Math.min(pid, maxConnections, connections + 1)).toBeGreaterThan(0);
  });

  test("show stat", async () => {
    const socket = await startWithStats();
    const lines = (await showStat(socket)).filter(({ proxy }) => ["front", "back"].includes(proxy));
    expect(lines.map(({ proxy, name, status, sessions }) => ({ proxy, name, status, sessions }))).toEqual([
      { proxy: "front", name: "FRONTEND", status: "OPEN", sessions: 0 },
      { proxy: "back", name: "first", status: "MAINT", sessions: 0 },
      { proxy: "back", name: "BACKEND", status: "DOWN", sessions: 0 },
    ]);
    expect(lines[1]?.fields.get("addr")).toBe("127.0.0.1:1");
  });

  test("a command changes the running HAProxy; an unknown one returns text", async () => {
    const socket = await startWithStats();
    expect((await queryRuntime(socket, "set server back/first state ready")).trim()).toBe("");
    const server = (await showStat(socket)).find(({ name }) => name === "first");
    expect(server?.status).toBe("no check");
    expect(await queryRuntime(socket, "no such thing")).toMatch(/^Unknown command/);
  });
});

test("a missing socket is an external failure", async () => {
  await expect(queryRuntime("/nowhere/stats.sock", "show info")).rejects.toThrow("ENOENT");
});
