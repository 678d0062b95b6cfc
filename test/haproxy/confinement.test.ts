// What an untrusted configuration can do while HAProxy reads it, with each sandboxing program and without any.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { confinementGaps } from "../../src/haproxy/confinement.ts";
import { HaproxyFailure, HaproxyProcess } from "../../src/haproxy/process.ts";
import { validateConfig } from "../../src/haproxy/validate.ts";
import { findAllHaproxies } from "./all-haproxies.ts";
import { answering, temporaryFolder, writeConfig } from "./fixtures/configs.ts";

const haproxies = await findAllHaproxies();
const realPath = process.env.PATH ?? "";
const folder = mkdtempSync(join(tmpdir(), "portico-path-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  process.env.PATH = realPath;
});

/** A PATH with only these programs, if the machine has them. */
function pathWith(...programs: readonly string[]): string {
  const bin = join(folder, programs.join("-") || "none");
  if (existsSync(bin)) return bin;
  mkdirSync(bin);
  for (const program of programs) {
    const found = realPath
      .split(delimiter)
      .map((place) => join(place, program))
      .find(existsSync);
    if (found !== undefined) symlinkSync(found, join(bin, program));
  }
  return bin;
}

/** Programs that always fail, as `unshare` and `bwrap` do where namespaces are forbidden. */
function pathWithFailing(...programs: readonly string[]): string {
  const bin = join(folder, "failing");
  mkdirSync(bin, { recursive: true });
  for (const program of programs)
    writeFileSync(join(bin, program), "#!/bin/sh\necho 'Operation not permitted' >&2\nexit 1\n", {
      mode: 0o755,
    });
  return bin;
}

const gapsOf = async (path: string, confinement: "check" | "lab") => {
  process.env.PATH = path;
  return (await confinementGaps(confinement, haproxies[0]?.path ?? "")).join(", ");
};

/** Whether a program works on this machine; the other rows show what happens without it. */
const works = (program: string, ...args: readonly string[]) => {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
};
const user = process.getuid?.() === 0 ? [] : ["--user"];
const hasUnshare = works("unshare", ...user, "--net", "true");
const hasBwrap = works("bwrap", "--ro-bind", "/", "/", "--unshare-net", "true");
const hasSetpriv = works("setpriv", "--no-new-privs", "true");

describe("missing features are named", () => {
  test("without any program, or with programs that fail", async () => {
    const all = /^a private view of the file system .*a network namespace .*no_new_privs/;
    expect(await gapsOf(pathWith(), "check")).toMatch(all);
    expect(await gapsOf(pathWithFailing("bwrap", "unshare", "setpriv"), "check")).toMatch(all);
    expect(await gapsOf(pathWith(), "lab")).toMatch(/^a private view of the file system .*, no_new_privs/);
  });

  test("with unshare, setpriv and bwrap, if they work on this machine", async () => {
    const network = /network namespace/;
    const privileges = /no_new_privs/;
    expect(network.test(await gapsOf(pathWith("unshare"), "check"))).toBe(!hasUnshare);
    expect(privileges.test(await gapsOf(pathWith("setpriv"), "check"))).toBe(!hasSetpriv);
    expect((await gapsOf(pathWith("bwrap"), "check")) === "").toBe(hasBwrap);
  });
});

const TOO_LARGE: readonly (readonly [name: string, global: string, backend: string])[] = [
  ["servers", "", "server-template s 1-2000000 127.0.0.1:80"],
  ["a ring", "", "server s 127.0.0.1:80\nring r\n  size 2000000000"],
];

function large(global: string, backend: string): string {
  return `global
  ${global}
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend front
  bind unix@front.sock
  default_backend back
backend back
  ${backend}
`;
}

describe.each(haproxies)("HAProxy $version", (haproxy) => {
  test.each(TOO_LARGE)("%s for more memory than the limit: no verdict", async (_, global, backend) => {
    const cwd = await temporaryFolder();
    const file = await writeConfig(cwd, large(global, backend));
    const { ok, limit } = await validateConfig(haproxy, file, { cwd });
    expect(ok).toBe(false);
    expect(limit).toMatch(/more than/);
  });

  test("64 threads, many connections and large tables are within the limits", async () => {
    const cwd = await temporaryFolder();
    const global = "nbthread 64\n  maxconn 2000000000\n  tune.ssl.cachesize 1000000";
    const text = large(global, "stick-table type ip size 100m\n  server s 127.0.0.1:80");
    const file = await writeConfig(cwd, text);
    expect(await validateConfig(haproxy, file, { cwd })).toMatchObject({ ok: true });
    const few = await writeConfig(cwd, `global\n  nbthread 64\n${answering("x").replace("global\n", "")}`);
    const running = await HaproxyProcess.start({ haproxy, configFile: few, cwd });
    expect(await running.stop()).toMatchObject({ code: 0 });
  });

  test("a lab that needs more does not start, and its message names the limit", async () => {
    const cwd = await temporaryFolder();
    const configFile = await writeConfig(cwd, large("", "server-template s 1-2000000 127.0.0.1:80"));
    const failure = await HaproxyProcess.start({ haproxy, configFile, cwd }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HaproxyFailure);
    expect((failure as HaproxyFailure).message).toMatch(/reached a limit of Portico .*: it .*more than .*$/);
  });
});

describe.each(haproxies)("access of HAProxy $version", (haproxy) => {
  test("no network while it reads a file, where the machine has namespaces", async () => {
    const cwd = await temporaryFolder();
    const text = answering("x").replace("frontend", "resolvers r\n  nameserver n 192.0.2.1:53\nfrontend");
    const file = await writeConfig(cwd, text);
    const { ok, warnings, output } = await validateConfig(haproxy, file, { cwd });
    expect({ ok, warnings }).toEqual({ ok: true, warnings: [] });
    if (hasUnshare || hasBwrap) expect(output).toContain("can't connect socket for nameserver");
  });

  test("other files: with bwrap not read or written; the same file works without bwrap", async () => {
    const [cwd, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    writeFileSync(join(elsewhere, "list"), "a\n");
    const reading = answering("x").replace(
      "  http-request",
      `  acl a path -f ${elsewhere}/list\n  http-request`,
    );
    const readable = await validateConfig(haproxy, await writeConfig(cwd, reading), { cwd });
    expect(readable.ok).toBe(!hasBwrap);
    const pidFile = join(elsewhere, "pid");
    const writing = await writeConfig(
      cwd,
      answering("x").replace("global\n", `global\n  pidfile ${pidFile}\n`),
    );
    const running = await HaproxyProcess.start({ haproxy, configFile: writing, cwd }).catch(() => undefined);
    expect(existsSync(pidFile)).toBe(!hasBwrap);
    await running?.stop();
  });

  test("`none` does not confine HAProxy", async () => {
    const cwd = await temporaryFolder();
    const file = await writeConfig(
      cwd,
      large("", "server-template s 1-20 127.0.0.1:80\nring r\n  size 2000000000"),
    );
    expect((await validateConfig(haproxy, file, { cwd, confinement: "none" })).limit).toBeUndefined();
    expect((await validateConfig(haproxy, file, { cwd })).limit).toBeDefined();
  });
});
