// Starting, reloading and stopping real HAProxies, and reading their logs.

import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { createServer, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { HaproxyFailure, HaproxyProcess, type HaproxyStart } from "../../src/haproxy/process.ts";
import { findAllHaproxies } from "./all-haproxies.ts";
import { answering, temporaryFolder, unknownKeyword, writeConfig } from "./fixtures/configs.ts";

const haproxies = await findAllHaproxies();

async function ask(folder: string, path = "/"): Promise<string> {
  const [response] = await once(
    request({ socketPath: join(folder, "front.sock"), path, agent: false }).end(),
    "response",
  );
  return text(response);
}

async function start(options: Omit<HaproxyStart, "configFile">, config: string) {
  const folder = await temporaryFolder();
  const configFile = await writeConfig(folder, config);
  const running = await HaproxyProcess.start({ cwd: folder, ...options, configFile });
  onTestFinished(async () => {
    await running.stop();
  });
  return { folder, configFile, running };
}

/** Resolves when this many workers have closed their listeners. A reload ends before: the old worker may answer until then. */
function workersStopped(running: HaproxyProcess, count: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = count;
  running.onLog((line) => {
    if (line.includes("Proxy front stopped") && --left === 0) resolve();
  });
  return promise;
}

test("at least one HAProxy is installed", () => {
  expect(haproxies).not.toEqual([]);
});

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  test("serves after its start", async () => {
    const { folder, running } = await start({ haproxy }, answering("hello"));
    expect(await ask(folder)).toBe("hello");
    expect(running.startedInMs).toBeGreaterThan(0);
    expect(() => process.kill(running.pid, 0)).not.toThrow();
  });

  test("provides its environment to the configuration", async () => {
    const env = { ...process.env, BODY: "from outside" };
    const { folder } = await start({ haproxy, env }, answering('"$BODY"'.slice(1, -1)));
    expect(await ask(folder)).toBe("from outside");
  });

  test("forwards every log line from the first one on", async () => {
    const lines: string[] = [];
    const bothLogged = Promise.withResolvers<void>();
    const onLog = (line: string) => {
      lines.push(line);
      if (lines.length === 2) bothLogged.resolve();
    };
    const { folder, running } = await start({ haproxy, onLog, singleThread: true }, answering("x"));
    const unheard: string[] = [];
    running.onLog((line) => unheard.push(line))();
    await ask(folder, "/a%20b");
    await ask(folder, "/%0D%E2%80%A8");
    await bothLogged.promise;
    expect(lines).toEqual(["200 /a%20b", "200 /%0D%E2%80%A8"]);
    expect(unheard).toEqual([]);
  });

  test("stops immediately on request", async () => {
    const { folder, running } = await start({ haproxy }, answering("x"));
    const idle = connect(join(folder, "front.sock"));
    await once(idle, "connect");
    // HAProxy may reset it: `once` would throw for that; only the close is tested.
    idle.on("error", () => undefined);
    const closed = new Promise((resolve) => idle.on("close", resolve));
    const exit = await running.stop();
    await closed;
    expect(exit).toMatchObject({ code: 0, signal: null });
    expect(exit.messages.map((message) => message.text).join()).toContain("exited with code 143");
  });

  test("a graceful stop lets an in-flight request finish", async () => {
    const folder = await temporaryFolder();
    const answerNow = Promise.withResolvers<void>();
    const received = Promise.withResolvers<void>();
    const slow = createServer(async (_, response) => {
      received.resolve();
      await answerNow.promise;
      response.end("finished");
    });
    slow.listen(join(folder, "slow.sock"));
    onTestFinished(() => {
      slow.close();
    });
    const config = answering("unused").replace(
      / {2}http-request return.*\n/,
      `  default_backend slow\nbackend slow\n  server s unix@${folder}/slow.sock\n`,
    );
    const started = await start({ haproxy, singleThread: true }, config);
    const answer = ask(started.folder);
    await received.promise;
    // HAProxy itself reports the stop: only then the backend answers.
    const stopping = Promise.withResolvers<void>();
    started.running.onLog((line) => line.includes("stopped") && stopping.resolve());
    const exit = started.running.stop({ graceful: true });
    answerNow.resolve();
    expect(await answer).toBe("finished");
    expect(await exit).toMatchObject({ code: 0, signal: null });
  });

  test("a configuration that does not load is reported with HAProxy's messages", async () => {
    const folder = await temporaryFolder();
    const configFile = await writeConfig(folder, unknownKeyword);
    const failure = await HaproxyProcess.start({ haproxy, configFile, cwd: folder }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(HaproxyFailure);
    const { message, messages } = failure as HaproxyFailure;
    expect(message).toContain(`HAProxy ${haproxy.version} (${haproxy.path}) did not start (exit status 1)`);
    expect(message).toContain(`${configFile}:2: unknown keyword 'bogus' in 'global' section`);
    expect(message).not.toContain("Fatal errors");
    expect(messages).toContainEqual({
      level: "alert",
      file: configFile,
      line: 2,
      text: "unknown keyword 'bogus' in 'global' section",
    });
  });

  test("a port in use is reported", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    onTestFinished(() => {
      taken.close();
    });
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const config = answering("x").replace("unix@front.sock", `127.0.0.1:${port}`);
    await expect(start({ haproxy }, config)).rejects.toThrow(
      `cannot bind socket (Address already in use) for [127.0.0.1:${port}]`,
    );
  });

  test("a reload serves the new configuration; after a failed one the old configuration still serves", async () => {
    const { folder, configFile, running } = await start({ haproxy, singleThread: true }, answering("old"));
    await writeFile(configFile, unknownKeyword);
    const failed = await running.reload();
    expect(failed.ok).toBe(false);
    expect(failed.messages).toContainEqual({
      level: "alert",
      file: configFile,
      line: 2,
      text: "unknown keyword 'bogus' in 'global' section",
    });
    expect(await ask(folder)).toBe("old");
    await writeFile(configFile, answering("new"));
    const stopped = workersStopped(running, 1);
    expect(await running.reload()).toMatchObject({ ok: true });
    await stopped;
    expect(await ask(folder)).toBe("new");
  });

  test("concurrent reloads run one after the other", async () => {
    const { folder, configFile, running } = await start({ haproxy, singleThread: true }, answering("old"));
    await writeFile(configFile, answering("new"));
    const stopped = workersStopped(running, 10);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => running.reload()));
    expect(outcomes.map(({ ok }) => ok)).toEqual(Array.from({ length: 10 }, () => true));
    await stopped;
    expect(await ask(folder)).toBe("new");
  });

  test("a reload of a HAProxy that has exited is refused", async () => {
    const { running } = await start({ haproxy }, answering("x"));
    await running.stop();
    await expect(running.reload()).rejects.toThrow("HAProxy exited during a reload");
  });
});

test("a missing executable or folder is reported immediately", async () => {
  const haproxy = { path: "/nowhere/haproxy", version: "9.9.9" };
  const folder = await temporaryFolder();
  await expect(HaproxyProcess.start({ haproxy, configFile: "x", cwd: folder })).rejects.toThrow(
    "/nowhere/haproxy",
  );
  await rm(folder, { recursive: true });
  await expect(HaproxyProcess.start({ haproxy, configFile: "x", cwd: folder })).rejects.toThrow(
    "did not start",
  );
});
