// The steps of the GitHub Action, in the shell that GitHub runs them in: code from forks is not run, and changed requests are in the summary.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { folderWith } from "./cli/portico.ts";

interface Step {
  readonly name: string;
  readonly if?: string;
  readonly run: string;
}

const { runs } = parse(readFileSync(resolve(import.meta.dirname, "../action.yml"), "utf8")) as {
  readonly runs: { readonly steps: readonly Step[] };
};

function decided(files: readonly string[], env: Readonly<Record<string, string>>) {
  const cwd = folderWith({ output: "", ...Object.fromEntries(files.map((file) => [file, ""])) });
  const stdout = execFileSync(
    "bash",
    ["--noprofile", "--norc", "-eo", "pipefail", "-c", runs.steps[0]?.run ?? ""],
    {
      cwd,
      encoding: "utf8",
      env: {
        PATH: process.env.PATH,
        GITHUB_OUTPUT: join(cwd, "output"),
        DESCRIPTION: "",
        LAYERS: "",
        FORK: "true",
        RUN_CODE: "false",
        ...env,
      },
    },
  );
  return { stdout, output: readFileSync(join(cwd, "output"), "utf8") };
}

test.each([
  ["in the working directory", ["portico.config.ts"], {}],
  ["in JavaScript", ["portico.config.mjs"], {}],
  ["in a folder", ["edge/portico.config.ts"], { DESCRIPTION: "edge" }],
  ["next to a description in YAML", ["portico.yaml", "portico.config.ts"], {}],
  ["with a given path", ["my edge.mts"], { DESCRIPTION: "my edge.mts" }],
  ["with layers", ["portico.config.ts"], { DESCRIPTION: ".", LAYERS: "out" }],
])("code from a fork %s is not run, and a warning says so", (_, files, env) => {
  const { stdout, output } = decided(files, env);
  expect(stdout).toMatch(/^::warning title=Portico checked nothing::The description is code from a fork/);
  expect(output).toBe("run=false\n");
});

test.each([
  ["is trusted explicitly", ["portico.config.ts"], { RUN_CODE: "true" }],
  ["is from the repository itself", ["portico.config.ts"], { FORK: "false" }],
  ["is data", ["portico.yaml"], {}],
  ["is data, named", ["edge.yaml", "portico.config.ts"], { DESCRIPTION: "edge.yaml" }],
  ["is not read because layers are", ["portico.config.ts"], { LAYERS: "out" }],
])("what %s is run", (_, files, env) => {
  expect(decided(files, env)).toEqual({ stdout: "", output: "run=true\n" });
});

test("every later step waits for the decision", () => {
  for (const step of runs.steps.slice(1))
    expect(step.if, step.name).toContain("steps.code.outputs.run == 'true'");
});

const DESCRIPTION = `edge: app
sites:
  - host: www.example.com
    routes:
      - { path: /old, redirect: { path: /new } }
      - { to: web }
backends:
  web: { servers: ["10.0.0.7:8080"] }
`;

/** A checkout of a pull request, as actions/checkout makes it: the base branch is at the remote only. */
function checkout(files: Readonly<Record<string, string>>): string {
  const base = folderWith({ "edge/portico.yaml": DESCRIPTION });
  const git = (cwd: string, ...args: readonly string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.com", ...args], { cwd });
  git(base, "init", "--quiet", "--initial-branch", "main");
  git(base, "add", ".");
  git(base, "commit", "--quiet", "--message", "base");
  const cwd = folderWith({ output: "", summary: "" });
  git(cwd, "init", "--quiet", "--initial-branch", "change");
  git(cwd, "remote", "add", "origin", base);
  mkdirSync(join(cwd, "edge"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  // As the step `Portico` installs it.
  mkdirSync(join(cwd, "temp/portico/node_modules/.bin"), { recursive: true });
  symlinkSync(
    resolve(import.meta.dirname, "../bin/portico"),
    join(cwd, "temp/portico/node_modules/.bin/portico"),
  );
  return cwd;
}

function ran(name: string, cwd: string, env: Readonly<Record<string, string>>): string {
  const step = runs.steps.find((one) => one.name === name);
  return execFileSync("bash", ["--noprofile", "--norc", "-eo", "pipefail", "-c", step?.run ?? "exit 9"], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      RUNNER_TEMP: join(cwd, "temp"),
      GITHUB_OUTPUT: join(cwd, "output"),
      GITHUB_STEP_SUMMARY: join(cwd, "summary"),
      VERSION: "0.1.0",
      LAYERS: "",
      BASE: "main",
      ...env,
    },
  });
}

test("the requests that change are in the summary and in a file for a comment", () => {
  const cwd = checkout({ "edge/portico.yaml": DESCRIPTION.replace("path: /new", "path: /newer") });
  ran("Diff", cwd, { DESCRIPTION: "edge/portico.yaml" });
  const summary = readFileSync(join(cwd, "summary"), "utf8");
  expect(summary).toMatch(/^<!-- portico diff -->\n### Requests that change against `main`\n\n```\n/);
  expect(summary).toContain("/newer");
  expect(summary).toMatch(/\n```\n$/);
  const body = join(cwd, "temp/portico-diff.md");
  expect(readFileSync(body, "utf8")).toBe(summary);
  expect(readFileSync(join(cwd, "output"), "utf8")).toBe(`body=${body}\n`);
});

test("text of the pull request does not end the block of the output", () => {
  const cwd = checkout({ "edge/portico.yaml": `edge: app\n"\`\`\`\`\`\n": 1\n` });
  ran("Diff", cwd, { DESCRIPTION: "edge/portico.yaml" });
  const [, fence = "", output = ""] =
    /\n\n(`+)\n([\s\S]*)\n`+\n$/.exec(readFileSync(join(cwd, "summary"), "utf8")) ?? [];
  expect(output).toContain("`````");
  expect(fence).toBe("``````");
  expect(output).not.toContain(fence);
});

/** The calls of `gh` in the step that writes the comment. `gh` is a script that answers `found` to the first call, and ends with `status`. */
function commented(
  found: string,
  status: number,
): { readonly calls: readonly string[]; readonly stdout: string } {
  const cwd = folderWith({
    calls: "",
    "bin/gh": `#!/bin/sh\necho "$*" >>calls\nprintf '%s' '${found}'\nexit ${status}\n`,
  });
  chmodSync(join(cwd, "bin/gh"), 0o755);
  const stdout = ran("Comment", cwd, {
    PATH: `${join(cwd, "bin")}:${process.env.PATH}`,
    BODY: "body.md",
    NUMBER: "7",
    REPOSITORY: "a/b",
  });
  return { calls: readFileSync(join(cwd, "calls"), "utf8").trimEnd().split("\n"), stdout };
}

test("the comment is written once, and changed later", () => {
  expect(commented("", 0).calls[1]).toBe(
    "api --silent --method POST repos/a/b/issues/7/comments -F body=@body.md",
  );
  expect(commented("11\n12", 0).calls[1]).toBe(
    "api --silent --method PATCH repos/a/b/issues/comments/11 -F body=@body.md",
  );
});

test("a token that may not read or write does not fail the job", () => {
  expect(commented("", 1).stdout).toContain("::notice title=Portico wrote no comment::");
});

test("a base branch that is not there fails the step, and nothing is called unchanged", () => {
  const cwd = checkout({ "edge/portico.yaml": DESCRIPTION });
  expect(() => ran("Diff", cwd, { DESCRIPTION: "edge/portico.yaml", BASE: "gone" })).toThrow(/gone/);
  expect(readFileSync(join(cwd, "summary"), "utf8")).toBe("");
});
