// portico.config.ts: runs in a separate process with limits, and errors are shown in the user's own files.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { inFolder, load, shown } from "./written.ts";

const said = (text: string, others: Readonly<Record<string, string>> = {}, timeLimitMs = 10_000) =>
  shown({ "portico.config.ts": text, ...others }, undefined, { timeLimitMs });

const EDGE = `{ edge: "app", sites: [{ host: "a.example", routes: [{ to: "app" }] }], backends: { app: { service: "app" } } }`;

describe("provides its edge", () => {
  test.each([
    ["as an object", `export default ${EDGE};`],
    [
      "through defineEdge",
      `import { defineEdge, type Edge } from "portico";\nconst edge: Edge = ${EDGE};\nexport default defineEdge(edge);`,
    ],
    ["from a function", `export default () => (${EDGE});`],
    ["from an async function", `export default async () => { await null; return ${EDGE}; };`],
    ["as a promise", `export default Promise.resolve(${EDGE});`],
    ["with a timer that keeps the process alive", `setInterval(() => {}, 1000);\nexport default ${EDGE};`],
    ["with undefined for omitted values", `export default { ...${EDGE}, namespace: undefined };`],
  ])("%s", async (_, text) => {
    const { value, findings } = await load({ "portico.config.ts": text });
    expect(findings).toEqual([]);
    expect(value?.edge).toEqual({
      edge: "app",
      sites: [{ host: "a.example", routes: [{ to: "app" }] }],
      backends: { app: { service: "app" } },
    });
  });

  test("in a folder whose package.json has `type: commonjs`, with its own imports", async () => {
    const { value, findings } = await load({
      "package.json": `{ "type": "commonjs" }`,
      "portico.config.ts": `import { routes } from "./routes.ts";\nexport default { ...${EDGE}, sites: [{ host: "a.example", routes: routes(10_000) }] };`,
      "routes.ts": `export const routes = (count: number) => Array.from({ length: count }, (_, i) => ({ path: \`/x\${i}\`, to: "app" }));`,
    });
    expect(findings).toEqual([]);
    expect(value?.edge.sites[0]?.routes).toHaveLength(10_000);
  });
});

describe("is refused where it", () => {
  test("throws in a file that it imports", async () => {
    expect(
      await said(`import { make } from "./make.ts";\nexport default () => make(3);\n`, {
        "make.ts":
          "export function make(count: number): never {\n  throw new RangeError(`too many: ${count}`);\n}\n",
      }),
    ).toMatchInlineSnapshot(`
      "error  config-throws   portico.config.ts throws RangeError: too many: 3

         make.ts:2:9              throw new RangeError(\`too many: \${count}\`);
                                        ^
         portico.config.ts:2:22   export default () => make(3);
                                                       ^ called from here

         The file exports no edge. Correct the line that throws, or the arguments passed to it.
                                                                             portico finding config-throws
      "
    `);
  });
  test("throws while it is loaded", async () => {
    expect(
      await said(
        `const none = undefined as unknown as { edge: string };\nexport default { edge: none.edge };\n`,
      ),
    ).toMatchInlineSnapshot(`
      "error  config-throws
         portico.config.ts throws TypeError: Cannot read properties of undefined (reading 'edge')

         portico.config.ts:2:29   export default { edge: none.edge };
                                                              ^

         The file exports no edge. Correct the line that throws, or the arguments passed to it.
                                                                             portico finding config-throws
      "
    `);
  });
  test("throws a value that is not an Error", async () => {
    expect(await said(`throw "no edge today";\n`)).toMatchInlineSnapshot(`
      "error  config-throws   portico.config.ts throws the text "no edge today"

         portico.config.ts:1:1   throw "no edge today";
                                 ^^^^^^

         The file exports no edge. Correct the line that throws, or the arguments passed to it.
                                                                             portico finding config-throws
      "
    `);
  });
  test("throws later", async () => {
    expect(
      await said(
        `Promise.reject(new Error("late"));\nawait new Promise(() => setTimeout(() => {}, 60_000));\nexport default {};\n`,
      ),
    ).toMatchInlineSnapshot(`
      "error  config-throws   portico.config.ts throws Error: late

         portico.config.ts:1:16   Promise.reject(new Error("late"));
                                                 ^

         The file exports no edge. Correct the line that throws, or the arguments passed to it.
                                                                             portico finding config-throws
      "
    `);
  });
  test("calls itself endlessly", async () => {
    expect(await said("const deeper = (): number => deeper() + 1;\nexport default deeper();\n")).toContain(
      "RangeError: Maximum call stack size exceeded",
    );
  });
  // The message is Node's and changes with its version; the place does not.
  test.each([
    ["does not compile", "portico.config.ts", `export default {\n  edge: "app"\n  sites: [],\n};\n`, 3, 3],
    ["is JavaScript that does not compile", "portico.config.mjs", "export default {\n  edge: {{ };\n", 2, 10],
    [
      "uses syntax that TypeScript would have to compile",
      "portico.config.ts",
      "const x = 1;\nenum Port { Http = 80 }\nexport default {};\n",
      2,
      1,
    ],
  ])("%s", async (_, name, text, line, column) => {
    const { findings } = await load({ [name]: text });
    expect(findings).toMatchObject([{ code: "config-syntax", at: [{ file: name, line, column }] }]);
  });
  test("imports a file that does not exist", async () => {
    expect(
      await said(`import { routes } from "./routes";\nexport default { routes };\n`),
    ).toMatchInlineSnapshot(`
      "error  config-import-unresolved   the imported file does not exist

         portico.config.ts:1:10   import { routes } from "./routes";
                                           ^^^^^^

         The import fails, so the file exports no edge. Write the file's name with its ending, as in
         ./routes.ts.                                             portico finding config-import-unresolved
      "
    `);
  });
  test("imports a package that is not installed", async () => {
    expect(
      await said(`import x from "no-such-package-of-anyone";\nexport default x;\n`),
    ).toMatchInlineSnapshot(`
      "error  config-import-unresolved   the package no-such-package-of-anyone is not installed

         portico.config.ts:1:16   import x from "no-such-package-of-anyone";
                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^

         The import fails, so the file exports no edge. Run npm install no-such-package-of-anyone.
                                                                  portico finding config-import-unresolved
      "
    `);
  });
  test("imports a missing export", async () => {
    expect(await said(`import { defineEdges } from "portico";\nexport default defineEdges;\n`)).toContain(
      "does not provide an export named 'defineEdges'",
    );
  });
  test("has no default export", async () => {
    expect(await said(`export const edge = ${EDGE};\n`)).toMatchInlineSnapshot(`
      "error  config-export-missing   portico.config.ts has no default export; it exports \`edge\`

         The default export must be the edge, or a function that returns it or a promise of it. Write
         \`export default defineEdge({ … })\`.                         portico finding config-export-missing
      "
    `);
  });
  test.each([
    ["a number", "export default 5;", "the number 5"],
    ["a list", "export default [];", "a list"],
    ["a text", 'export default "edge";', 'the text "edge"'],
    ["nothing", "export default () => {};", "nothing"],
    ["a class", "export default class Edge {}", "a class"],
    ["a function from a function", "export default () => () => ({});", "a function"],
  ])("exports %s", async (_, text, got) => {
    const { findings } = await load({ "portico.config.ts": text });
    expect(findings).toMatchObject([
      {
        code: "config-export-missing",
        what: `the default export of portico.config.ts is ${got}, not an edge`,
        at: [{ line: 1, column: 1 }],
      },
    ]);
  });
  test.each([
    ["a function", "() => 80", "a function"],
    ["a Map", "new Map()", "a Map"],
    ["a Date", "new Date(0)", "a Date"],
    ["a bigint", "80n", "a bigint"],
    ["a symbol", "Symbol()", "a symbol"],
    ["an instance", "new (class Port {})()", "a Port"],
  ])("contains %s", async (_, value, got) => {
    const { findings } = await load({
      "portico.config.ts": `export default {\n  edge: "app",\n  backends: { app: { port: ${value} } },\n};\n`,
    });
    expect(findings).toMatchObject([
      {
        code: "config-not-plain-data",
        what: `\`backends.app.port\` is ${got}`,
        at: [{ line: 3, column: 22, length: 4 }],
      },
    ]);
  });
  test("contains itself", async () => {
    expect(
      await said(
        `const edge: Record<string, unknown> = { edge: "app" };\nedge.sites = [edge];\nexport default edge;\n`,
      ),
    ).toMatchInlineSnapshot(`
      "error  config-not-plain-data   \`sites[0]\` is a value that contains itself

         portico.config.ts:3:1   export default edge;
                                 ^^^^^^^^^^^^^^

         An edge is plain data: text, numbers, true, false, null, lists and maps. Export the plain value
         instead.                                                    portico finding config-not-plain-data
      "
    `);
  });
  test("never ends", async () => {
    expect(await said("for (;;) {}\nexport default {};\n", {}, 500)).toMatchInlineSnapshot(`
      "error  config-timeout   portico.config.ts exports no edge within 0.5 s

         portico.config.ts:2:1   export default {};
                                 ^^^^^^^^^^^^^^

         Portico stopped it: the file contains an endless loop or an operation that does not return. End
         the loop, or set a time limit for the operation.                   portico finding config-timeout
      "
    `);
  });
  test("waits forever", async () => {
    expect(await said("await new Promise(() => {});\nexport default {};\n")).toMatchInlineSnapshot(`
      "error  config-timeout   portico.config.ts waits for a promise that never settles

         portico.config.ts:1:1   await new Promise(() => {});
                                 ^^^^^^

         Node ended the file at an \`await\`, because no operation can settle the promise. Settle the
         promise, or remove the \`await\`.                                    portico finding config-timeout
      "
    `);
  });
  test("exits the process", async () => {
    expect(await said("process.exit(0);\nexport default {};\n")).toMatchInlineSnapshot(`
      "error  config-exits   portico.config.ts exits with status 0 before it exports an edge

         portico.config.ts:1:1   process.exit(0);
                                 ^^^^^^^^^^^^

         The file calls \`process.exit\`. Export the edge, or throw an error if there is none.
                                                                              portico finding config-exits
      "
    `);
  });
  test("provides an edge with mistakes", async () => {
    expect(
      await said(
        `import { defineEdge } from "portico";\nexport default defineEdge({\n  edge: "app",\n  sitez: [],\n  sites: [{ host: "a b", routes: [{ to: "app" }] }],\n});\n`,
      ),
    ).toMatchInlineSnapshot(`
      "error  unknown-key   unknown key \`sitez\`: did you mean \`sites\`?

         portico.config.ts:4:3   sitez: [],
                                 ^^^^^

         An unknown key would silently have no effect. Write \`sites\`.          portico finding unknown-key

      error  invalid-value
         \`sites[0].host\`: the label "a b" is invalid: labels contain letters, digits, - and _, and do not
         start or end with - (RFC 1123, 2.1)

         portico.config.ts:5:13   sites: [{ host: "a b", routes: [{ to: "app" }] }],
                                            ^^^^

         A host name, \`*.example.com\` for names under it, \`*\` for other hosts, or a list.
                                                                             portico finding invalid-value
      "
    `);
  });
});

test("stack frames of Node and Portico are never shown", async () => {
  const text = await said("export default () => JSON.parse('{');\n");
  expect(text).toContain("portico.config.ts:1:27");
  expect(text).not.toMatch(/node:|worker|\/src\//);
});

test("its output goes to stderr", () =>
  inFolder(
    {
      "portico.config.ts": `console.log("printed");\nprocess.stdout.write("written\\n");\nexport default ${EDGE};\n`,
    },
    async (cwd) => {
      const load = fileURLToPath(new URL("../../src/description/load.ts", import.meta.url));
      const program = `const { loadDescription } = await import(${JSON.stringify(load)}); const { value } = await loadDescription(undefined, { cwd: ${JSON.stringify(cwd)} }); console.log(value.edge.edge);`;
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [
        "--input-type=module",
        "--eval",
        program,
      ]);
      expect(stdout).toBe("app\n");
      expect(stderr).toBe("printed\nwritten\n");
    },
  ));
