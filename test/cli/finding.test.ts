// portico finding: the page about a code, and the error for an unknown code.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { portico } from "./portico.ts";

const pageOf = (code: string) =>
  readFileSync(new URL(`../../docs/findings/${code}.md`, import.meta.url), "utf8");

test.each(["client-address-lost", "dns-race"])("prints the page of %s", async (code) => {
  expect(await portico(["finding", code])).toMatchObject({ status: 0, stderr: "", stdout: pageOf(code) });
});

test.each([
  ["client-adress-lost", "did you mean client-address-lost?"],
  ["../concepts/drain", "there is no finding with the code"],
])("%s is wrong usage", async (code, message) => {
  const { status, stdout, stderr } = await portico(["finding", code]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(message);
});
