// What a description that cannot be read gets on the command line: findings with a line and a caret, exit status 2.
import { expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

const bomb = `edge: a\nx0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n${Array.from({ length: 9 }, (_, index) => `x${index + 1}: &x${index + 1} [${Array(10).fill(`*x${index}`).join(", ")}]\n`).join("")}sites: *x9\n`;

const CASES: readonly {
  readonly name: string;
  readonly content: string | Buffer;
  readonly code: string;
  readonly place: string;
  readonly caret: boolean;
}[] = [
  {
    name: "not YAML",
    content: "edge: [a\nsites: }\n",
    code: "yaml-syntax",
    place: "portico.yaml:2",
    caret: true,
  },
  {
    name: "a tab",
    content: "edge: a\nsites:\n\t- host: b\n",
    code: "yaml-tab",
    place: "portico.yaml:3:1",
    caret: true,
  },
  {
    name: "a key twice",
    content: "edge: a\nedge: b\n",
    code: "yaml-duplicate-key",
    place: "portico.yaml:2:1",
    caret: true,
  },
  { name: "an alias bomb", content: bomb, code: "yaml-alias-bomb", place: "portico.yaml:", caret: true },
  {
    name: "binary",
    content: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff, 0xfe]),
    code: "description-not-text",
    place: "portico.yaml:1:",
    caret: false,
  },
  { name: "an empty file", content: "", code: "description-empty", place: "portico.yaml:1:1", caret: false },
  {
    name: "50 MB",
    content: "edge: a\n".repeat(6_250_000),
    code: "description-too-large",
    place: "portico.yaml",
    caret: false,
  },
  {
    name: "deep nesting",
    content: `edge: ${"[".repeat(100_000)}`,
    code: "yaml-too-deep",
    place: "portico.yaml:1:",
    caret: true,
  },
  {
    name: "10,000 invalid routes",
    content: `edge: a\nsites:\n  - host: b\n    routes:\n${"      - { two: a }\n".repeat(10_000)}`,
    code: "unknown-key",
    place: "portico.yaml:5:",
    caret: true,
  },
];

test.concurrent.each(CASES)("$name: $code", async ({ name, content, code, place, caret }) => {
  const cwd = folderWith({ "portico.yaml": content });
  const { status, stdout, stderr, tookMs } = await portico(["plan"], { cwd });
  console.log(`${name}: ${Math.round(tookMs)} ms`);
  expect(stderr).toMatch(new RegExp(`^error {2}${code}\\b`));
  expect(stderr).toContain(place);
  expect(/^ *\^+/m.test(stderr)).toBe(caret);
  expect(stderr).not.toMatch(/\bat .*\.ts:\d+/);
  expect([status, stdout]).toEqual([2, ""]);
});

test("an unknown key and an unknown backend name the nearest one", async () => {
  const unknownKey = folderWith({ "portico.yaml": DESCRIPTION.replace("{ to: web }", "{ too: web }") });
  expect(await portico(["check"], { cwd: unknownKey })).toMatchObject({
    status: 2,
    stdout: expect.stringContaining("did you mean `to`?"),
  });
  const unknownBackend = folderWith({ "portico.yaml": DESCRIPTION.replace("{ to: web }", "{ to: wbe }") });
  const { status, stderr } = await portico(["test"], { cwd: unknownBackend });
  expect(stderr).toContain("portico.yaml:6:15");
  expect(stderr).toContain("Did you mean `web`?");
  expect(status).toBe(2);
});

test("findings of a description that cannot be read are JSON on stdout on request", async () => {
  const cwd = folderWith({ "portico.yaml": "edge: a\nedge: b\n" });
  const { status, stdout, stderr } = await portico(["check", "--json"], { cwd });
  expect(JSON.stringify(JSON.parse(stdout))).toContain("yaml-duplicate-key");
  expect([status, stderr]).toEqual([2, ""]);
});

test("no description, a folder without one, and two of them", async () => {
  const cwd = folderWith({
    "two/portico.yaml": DESCRIPTION,
    "two/portico.config.ts": "export default {};\n",
    "none/readme.md": "",
  });
  expect(await portico(["plan", "nowhere.yaml"], { cwd })).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^error {2}description-not-found/),
  });
  expect(await portico(["plan", "none"], { cwd })).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^error {2}description-not-found/),
  });
  expect(await portico(["plan", "two"], { cwd })).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^error {2}description-ambiguous/),
  });
});
