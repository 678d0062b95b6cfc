// Each step of docs/recipes/command.md that a new command needs: listed, with examples, documented, tested, and quick to load.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import type { CommandSpec } from "../../src/cli/command.ts";
import { portico } from "./portico.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "src/cli/commands");

/** `npm start` runs it in a checkout only. */
const HIDDEN = "start";

const commands = await Promise.all(
  readdirSync(folder).map(async (file) => {
    const specs = Object.values((await import(join(folder, file))) as Record<string, CommandSpec>);
    return { file, specs: specs.filter((value) => typeof value === "object" && "run" in value) };
  }),
);
const visible = commands.flatMap(({ specs }) => specs).filter(({ name }) => name !== HIDDEN);
/** Values of required arguments. */
const GIVEN: Readonly<Record<string, string>> = { method: "GET", url: "http://www.example.com/" };
const names = visible.map(({ name }) => name);

test("each file in src/cli/commands/ has one command", () => {
  expect(commands.filter(({ specs }) => specs.length !== 1)).toEqual([]);
});

test("main.ts lists every command", async () => {
  const { stdout } = await portico(["--help"]);
  const listed = [...stdout.matchAll(/^ {2}(\w+) /gm)].map(([, word]) => word);
  expect(listed.filter((word) => word !== "help").sort()).toEqual(
    [...new Set(names.map((name) => name.split(" ")[0]))].sort(),
  );
});

test.each(visible)("portico $name --help: summary and examples", async ({ name, summary, examples }) => {
  const { status, stdout } = await portico([...name.split(" "), "--help"]);
  expect(status).toBe(0);
  expect(stdout.replace(/\s+/g, " ")).toContain(summary);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) {
    expect(example.startsWith(`portico ${name}`)).toBe(true);
    expect(stdout).toContain(example);
  }
});

test.each(visible)("portico $name accepts each of its options once", async ({ name, options }) => {
  const once = options.flatMap(({ flags, choices }) => {
    const long = /--[\w-]+/.exec(flags)?.[0] ?? flags;
    return flags.includes("<") ? [long, choices?.[0] ?? "1"] : [long];
  });
  const { status, stderr } = await portico([...name.split(" "), ...once, "--help"]);
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

const described = visible.filter((command) => command.arguments?.includes("[description]"));

test.each(described)("portico $name: a description that is not there", async (command) => {
  const required = [...(command.arguments ?? "").matchAll(/<(\w+)>/g)].map(
    ([, name]) => GIVEN[name ?? ""] ?? "",
  );
  const { status, stdout, stderr } = await portico([...command.name.split(" "), ...required, "missing.yaml"]);
  expect(status).toBe(2);
  // Findings are the result of `check`.
  const [said, other] = command.name === "check" ? [stdout, stderr] : [stderr, stdout];
  expect(said).toContain("missing.yaml");
  expect(other).toBe("");
});

test("README.md has a row for every command", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(names.filter((name) => !new RegExp(`^\\| \`portico ${name}\\b`, "m").test(readme))).toEqual([]);
});

test("a test runs every command as a child process", () => {
  const texts = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => readFileSync(join(root, "test", file), "utf8"))
    .join("\n");
  const isRun = (name: string) => {
    const words = name.split(" ").map((word) => `"${word}"`);
    return new RegExp(`(?:portico|start)\\(\\[?\\s*${words.join(",\\s*")}|main, ${words.join(", ")}`).test(
      texts,
    );
  };
  expect(names.filter((name) => !isRun(name))).toEqual([]);
});

test("`portico --help` loads no module that only `run` of a command needs", () => {
  const loaded = [...loadedBy(join(root, "src/cli/main.ts"), new Set())].map((file) =>
    relative(join(root, "src"), file),
  );
  expect(loaded).toContain("cli/command.ts");
  expect(
    loaded.filter((file) =>
      /^(?:lab|cluster|check|diff|wiring|model|emit|haproxy|images|doctor)\//.test(file),
    ),
  ).toEqual([]);
});

/** The files that importing `file` loads; imports of types load nothing. */
function loadedBy(file: string, seen: Set<string>): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, "utf8");
  for (const [, names = "", path = ""] of text.matchAll(
    /^import\s+(?!type\b)([^;]*?)\s+from "(\.[^"]+)";$/gm,
  )) {
    const onlyTypes =
      names.startsWith("{") &&
      names
        .replace(/[{}]/g, "")
        .split(",")
        .every((name) => /^\s*(?:type\s.*)?$/s.test(name));
    if (!onlyTypes) loadedBy(join(dirname(file), path), seen);
  }
  return seen;
}

test.each([
  [["check", "--json", "--format", "sarif"], "'--json' cannot be used with option '--format"],
  [["test", "--format", "junit", "--json"], "'--json' cannot be used with option '--format"],
  [["check", "--layers", "a", "--layers", "b"], "The option is given twice."],
  [["check", "--format", "json", "--format", "text"], "The option is given twice."],
  [["check", "--formt"], "(portico check --help lists its arguments and options)"],
  [["doctor", "dns", "--formt"], "(portico doctor dns --help lists its arguments and options)"],
  [["chekc"], "(portico --help lists the commands)"],
])("portico %j is wrong usage", async (args, message) => {
  const { status, stdout, stderr } = await portico(args);
  expect(stderr).toContain(message);
  expect([status, stdout]).toEqual([2, ""]);
});
