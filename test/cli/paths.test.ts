// Paths that name no file or folder: empty values, pipes and devices are refused with the reason.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

describe("an empty value", () => {
  test.each([
    [["render", "-o", ""], "--out"],
    [["render", ""], "description"],
    [["check", "--layers", ""], "--layers"],
    [["test", "--layers", ".", "--expect", ""], "--expect"],
    [["test", "--target", "http://a", "--target", ""], "--target"],
    [["diff", ""], "before"],
    [["init", ""], "dir"],
    [["deploy", "--context", ""], "--context"],
  ])("%j", async (args, name) => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION });
    const { status, stdout, stderr } = await portico(args, { cwd });
    expect(stderr).toMatch(/is empty: give it a value, or leave it out/);
    expect(stderr).toContain(name);
    expect([status, stdout]).toEqual([2, ""]);
    expect(readdirSync(cwd)).toEqual(["portico.yaml"]);
  });

  test("of a request body is accepted", async () => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION });
    const args = ["explain", "POST", "http://www.example.com/", "--data", ""];
    expect(await portico(args, { cwd })).toMatchObject({ status: 0, stderr: "" });
  });
});

describe("a description that is not in a folder", () => {
  const REFUSED =
    /is not a regular file, so there is no `out` folder next to it. Name a folder with --out\.\n$/;

  test.each([
    ["a file as input", '"$@" /dev/stdin < portico.yaml'],
    ["a pipe as input", 'cat portico.yaml | "$@" /dev/stdin'],
    ["a descriptor", '"$@" /dev/fd/3 3< portico.yaml'],
    ["a named pipe", 'mkfifo pipe; cat portico.yaml > pipe & "$@" pipe'],
  ])("render of %s", async (_, through) => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION });
    const { status, stdout, stderr } = await portico(["render"], { cwd, through });
    expect(stderr).toMatch(REFUSED);
    expect([status, stdout]).toEqual([2, ""]);
    expect([existsSync("/dev/out"), existsSync("/dev/fd/out"), existsSync(join(cwd, "out"))]).toEqual([
      false,
      false,
      false,
    ]);
  });

  test("is rendered with --out, and can be planned", async () => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION });
    const through = 'cat portico.yaml | "$@" /dev/stdin';
    expect(await portico(["render", "--out", "there"], { cwd, through })).toMatchObject({ status: 0 });
    expect(existsSync(join(cwd, "there/haproxy/haproxy.cfg"))).toBe(true);
    expect(await portico(["plan"], { cwd, through })).toMatchObject({ status: 0, stderr: "" });
  });

  test("is not watched", async () => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION });
    const through = '"$@" /dev/stdin < portico.yaml';
    const { status, stderr } = await portico(["test", "--watch"], { cwd, through });
    expect(stderr).toBe("portico: --watch needs a regular file, and /dev/stdin is not one.\n");
    expect(status).toBe(2);
  });
});

describe("a pipe or a device in place of a file", () => {
  const made = () => {
    const cwd = folderWith({ "portico.yaml": DESCRIPTION, "out/haproxy/hosts.map": "" });
    execFileSync("mkfifo", [join(cwd, "out/haproxy/haproxy.cfg")]);
    symlinkSync("/dev/zero", join(cwd, "out/haproxy/paths.map"));
    return cwd;
  };

  test("render does not replace it or wait for it", async () => {
    const cwd = made();
    const { status, stderr } = await portico(["render", "--force"], { cwd });
    expect(stderr).toMatch(
      /^nothing was written: .*\n {2}out\/haproxy\/haproxy\.cfg\n {2}out\/haproxy\/paths\.map\n/,
    );
    expect(status).toBe(2);
  });

  test("render --verify reports it", async () => {
    const { status, stderr } = await portico(["render", "--verify"], { cwd: made() });
    expect(stderr).toContain("out/haproxy/haproxy.cfg: is not a regular file\n");
    expect(stderr).toContain("out/haproxy/paths.map: is not a regular file\n");
    expect(status).toBe(1);
  });

  test("check --layers does not read it, and reports it", async () => {
    const { status, stdout } = await portico(["check", "--layers", "out"], { cwd: made() });
    expect(stdout).toContain("out/haproxy/haproxy.cfg:1:1");
    expect(stdout).toContain("out/haproxy/paths.map:1:1");
    expect(status).toBe(2);
  });
});

test.each([
  ["as the description", ["check", "pipe"]],
  ["as the description of its folder", ["check", "folder"]],
  ["as the expectations", ["test", "--layers", "folder", "--expect", "pipe"]],
])("a named pipe that no program writes to, %s, is refused", async (_, args) => {
  const cwd = folderWith({ "folder/haproxy.cfg": "frontend f\n  bind :80\n" });
  execFileSync("mkfifo", [join(cwd, "pipe"), join(cwd, "folder/portico.yaml")]);
  const { status, stdout, stderr } = await portico(args, { cwd });
  expect(stdout + stderr).toContain("is a pipe that no program writes to");
  expect(status).toBe(2);
});

test.each(["/dev/null", "portico.yaml", "pipe"])("render --out %s: it is not a folder", async (out) => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION });
  execFileSync("mkfifo", [join(cwd, "pipe")]);
  const { status, stderr } = await portico(["render", "--out", out], { cwd });
  expect(stderr).toMatch(/^nothing was written: \S*(null|portico.yaml|pipe): it is not a folder\nMake room/);
  expect(status).toBe(2);
});

test.each(["portico.yaml", "portico.yaml/below"])("init %s: it is not a folder", async (dir) => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION });
  const { status, stderr } = await portico(["init", dir], { cwd });
  expect(stderr).toMatch(/^portico: \S*\/portico\.yaml: it is not a folder\n$/);
  expect(status).toBe(2);
});
