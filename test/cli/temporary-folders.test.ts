// Temporary folders: all are removed however a command ends, and any folder in TMPDIR works.
import { once } from "node:events";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { DESCRIPTION, folderWith, portico, said, start } from "./portico.ts";

const LONG = DESCRIPTION + '  - { get: "http://www.example.com/x", backend: web }\n'.repeat(5_000);

/** A folder with a description, and in it one for temporary folders. */
function workspace(name: string, description = DESCRIPTION) {
  const cwd = folderWith({ "portico.yaml": description });
  const scratch = join(cwd, name);
  mkdirSync(scratch);
  return { cwd, scratch, env: { TMPDIR: scratch }, left: () => readdirSync(scratch) };
}

describe("no temporary folder is left", () => {
  test.each(["SIGKILL", "SIGTERM"] as const)("after %s in the middle of a test", async (signal) => {
    const { cwd, env, left } = workspace("tmp", LONG);
    const child = start(["test"], { cwd, env });
    await said(child.stdout, /(✓.*\n){5}/);
    expect(left()).not.toEqual([]);
    child.kill(signal);
    child.stdout.resume();
    await once(child, "close");
    // The kernel notifies the process that removes them after the command has ended.
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 20_000 });
  });

  test.each([
    ["check", "portico.yaml", "--json"],
    ["test", "--json"],
    ["explain", "GET", "http://www.example.com/"],
    ["diff", "portico.yaml", "portico.yaml"],
    ["plan"],
  ])("after %s, read by `head -n 1`", async (...args) => {
    const { cwd, env, left } = workspace("tmp");
    const { stdout } = await portico(args, { cwd, env, through: '"$@" | head -n 1' });
    expect(stdout).not.toBe("");
    await vi.waitFor(() => expect(left()).toEqual([]), { timeout: 20_000 });
  });
});

test.each([
  ["longer than the path of a UNIX socket", "x".repeat(150)],
  ["with $ and ,", "a$HOME,b"],
  ["with blanks and quotes", `it's a "folder"`],
  ["with : and @", "fd@3:a"],
  ["beyond ASCII", "täglich-日"],
  ["with a line break", "a\nb"],
])("TMPDIR %s", async (_, name) => {
  const { cwd, env, left } = workspace(name);
  expect(await portico(["test"], { cwd, env })).toMatchObject({ status: 0, stderr: "" });
  expect(left()).toEqual([]);
});

test("TMPDIR that is relative, or a link", async () => {
  const { cwd, scratch, left } = workspace("tmp");
  symlinkSync(scratch, join(cwd, "link"));
  for (const TMPDIR of ["tmp", "./link", join(cwd, "link")]) {
    expect(await portico(["test"], { cwd, env: { TMPDIR } })).toMatchObject({ status: 0, stderr: "" });
    expect(left()).toEqual([]);
  }
});

test("TMPDIR that is missing, or a file: one line, for every command that needs one", async () => {
  const { cwd } = workspace("tmp");
  writeFileSync(join(cwd, "file"), "");
  for (const [TMPDIR, reason] of [
    ["/nowhere/tmp", "there is no such file or folder"],
    [join(cwd, "file"), "it is not a folder"],
  ] as const)
    for (const args of [["check"], ["test"]]) {
      const { status, stderr } = await portico(args, { cwd, env: { TMPDIR } });
      expect(stderr).toMatch(/^portico: no temporary folder can be made in ".*" \(.*\): set TMPDIR .*\n$/);
      expect(stderr).toContain(reason);
      expect(status).toBe(2);
    }
});
