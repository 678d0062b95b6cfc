// Commands that are interrupted, or whose HAProxy exits: they report it, and leave no process and no file behind.
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { DESCRIPTION, folderWith, portico, said, start, witnessed } from "./portico.ts";

const LONG = DESCRIPTION + '  - { get: "http://www.example.com/x", backend: web }\n'.repeat(5_000);

function playground(description: string) {
  const cwd = folderWith({ "portico.yaml": description });
  const scratch = join(cwd, "tmp");
  mkdirSync(scratch);
  return { cwd, env: { TMPDIR: scratch }, left: () => readdirSync(scratch) };
}

describe.each(await findAllHaproxies())("HAProxy $version", ({ path }) => {
  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s in the middle of a long test", async (signal, status) => {
    const { cwd, env, left } = playground(LONG);
    const haproxy = witnessed(cwd, path);
    const gone = haproxy.gone();
    const child = start(["test", "--haproxy", haproxy.path], { cwd, env });
    const stderr = text(child.stderr);
    await said(child.stdout, /(✓.*\n){5}/);
    child.stdout.resume();
    child.kill(signal);
    expect(await once(child, "close")).toEqual([status, null]);
    await gone;
    expect(left()).toEqual([]);
    expect(await stderr).toBe("");
  });

  test("Ctrl-C while HAProxy starts", async () => {
    const { cwd, env, left } = playground(DESCRIPTION);
    const haproxy = witnessed(cwd, path);
    // The pipe has a reader only from here on: until then HAProxy's start waits for it.
    const child = start(["test", "--haproxy", haproxy.path], { cwd, env });
    const gone = haproxy.gone();
    child.kill("SIGINT");
    const [status] = await once(child, "exit");
    expect(left()).toEqual([]);
    expect([130, null]).toContain(status);
    // If it was not started at all, nothing else would open the pipe.
    writeFileSync(join(cwd, "witness"), "");
    await gone;
  });

  test("Ctrl-C while changes are watched, and a change before it", async () => {
    const { cwd, env, left } = playground(DESCRIPTION);
    const child = start(["test", "--watch", "--haproxy", path], { cwd, env });
    const first = await Promise.all([said(child.stdout, /as expected/), said(child.stderr, /watching .*\n/)]);
    expect(first[0]).toContain("2 of 2 expectations");
    writeFileSync(join(cwd, "portico.yaml"), DESCRIPTION.replace("backend: api", "backend: web"));
    expect(
      (
        await Promise.all([
          said(child.stdout, /expectations as expected/),
          said(child.stderr, /watching .*\n/),
        ])
      )[0],
    ).toMatch(/✗.*1 of 2 expectations/s);
    child.kill("SIGINT");
    expect(await once(child, "exit")).toEqual([130, null]);
    expect(left()).toEqual([]);
  });

  test("HAProxy killed during a test: the report names it", async () => {
    const { cwd, env, left } = playground(LONG);
    const haproxy = witnessed(cwd, path);
    const gone = haproxy.gone();
    const child = start(["test", "--haproxy", haproxy.path], { cwd, env });
    const stderr = text(child.stderr);
    await said(child.stdout, /(✓.*\n){5}/);
    child.stdout.resume();
    process.kill(haproxy.pid(), "SIGKILL");
    expect(await once(child, "close")).toEqual([2, null]);
    await gone;
    expect(await stderr).toMatch(/^portico: HAProxy \d+\.\d+\.\d+ \(.*\) exited unexpectedly \(SIGKILL\)/);
    expect(left()).toEqual([]);
  });

  test("HAProxy that does not start: its messages are printed", async () => {
    const { cwd, env, left } = playground(
      DESCRIPTION.replace("edge: app", "edge: app\nhaproxy: { raw: [no-such-directive 1] }"),
    );
    const { status, stdout, stderr } = await portico(["test", "--haproxy", path], { cwd, env });
    expect(stderr).toMatch(/did not start.*no-such-directive/s);
    expect([status, stdout]).toEqual([2, ""]);
    expect(left()).toEqual([]);
  });
});

test("a reader that closes the pipe early is not a failure", async () => {
  const { cwd } = playground(
    `${DESCRIPTION}${'  - { get: "http://www.example.com/x", backend: web }\n'.repeat(2000)}`,
  );
  const { status, stdout, stderr } = await portico(["plan", "--json"], {
    cwd,
    through: '{ "$@"; echo "exit $?" >&2; } | head -n 1',
  });
  expect(stdout).toBe("{\n");
  expect(stderr).toBe("exit 0\n");
  expect(status).toBe(0);
});
