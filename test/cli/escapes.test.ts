// Control characters of an untrusted file are escaped in text and in every machine-readable format.
import { expect, test } from "vitest";
import { escaped } from "../../src/findings/escapes.ts";
import { folderWith, portico } from "./portico.ts";

/** A name that clears the screen, writes over its line, turns the text around, and hides what follows. */
const HOSTILE = "x\u001b[2Jy\u009b1Az\rw\u202ev\u001b[8mu\u007f\u2028";
const CONFIG = `frontend f
  bind :80
  use_backend ${HOSTILE}
backend ${HOSTILE}
  server ${HOSTILE} 127.0.0.1:80
  ${HOSTILE}
`;
const ACTS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

test.each([
  ["check", ["check", "--layers", "."]],
  ["check in JSON", ["check", "--layers", ".", "--json"]],
  ["check in SARIF", ["check", "--layers", ".", "--format", "sarif"]],
  ["check for GitHub", ["check", "--layers", ".", "--format", "github"]],
  ["the name of a file", ["check", `no\u001b[2J\u009bsuch.yaml`]],
  ["the name of a folder", ["check", "--layers", `no\u001b[2J\u009bsuch`]],
  ["explain", ["explain", "GET", `http://a\u009b1A.example/\u001b[2J`]],
])("%s", async (_, args) => {
  const cwd = folderWith({
    "haproxy.cfg": CONFIG,
    "a.yaml": `kind: ${HOSTILE}\n`,
    "main.tf": `x ${HOSTILE}`,
  });
  const { stdout, stderr, status } = await portico(args, { cwd });
  expect(stdout + stderr).not.toMatch(ACTS);
  expect(status).not.toBe(3);
});

test("colours of Portico stay, and JSON means the same", () => {
  expect(escaped("\u001b[31mred\u001b[39m\t\r\n", { colour: true })).toBe("\u001b[31mred\u001b[39m\t\r\n");
  expect(escaped("\u001b[31mred\u001b[8m\u001b[2J", { colour: false })).toBe(
    "\\u001b[31mred\\u001b[8m\\u001b[2J",
  );
  expect(escaped("\u001b[8m\u001b[2J\u001b]0;title\u0007", { colour: true })).not.toMatch(ACTS);
  const value = { name: HOSTILE };
  expect(JSON.parse(escaped(JSON.stringify(value), { colour: false }))).toEqual(value);
});
