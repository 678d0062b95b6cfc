// A single thread of HAProxy loses no log line, even if the system interrupts it while it writes one. Needs a C compiler.
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { HaproxyProcess } from "../../src/haproxy/process.ts";
import { queryRuntime } from "../../src/haproxy/runtime-api.ts";
import { findAllHaproxies } from "./all-haproxies.ts";
import { answering, temporaryFolder, writeConfig } from "./fixtures/configs.ts";

const REQUESTS = 200;

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  test.each([
    { what: "one thread logs every request", singleThread: true, config: answering("x") },
    {
      what: "two threads drop lines",
      singleThread: false,
      config: answering("x").replace("global\n", "global\n  nbthread 2\n"),
    },
  ])("$what", async ({ singleThread, config }) => {
    const folder = await temporaryFolder();
    const configFile = await writeConfig(folder, config);
    const library = join(folder, "slow-writev.so");
    const source = join(import.meta.dirname, "fixtures/slow-writev.c");
    execFileSync("cc", ["-shared", "-fPIC", "-o", library, source, "-ldl"]);
    let lines = 0;
    const running = await HaproxyProcess.start({
      haproxy,
      cwd: folder,
      configFile,
      singleThread,
      env: { ...process.env, LD_PRELOAD: library },
      onLog: (line) => {
        if (line === "200 /") lines += 1;
      },
    });
    for (let sent = 0; sent < REQUESTS; sent += 1) {
      const socketPath = join(folder, "front.sock");
      const [response] = await once(request({ socketPath, agent: false }).end(), "response");
      await text(response);
    }
    const info = await queryRuntime(join(folder, "stats.sock"), "show info");
    await running.stop({ graceful: true });
    const dropped = Number(/DroppedLogs: (\d+)/.exec(info)?.[1]);
    if (singleThread) expect({ lines, dropped }).toEqual({ lines: REQUESTS, dropped: 0 });
    else expect(lines).toBeLessThan(REQUESTS);
  });
});
