// What commands print: results on stdout only, in the requested format, without colour outside of terminals.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

const FAILING = DESCRIPTION.replace("backend: api", "backend: web").replace("/api/x", "/api/x?a=<b>&'c'");
const ESCAPE = "\u001b";

test("colour is for terminals, or on request, and never with NO_COLOR", async () => {
  const cwd = folderWith({ "portico.yaml": FAILING });
  const run = (env: Record<string, string>) =>
    portico(["test"], { cwd, env }).then(({ stdout }) => stdout.includes(ESCAPE));
  expect(
    await Promise.all([
      run({}),
      run({ FORCE_COLOR: "1" }),
      run({ FORCE_COLOR: "1", NO_COLOR: "1" }),
      run({ NO_COLOR: "1" }),
    ]),
  ).toEqual([false, true, false, false]);
});

test("--json is on stdout only", async () => {
  const cwd = folderWith({ "portico.yaml": FAILING });
  const commands = [
    ["plan", "--json"],
    ["render", "--json"],
    ["check", "--json"],
    ["test", "--json"],
    ["explain", "GET", "http://www.example.com/api/x", "--json"],
  ];
  const ended = await Promise.all(commands.map((args) => portico(args, { cwd })));
  for (const { stdout, stderr } of ended) {
    expect(JSON.parse(stdout)).toBeTypeOf("object");
    expect(stderr).toBe("");
  }
  expect(ended.map(({ status }) => status)).toEqual([0, 0, 0, 1, 0]);
});

describe("a command without a result still prints a document", () => {
  const BAD = DESCRIPTION.replace("to: web }", "to: wbe }");
  const commands: readonly (readonly [name: string, args: readonly string[]])[] = [
    ["plan", ["plan"]],
    ["render", ["render"]],
    ["check", ["check"]],
    ["check of layers", ["check", "portico.yaml", "--layers", "."]],
    ["test", ["test"]],
    ["test at a target", ["test", "--target", "http://127.0.0.1:1"]],
    ["explain", ["explain", "GET", "http://www.example.com/"]],
    ["diff", ["diff", "portico.yaml", "portico.yaml"]],
    ["deploy", ["deploy"]],
    ["status", ["status"]],
    ["image build", ["image", "build"]],
  ];
  const codesOf = (stdout: string) =>
    (JSON.parse(stdout) as { findings: { code: string }[] }).findings.map(({ code }) => code);

  test.each(commands)("%s --json: the findings of the description", async (_, args) => {
    const cwd = folderWith({ "portico.yaml": BAD });
    const { status, stdout, stderr } = await portico([...args, "--json"], { cwd });
    expect([status, stderr]).toEqual([2, ""]);
    expect(codesOf(stdout)).toContain("unknown-backend");
  });

  const others: readonly (readonly [
    name: string,
    args: readonly string[],
    code: string,
    expected: string,
  ])[] = [
    [
      "layers without a haproxy.cfg",
      ["test", "--layers", "k", "--expect", "e.yaml"],
      "command-failed",
      "no HAProxy",
    ],
    ["no such expectations", ["test", "--layers", "l", "--expect", "x.yaml"], "command-failed", "x.yaml"],
    ["expectations with a mistake", ["test", "--layers", "l", "--expect", "e.yaml"], "unknown-key", "statsu"],
    ["no expectations", ["test", "quiet.yaml"], "command-failed", "no expectations"],
    ["no such revision", ["diff", "nowhere"], "command-failed", "nowhere"],
    [
      "HAProxy is missing",
      ["explain", "GET", "http://www.example.com/", "--haproxy", "./no"],
      "haproxy-missing",
      "no",
    ],
    ["HAProxy does not start", ["test", "raw.yaml"], "command-failed", "no-such-directive"],
    ["no DNS name", ["doctor", "dns", "a..b"], "command-failed", "a..b"],
    ["options that contradict", ["test", "--expect", "e.yaml"], "command-failed", "--layers"],
  ];

  test.each(others)("%s", async (_, args, code, expected) => {
    const cwd = folderWith({
      "portico.yaml": DESCRIPTION,
      "quiet.yaml": DESCRIPTION.replace(/expect:.*/s, ""),
      "raw.yaml": `haproxy: { raw: [no-such-directive 1] }\n${DESCRIPTION}`,
      "k/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspec: {}\n",
      "l/haproxy.cfg": "frontend f\n  mode http\n  bind :80\n  http-request return status 200\n",
      "e.yaml": "- { get: http://a/, statsu: 200 }\n",
    });
    const { status, stdout } = await portico([...args, "--json"], { cwd });
    expect(status).not.toBe(0);
    expect(codesOf(stdout)).toContain(code);
    expect(stdout).toContain(expected);
  });

  test("JUnit: one error per finding", async () => {
    const cwd = folderWith({ "portico.yaml": BAD });
    const { status, stdout, stderr } = await portico(["test", "--format", "junit"], { cwd });
    expect([status, stderr]).toEqual([2, ""]);
    const { elements, attributes } = readXml(stdout);
    expect(elements).toEqual(["testsuites", "testsuite", "testcase", "error"]);
    expect(attributes.get("testsuites")).toMatchObject({ tests: "1", failures: "0", errors: "1" });
    expect(attributes.get("testcase")?.name).toMatch(/^unknown-backend: /);
  });

  test("SARIF and GitHub annotations: the same finding", async () => {
    const cwd = folderWith({ "portico.yaml": BAD });
    const args = ["check", "portico.yaml", "--layers", ".", "--format"];
    const [sarif, github] = await Promise.all(
      ["sarif", "github"].map((format) => portico([...args, format], { cwd })),
    );
    expect(JSON.parse(sarif?.stdout ?? "").runs[0].results[0].ruleId).toBe("unknown-backend");
    expect(github?.stdout).toMatch(/^::error .*unknown-backend/);
  });
});

test("explain --json has the documented fields", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION });
  const { stdout } = await portico(
    ["explain", "GET", "http://www.example.com/api/x", "-H", "x-a: 1", "--json"],
    { cwd },
  );
  expect(JSON.parse(stdout)).toMatchObject({
    status: 200,
    location: null,
    site: "www.example.com",
    route: "www.example.com/api",
    backend: "api",
    seen: { headers: { "x-a": "1", "x-forwarded-proto": "http" } },
    haproxy: { version: expect.stringMatching(/^\d+\.\d+\.\d+$/), agrees: true },
  });
});

test("JUnit is well-formed XML that names every expectation", async () => {
  const cwd = folderWith({ "portico.yaml": FAILING });
  const { status, stdout } = await portico(["test", "--format", "junit"], { cwd });
  expect(status).toBe(1);
  const { elements, attributes } = readXml(stdout);
  expect(elements).toEqual(["testsuites", "testsuite", "testcase", "testcase", "failure"]);
  expect(attributes.get("testsuites")).toMatchObject({ tests: "2", failures: "1", errors: "0" });
  expect(attributes.get("testcase")?.name).toContain("/api/x?a=<b>&'c'");
});

test("unknown commands, options and values: the error names the nearest one", async () => {
  const run = (...args: string[]) =>
    portico(args).then(({ status, stdout, stderr }) => ({ status, stdout, stderr }));
  expect(await run("tset")).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("Did you mean test?"),
  });
  expect(await run("test", "--wacth")).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("--watch"),
  });
  expect(await run("test", "--format", "xml")).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("junit"),
  });
  expect(await run("explain", "GET")).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("url"),
  });
  expect(await run("explain", "GET", "www.example.com")).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("not a valid URL"),
  });
  expect(await run("test", "a.yaml", "b.yaml")).toEqual({
    status: 2,
    stdout: "",
    stderr: expect.stringContaining("too many arguments"),
  });
  expect(await run("--help")).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringContaining("explain"),
  });
  expect(await run("--version")).toMatchObject({
    status: 0,
    stderr: "",
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

test("init writes a description that passes, and never overwrites one", async () => {
  const cwd = folderWith({});
  expect(await portico(["init", "My Edge"], { cwd })).toMatchObject({ status: 0, stderr: "" });
  expect(await portico(["init", "My Edge"], { cwd })).toMatchObject({ status: 2, stdout: "" });
  expect(await portico(["test", "My Edge"], { cwd })).toMatchObject({ status: 0, stderr: "" });
  expect(await portico(["check", "My Edge"], { cwd })).toMatchObject({ status: 0, stderr: "" });
  expect(await portico(["init", "typed", "--typescript"], { cwd })).toMatchObject({ status: 0 });
  expect(await portico(["test", "typed"], { cwd })).toMatchObject({ status: 0, stderr: "" });
});

/** The file that an editor reads for the first description in a folder. */
function schemaOf(folder: string): string {
  const [, schema = ""] = /\$schema=(\S+)/.exec(readFileSync(join(folder, "portico.yaml"), "utf8")) ?? [];
  return resolve(folder, schema);
}

test("init names the schema of this checkout", async () => {
  const cwd = folderWith({});
  await portico(["init", "edge"], { cwd });
  expect(JSON.parse(readFileSync(schemaOf(join(cwd, "edge")), "utf8"))).toHaveProperty(
    "$id",
    "urn:portico:description",
  );
});

test("init names the schema of the package that is installed in a folder above", async () => {
  const cwd = folderWith({ "node_modules/portico/schema.json": "{}" });
  await portico(["init", "edges/edge"], { cwd });
  expect(schemaOf(join(cwd, "edges/edge"))).toBe(join(cwd, "node_modules/portico/schema.json"));
});

test.each([
  ["9lives", "edge-9lives"],
  [`${"a".repeat(49)}-${"b".repeat(30)}`, "a".repeat(49)],
])("init in the folder %s: the edge %s passes check", async (folder, name) => {
  const cwd = folderWith({});
  expect(await portico(["init", folder], { cwd })).toMatchObject({ status: 0, stderr: "" });
  expect(readFileSync(`${cwd}/${folder}/portico.yaml`, "utf8")).toContain(`\nedge: ${name}\n`);
  expect(await portico(["check", folder], { cwd })).toMatchObject({ status: 0, stderr: "" });
  expect(await portico(["init", "other", "--name", "9x"], { cwd })).toMatchObject({ status: 2, stdout: "" });
});

test("a thousand expectations", async () => {
  const many = Array.from(
    { length: 998 },
    (_, index) =>
      `  - { get: "http://www.example.com/api/${index}", status: 200, backend: api, seen: { path: /api/${index} } }\n`,
  ).join("");
  const cwd = folderWith({ "portico.yaml": DESCRIPTION + many });
  const { status, stdout, tookMs } = await portico(["test"], { cwd });
  expect(stdout).toMatch(/\n1,?000 of 1,?000 expectations/);
  expect(status).toBe(0);
  console.log(
    `1,000 expectations: ${Math.round(tookMs)} ms with start and end; ${stdout.trimEnd().split("\n").at(-1)}`,
  );
});

interface Xml {
  readonly elements: readonly string[];
  /** Of the last element of each name. */
  readonly attributes: ReadonlyMap<string, Readonly<Record<string, string>>>;
}

/** Reads XML strictly enough for this: a declaration, elements, attributes, entities; throws where it is not well-formed. */
function readXml(text: string): Xml {
  const elements: string[] = [];
  const attributes = new Map<string, Record<string, string>>();
  const open: string[] = [];
  const rest = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, "");
  const token = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|[^<]+|</gy;
  for (const [whole, end, name = "", given = "", empty] of rest.matchAll(token)) {
    if (end === undefined) {
      if (whole.startsWith("<") || /&(?!(amp|lt|gt|quot|apos|#\d+);)/.test(whole))
        throw new Error(`not well-formed: ${whole}`);
      if (open.length === 0 && whole.trim() !== "") throw new Error(`text outside the document: ${whole}`);
    } else if (end === "/") {
      if (open.pop() !== name) throw new Error(`</${name}> ends what does not begin`);
    } else {
      elements.push(name);
      if (/&(?!(amp|lt|gt|quot|apos|#\d+);)/.test(given)) throw new Error(`a bare & in ${given}`);
      attributes.set(
        name,
        Object.fromEntries(
          [...given.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [
            key,
            unescaped(value),
          ]),
        ),
      );
      if (empty === "") open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`<${open.at(-1)}> does not end`);
  return { elements, attributes };
}

function unescaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole);
}
