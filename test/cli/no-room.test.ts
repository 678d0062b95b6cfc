// Output that cannot be written: the system's message on stderr, and exit status 2.
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

/** A device that is always full (full(4)); what else is written into a file is limited by the shell. */
const STDOUT_FULL = 'exec "$@" >/dev/full';
const STDERR_FULL = 'exec "$@" 2>/dev/full';
const SYSTEM = /^portico: standard output cannot be written: ENOSPC: no space left on device, write\n$/;

describe("standard output is full", () => {
  test.each([
    [["--version"]],
    [["plan", "--help"]],
    [["plan"]],
    [["test"]],
    [["explain", "GET", "http://www.example.com/"]],
    [["diff", "portico.yaml", "portico.yaml"]],
  ])("%j", async (args) => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION });
    mkdirSync(join(cwd, "tmp"));
    const { status, stdout, stderr } = await portico(args, {
      cwd,
      through: STDOUT_FULL,
      env: { TMPDIR: join(cwd, "tmp") },
    });
    expect(stderr).toMatch(SYSTEM);
    expect([status, stdout]).toEqual([2, ""]);
    expect(readdirSync(join(cwd, "tmp"))).toEqual([]);
  });
});

test("standard error is full: only the exit status shows it", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION.replace("to: web", "to: wbe") });
  expect(await portico(["plan"], { cwd, through: STDERR_FULL })).toMatchObject({ status: 2, stdout: "" });
  const edited = folderWith({ "portico.yaml": DESCRIPTION, "out/haproxy/haproxy.cfg": "by hand\n" });
  // Status 1 without its message.
  expect(await portico(["render"], { cwd: edited, through: STDERR_FULL })).toMatchObject({ status: 2 });
});

describe("files on a full device", () => {
  test("render: nothing is replaced", async () => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION });
    expect(await portico(["render"], { cwd })).toMatchObject({ status: 0 });
    const rendered = readFileSync(join(cwd, "out/haproxy/paths.map"), "utf8");
    writeFileSync(join(cwd, "portico.yaml"), DESCRIPTION.replaceAll("/api", "/v2"));
    // The last of the layer's files: those before it fit.
    symlinkSync("/dev/full", join(cwd, "out/.portico-rendered.json.portico-new"));
    const { status, stderr } = await portico(["render"], { cwd });
    expect(stderr).toMatch(/^nothing was written: ENOSPC: no space left on device, write\n/);
    expect(status).toBe(2);
    expect(readFileSync(join(cwd, "out/haproxy/paths.map"), "utf8")).toBe(rendered);
  });

  test("check --fix: nothing is replaced", async () => {
    const cwd = folderWith({ "l/haproxy.cfg": "defaults\n  mode http\nfrontend f\n  bind :80" });
    symlinkSync("/dev/full", join(cwd, "l/haproxy.cfg.portico-new"));
    const { status, stderr } = await portico(["check", "--layers", "l", "--fix"], { cwd });
    expect(stderr).toMatch(/ENOSPC: no space left on device, write/);
    expect(status).toBe(2);
  });

  test("init: no partial file is left", async () => {
    const cwd = folderWith({});
    const { status, stderr } = await portico(["init", "edge"], { cwd, through: 'ulimit -f 0; exec "$@"' });
    expect(stderr).toMatch(/^portico: EFBIG: file too large, write\n/);
    expect(status).toBe(2);
    expect(readdirSync(join(cwd, "edge"))).toEqual([]);
  });
});
