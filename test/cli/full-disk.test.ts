// Output that cannot be written: the system's error message on stderr, and exit status 2.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

/** A device that is always full (full(4)); the size of other files is limited by the shell. */
const STDOUT_FULL = 'exec "$@" >/dev/full';
const STDERR_FULL = 'exec "$@" 2>/dev/full';
/** 100 blocks: of 512 bytes, or of 1,024 where /bin/sh is bash. */
const SMALL_FILES = 'ulimit -f 100; exec "$@"';
const SYSTEM = /^portico: standard output cannot be written: its file system is full\n$/;

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

describe("files that do not fit", () => {
  test("render: nothing is replaced", async () => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION });
    expect(await portico(["render"], { cwd })).toMatchObject({ status: 0 });
    const before = contentsOf(cwd);
    // The map of hosts is written first, and fits; the map of paths does not.
    const paths = Array.from(
      { length: 1500 },
      (_, index) => `      - { path: /${"v".repeat(100)}${index}, to: api }\n`,
    ).join("");
    const longer = DESCRIPTION.replace("      - { to: web }", `${paths}      - { to: web }`);
    writeFileSync(join(cwd, "portico.yaml"), longer.replaceAll("www.", "shop."));
    const { status, stderr } = await portico(["render"], { cwd, through: SMALL_FILES });
    expect(stderr).toMatch(
      /^nothing was written: \S+\/out\/haproxy\/paths\.map: it would be larger than a file may be here .*\n {2}out\/haproxy\/hosts.map\n/m,
    );
    expect(status).toBe(2);
    expect(contentsOf(cwd)).toEqual(before);
  });

  test("check --fix: nothing is replaced", async () => {
    const text = "defaults\n  mode http\nfrontend f\n  bind :80";
    const cwd = folderWith({
      "out/a/haproxy.cfg": text,
      "out/b/haproxy.cfg": `${"# a long comment\n".repeat(10_000)}${text}`,
    });
    const before = contentsOf(cwd);
    const { status, stderr } = await portico(["check", "--layers", "out", "--fix"], {
      cwd,
      through: SMALL_FILES,
    });
    expect(stderr).toMatch(
      /^nothing was fixed: \S+\/out\/b\/haproxy\.cfg: it would be larger than a file may be here \(`ulimit -f`, or a limit of the file system\)\n$/,
    );
    expect(status).toBe(2);
    expect(contentsOf(cwd)).toEqual(before);
  });

  test("init: no partial file is left", async () => {
    const cwd = folderWith({});
    const { status, stderr } = await portico(["init", "edge"], { cwd, through: 'ulimit -f 0; exec "$@"' });
    expect(stderr).toMatch(/^portico: \S+\/edge\/portico\.yaml: it would be larger than a file may be here /);
    expect(status).toBe(2);
    expect(readdirSync(join(cwd, "edge"))).toEqual([]);
  });
});

/** Every file below `out`, with its content. */
function contentsOf(cwd: string): ReadonlyMap<string, string> {
  const entries = readdirSync(join(cwd, "out"), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return new Map(files.map((file) => [file, readFileSync(file, "utf8")]));
}
