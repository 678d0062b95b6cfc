// Errors of a portico.config.ts: the place in the user's own file, without Portico's own stack frames.
import { expect, test } from "vitest";
import { folderWith, portico } from "./portico.ts";

const CASES: readonly {
  readonly name: string;
  readonly content: string;
  readonly code: string;
  readonly place: RegExp;
}[] = [
  {
    name: "throws",
    content: "const a = 1;\nthrow new Error(`mine ${a}`);\n",
    code: "config-throws",
    place: /portico\.config\.ts:2:7/,
  },
  {
    name: "throws deep within",
    content:
      "function routes(): string[] {\n  return JSON.parse('{');\n}\nexport default { edge: 'a', sites: routes() };\n",
    code: "config-throws",
    place: /portico\.config\.ts:2:\d+/,
  },
  {
    name: "exports something else",
    content: "export default 7;\n",
    code: "config-export-missing",
    place: /portico\.config\.ts:1/,
  },
  {
    name: "exports nothing",
    content: "export const edge = {};\n",
    code: "config-export-missing",
    place: /portico\.config\.ts/,
  },
  {
    name: "does not compile",
    content: "export default {\n  edge: 'a',\n  sites: [}\n};\n",
    code: "config-syntax",
    place: /portico\.config\.ts:3/,
  },
  {
    name: "imports a missing file",
    content: 'import { a } from "./nowhere.ts";\nexport default a;\n',
    code: "config-import-unresolved",
    place: /portico\.config\.ts:1/,
  },
  {
    name: "never ends",
    content: "while (true) {}\nexport default {};\n",
    code: "config-timeout",
    place: /portico\.config\.ts/,
  },
  {
    name: "waits indefinitely",
    content: "setInterval(() => {}, 1000);\nawait new Promise(() => {});\nexport default {};\n",
    code: "config-timeout",
    place: /portico\.config\.ts/,
  },
  {
    name: "ends the process",
    content: "process.exit(0);\nexport default {};\n",
    code: "config-exits",
    place: /portico\.config\.ts/,
  },
  {
    name: "exports something other than data",
    content: "export default { edge: () => 'a' };\n",
    code: "config-not-plain-data",
    place: /portico\.config\.ts/,
  },
];

test.concurrent.each(CASES)("$name: $code", async ({ content, code, place }) => {
  const cwd = folderWith({ "portico.config.ts": content });
  const { status, stdout, stderr } = await portico(["plan"], { cwd });
  expect(stderr).toMatch(new RegExp(`^error {2}${code}\\b`));
  expect(stderr).toMatch(place);
  expect(stderr).not.toMatch(/src\/|node:internal|worker\.ts|ExperimentalWarning/);
  expect([status, stdout]).toEqual([2, ""]);
});
