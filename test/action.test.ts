// The GitHub Action does not run code from forks: its first step, in the shell that GitHub runs it in.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
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
