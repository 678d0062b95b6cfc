// The package: packed, installed into an empty folder, run.
import { spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";

/** The last major version of Node that Portico does not support, from npm for this platform. */
const OLD_NODE = `node-${process.platform}-${process.arch}@20`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
let folder: string;
let packed: readonly string[];

/** npm passes its own settings to child processes; the inner npm needs a user's environment. Node is the one that runs the tests. */
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

test("npx portico --help prints the usage", () => {
  expect(run("npx", ["--no-install", "portico", "--help"], folder)).toMatch(/^Usage: portico/m);
});

test("a Node that is too old is refused in one line, before any module is loaded", () => {
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--prefix", "old", OLD_NODE], folder);
  const oldNode = join(folder, "old", "node_modules", OLD_NODE.split("@")[0] ?? "", "bin", "node");
  const program = join(folder, "node_modules", "portico", "dist", "cli", "bin.js");
  const { status, stdout, stderr } = spawnSync(oldNode, [program, "--help"], { encoding: "utf8" });
  expect(stderr).toMatch(/^portico: needs Node 22\.18 or newer; this is Node 20\.\d+\.\d+\n$/);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
});

test("the library is imported by its name", async () => {
  await writeFile(
    join(folder, "use.mjs"),
    'import * as portico from "portico";\nconsole.log(typeof portico);\n',
  );
  expect(run("node", ["use.mjs"], folder)).toBe("object\n");
});

test("a portico.config.ts is type-checked against the type Edge, init names the schema of the package, and a finding has its page", async () => {
  run("npx", ["--no-install", "portico", "init", "typed", "--typescript"], folder);
  const config = join(folder, "typed/portico.config.ts");
  const compile = () => {
    const options = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2024",
      "--skipLibCheck",
      "--types",
      "",
    ];
    return spawnSync(join(root, "node_modules/.bin/tsc"), [...options, config], {
      cwd: folder,
      env,
      encoding: "utf8",
    });
  };
  expect(compile()).toMatchObject({ status: 0, stdout: "" });
  await writeFile(config, (await readFile(config, "utf8")).replace("maxAge:", "maxage:"));
  expect(compile().stdout).toContain("'maxage' does not exist in type");
  run("npx", ["--no-install", "portico", "init", "plain"], folder);
  const text = await readFile(join(folder, "plain/portico.yaml"), "utf8");
  expect(text).toContain("$schema=../node_modules/portico/schema.json\n");
  expect(run("npx", ["--no-install", "portico", "finding", "dns-race"], folder)).toMatch(/^# dns-race\n/);
});

test("it reads Terraform without the grammar's package, which would be compiled on platforms without a prebuilt binary", async () => {
  expect(await readdir(join(folder, "node_modules"))).not.toContain("@tree-sitter-grammars");
  await mkdir(join(folder, "layers"), { recursive: true });
  const group =
    'ingress {\n    from_port = 22\n    to_port = 22\n    protocol = "tcp"\n    cidr_blocks = ["0.0.0.0/0"]\n  }';
  await writeFile(
    join(folder, "layers/edge.tf"),
    `resource "aws_elb" "app" {\n  nonsense = \n}\nresource "aws_security_group" "a" {\n  ${group}\n}\n`,
  );
  const args = ["--no-install", "portico", "check", "--layers", "layers", "--json"];
  const { stdout } = spawnSync("npx", args, { cwd: folder, env, encoding: "utf8" });
  expect(stdout).toContain('"layer-unreadable"');
  expect(stdout).toContain("layers/edge.tf");
});

test("it contains programs, types and pages, but no sources or tests", () => {
  expect(packed).toEqual(
    expect.arrayContaining(["package/LICENSE", "package/package.json", "package/dist/cli/bin.js"]),
  );
  expect(packed.filter((file) => /^package\/(src|test|bench|scripts|shared)\//.test(file))).toEqual([]);
});

const EDGE = `edge: app
sites:
  - host: www.example.com
    routes: [{ to: web }]
backends: { web: { servers: ["10.0.0.7:8080"], health: false } }
expect:
  - { get: "http://www.example.com/", backend: WEB }
`;

test("a user who is not root checks and tests, and cannot use a temporary folder of root", async () => {
  const [node, scratch] = [join(folder, "node"), join(folder, "scratch")];
  await copyFile(process.execPath, node);
  await mkdir(scratch);
  await chmod(folder, 0o755);
  await chmod(scratch, 0o1777);
  await writeFile(join(folder, "portico.yaml"), EDGE.replace("WEB", "web"));
  const drop =
    process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];
  const portico = (command: string) => {
    const program = join(folder, "node_modules", "portico", "dist", "cli", "bin.js");
    const [first = node, ...others] = [...drop, node, program, command];
    return spawnSync(first, others, {
      cwd: folder,
      env: { ...env, TMPDIR: scratch, NODE_DISABLE_COMPILE_CACHE: "1" },
      encoding: "utf8",
    });
  };
  for (const command of ["check", "test"]) expect(portico(command)).toMatchObject({ status: 0, stderr: "" });
  expect(await readdir(scratch)).toEqual([]);
  await chmod(scratch, 0o555);
  const { status, stderr } = portico("test");
  expect(stderr).toContain("permission denied");
  expect(status).toBe(2);
});

describe("the GitHub Action, with the package installed in the project", () => {
  interface Step {
    readonly name: string;
    readonly run: string;
    readonly env: Readonly<Record<string, string>>;
  }

  /** Runs the step like the runner: inputs in its environment, the script passed to bash. */
  async function step(
    name: string,
    inputs: Readonly<Record<string, string>>,
  ): Promise<ReturnType<typeof spawnSync>> {
    const action = parse(await readFile(join(root, "action.yml"), "utf8")) as { runs: { steps: Step[] } };
    const found = action.runs.steps.find((one) => one.name === name);
    if (found === undefined) throw new Error(`action.yml has no step ${name}`);
    const given = Object.entries(found.env).map(([key, value]) => [
      key,
      value
        .replace(/\$\{\{ inputs\.([a-z-]+) \}\}/g, (_, input: string) => inputs[input] ?? "")
        .replace("${{ runner.temp }}", folder),
    ]);
    return spawnSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", found.run], {
      cwd: folder,
      env: { ...env, ...Object.fromEntries(given), GITHUB_OUTPUT: join(folder, "output") },
      encoding: "utf8",
    });
  }

  test("check annotates its findings and writes a SARIF file", async () => {
    await writeFile(join(folder, "edge.yaml"), EDGE);
    const { status, stdout } = await step("Check", { description: "edge.yaml", version: "local" });
    expect(stdout).toMatch(/^::error file=edge.yaml,line=7,.*title=unknown-backend::/m);
    expect(status).toBe(2);
    const sarif = JSON.parse(await readFile(join(folder, "portico.sarif"), "utf8")) as { version: string };
    expect(sarif.version).toBe("2.1.0");
    expect(await readFile(join(folder, "output"), "utf8")).toContain(`sarif=${folder}/portico.sarif`);
  });

  test("test fails if an expectation does", async () => {
    await writeFile(
      join(folder, "wrong.yaml"),
      EDGE.replace("WEB", "other").replace(
        "backends: {",
        'backends: { other: { servers: ["10.0.0.8:80"], health: false },',
      ),
    );
    const wrong = await step("Test", { description: "wrong.yaml", version: "local" });
    expect(wrong.stdout).toContain("expected other");
    expect(wrong.status).toBe(1);
    await writeFile(join(folder, "right.yaml"), EDGE.replace("WEB", "web"));
    const right = await step("Test", { description: "right.yaml", version: "local" });
    expect(right.stdout).toContain("1 of 1 expectation as expected");
    expect(right.status).toBe(0);
  });
});

test("the pre-commit hooks run on every file passed to them", async () => {
  const hooks = parse(await readFile(join(root, ".pre-commit-hooks.yaml"), "utf8")) as {
    id: string;
    entry: string;
    files: string;
  }[];
  const hook = hooks.find(({ id }) => id === "portico-test");
  expect("edge/portico.yaml").toMatch(new RegExp(hook?.files ?? "^$"));
  await writeFile(join(folder, "one.yaml"), EDGE.replace("WEB", "web"));
  await writeFile(join(folder, "two.yaml"), "edge: app\n");
  const ran = (files: string) =>
    spawnSync("bash", ["-c", `${hook?.entry} ${files}`], { cwd: folder, env, encoding: "utf8" });
  expect(ran("one.yaml one.yaml").stdout.match(/1 of 1 expectation as expected/g)).toHaveLength(2);
  expect(ran("two.yaml one.yaml").status).toBe(1);
});
