// However Portico's process exits, its HAProxy exits too, which a pipe shows that only HAProxy's processes hold.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { HaproxyProcess } from "../../src/haproxy/process.ts";
import { findAllHaproxies } from "./all-haproxies.ts";
import { answering, temporaryFolder, writeConfig } from "./fixtures/configs.ts";

const haproxies = await findAllHaproxies();
const holder = fileURLToPath(new URL("fixtures/hold.ts", import.meta.url));

/** A script that runs the real HAProxy with a named pipe as stdout: `gone` resolves when the last process that holds it has ended. */
async function witnessed(
  folder: string,
  haproxyPath: string,
): Promise<{ path: string; gone: Promise<string> }> {
  const pipe = join(folder, "witness");
  execFileSync("mkfifo", [pipe]);
  const path = join(folder, "haproxy");
  await writeFile(path, `#!/bin/sh\nexec '${haproxyPath}' "$@" >'${pipe}'\n`);
  await chmod(path, 0o755);
  const gone = open(pipe, "r").then((file) => text(file.createReadStream()));
  return { path, gone };
}

async function hold(haproxyPath: string) {
  const folder = await temporaryFolder();
  const configFile = await writeConfig(folder, answering("held"));
  const { path, gone } = await witnessed(folder, haproxyPath);
  const child = spawn(process.execPath, [holder, path, configFile], {
    cwd: folder,
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  expect(String(await once(child.stdout, "data"))).toBe("ready\n");
  return { child, gone };
}

describe.each(haproxies)("HAProxy $version", ({ path, version }) => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL"] as const)(
    "exits when Node gets %s",
    async (signal) => {
      const { child, gone } = await hold(path);
      child.kill(signal);
      expect(await once(child, "exit")).toEqual([null, signal]);
      await gone;
    },
  );

  test("exits when Node crashes with an exception", async () => {
    const { child, gone } = await hold(path);
    child.stdin.write("throw\n");
    expect(await once(child, "exit")).toEqual([1, null]);
    await gone;
  });

  test("its workers exit when the master is killed, and Portico is notified", async () => {
    const folder = await temporaryFolder();
    const configFile = await writeConfig(folder, answering("killed"));
    const witness = await witnessed(folder, path);
    const running = await HaproxyProcess.start({
      haproxy: { path: witness.path, version },
      configFile,
      cwd: folder,
    });
    process.kill(running.pid, "SIGKILL");
    expect(await running.exited).toMatchObject({ code: null, signal: "SIGKILL" });
    await witness.gone;
  });
});
