// Setup: its decisions, and no output when there is nothing to do.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { findExecutable, isAtLeast, oldestNode, planHaproxyInstall } from "../../scripts/setup.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const packageJson = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

async function folderWith(...tools: string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "portico-setup-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const tool of tools) await writeFile(join(folder, tool), "#!/bin/sh\n", { mode: 0o755 });
  return folder;
}

test("prints nothing and succeeds where everything is installed", () => {
  const result = spawnSync(process.execPath, ["scripts/setup.mjs"], { cwd: root, encoding: "utf8" });
  expect(result).toMatchObject({ status: 0, stdout: "", stderr: "" });
});

test.each([
  ["v18.20.8", false],
  ["v20.20.2", false],
  ["v22.17.1", false],
  ["v22.18.0", true],
  ["v24.0.0", true],
  ["100.1.0", true],
])("Node %s runs the sources: %s", (version, good) => {
  expect(isAtLeast(version, oldestNode)).toBe(good);
});

test("the Node that it installs, and the one that the package requires, run the sources", () => {
  expect(isAtLeast(packageJson.config.node, oldestNode)).toBe(true);
  expect(packageJson.engines.node).toBe(`>=${oldestNode.join(".")}`);
});

test("a folder or a file without execute permission is not an executable", async () => {
  const folder = await folderWith("haproxy");
  expect(findExecutable("haproxy", ["", "/nowhere", folder])).toBe(join(folder, "haproxy"));
  await chmod(join(folder, "haproxy"), 0o644);
  expect(findExecutable("haproxy", [folder])).toBeUndefined();
  expect(findExecutable(folder.slice(dirname(folder).length + 1), [dirname(folder)])).toBeUndefined();
});

test.each([
  ["apt-get", "apt-get install -y --no-install-recommends haproxy"],
  ["dnf", "dnf install -y haproxy"],
  ["apk", "apk add haproxy"],
])("with %s: root installs, sudo installs, and without either the command is printed", async (tool, line) => {
  const folders = [await folderWith(tool)];
  const command = line.split(" ");
  const plan = (isRoot: boolean, sudoWithoutPassword: boolean) =>
    planHaproxyInstall({ folders, isRoot, sudoWithoutPassword });
  expect(plan(true, false)).toMatchObject({ type: line, run: { install: command } });
  expect(plan(false, true)).toMatchObject({
    type: `sudo ${line}`,
    run: { install: ["sudo", "-n", ...command] },
  });
  expect(plan(false, false)).toEqual({ type: `sudo ${line}`, run: undefined });
});

test("brew does not need root", async () => {
  const plan = planHaproxyInstall({
    folders: [await folderWith("brew")],
    isRoot: false,
    sudoWithoutPassword: false,
  });
  expect(plan).toMatchObject({
    type: "brew install haproxy",
    run: { install: ["brew", "install", "haproxy"] },
  });
});

test("without a package manager there is no plan", async () => {
  expect(
    planHaproxyInstall({ folders: [await folderWith()], isRoot: true, sudoWithoutPassword: true }),
  ).toBeUndefined();
});

test("the lock file names no host: packages come from npm's configured registry", () => {
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { resolved?: string }>;
  };
  expect(Object.values(packages).flatMap(({ resolved }) => resolved ?? [])).toEqual([]);
});

test("bin/portico finds the checkout through a symbolic link and reports what is missing there", async () => {
  const folder = await folderWith();
  const result = spawnSync(
    "sh",
    ["-c", 'ln -s "$1/bin/portico" portico && exec ./portico --version', "sh", root],
    {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PATH: [dirname(process.execPath), process.env.PATH].join(delimiter) },
    },
  );
  expect(result.stdout).toBe(`${packageJson.version}\n`);
});
