// The package as users get it: packed, installed into an empty folder, run.
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let folder: string;
let packed: readonly string[];

/** npm hands its own settings to what it runs; the inner npm must see a user's environment. Node is the one the tests run on. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
};

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, env, encoding: "utf8" });
  expect({
    command: [command, ...args].join(" "),
    status,
    stderr: status === 0 ? "" : stderr + stdout,
  }).toEqual({
    command: [command, ...args].join(" "),
    status: 0,
    stderr: "",
  });
  return stdout;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portico-package-"));
  run("npm", ["pack", "--silent", "--pack-destination", folder], root);
  const [archive = ""] = await readdir(folder);
  packed = run("tar", ["-tzf", archive], folder).trim().split("\n");
  await writeFile(join(folder, "package.json"), "{}");
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", join(folder, archive)], folder);
}, 180_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

test("npx portico --help says how it is used", () => {
  expect(run("npx", ["--no-install", "portico", "--help"], folder)).toMatch(/^Usage: portico/m);
});

test("the library is imported by its name", async () => {
  await writeFile(
    join(folder, "use.mjs"),
    'import * as portico from "portico";\nconsole.log(typeof portico);\n',
  );
  expect(run("node", ["use.mjs"], folder)).toBe("object\n");
});

test("it holds what runs and what is shown, and neither sources nor tests", () => {
  expect(packed).toEqual(
    expect.arrayContaining(["package/LICENSE", "package/package.json", "package/dist/cli/main.js"]),
  );
  expect(packed.filter((file) => /^package\/(src|test|bench|scripts|shared)\//.test(file))).toEqual([]);
});
