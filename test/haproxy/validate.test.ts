// HAProxy's messages about a configuration, parsed on every installed version.
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { validateConfig } from "../../src/haproxy/validate.ts";
import { findAllHaproxies } from "./all-haproxies.ts";
import { answering, temporaryFolder, unknownKeyword, writeConfig } from "./fixtures/configs.ts";

const withoutTimeouts = `defaults
  mode http
frontend front
  bind unix@front.sock
  default_backend back
backend back
  option forwardfor
`;

const unclosedQuote = `frontend front
  mode http
  http-request set-path "a
`;

describe.each(await findAllHaproxies())("HAProxy $version", (haproxy) => {
  async function validate(config: string) {
    const cwd = await temporaryFolder();
    const file = await writeConfig(cwd, config);
    return { file, cwd, ...(await validateConfig(haproxy, file, { cwd })) };
  }

  test("a good configuration is valid without messages", async () => {
    expect(await validate(answering("x"))).toMatchObject({ ok: true, warnings: [], errors: [] });
  });

  test("the number of CPUs of this machine is not reported; other warnings are", async () => {
    const { ok, warnings } = await validate(`global\n  nbthread 64\n${withoutTimeouts}`);
    expect(ok).toBe(true);
    expect(warnings.map(({ text }) => text)).toEqual([expect.stringMatching(/timeouts/)]);
  });

  test("an error has file, line and HAProxy's message", async () => {
    const { file, ok, warnings, errors } = await validate(unknownKeyword);
    expect(ok).toBe(false);
    expect(warnings).toEqual([]);
    expect(errors).toEqual([
      { level: "alert", file, line: 2, text: "unknown keyword 'bogus' in 'global' section" },
    ]);
  });

  test("it is valid with warnings; their continuation lines belong to them", async () => {
    const { ok, warnings, errors } = await validate(withoutTimeouts);
    expect(ok).toBe(true);
    expect(errors).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.text).toMatch(
      /^missing timeouts for frontend 'front'\.\n {3}\| While not properly invalid/,
    );
  });

  test("an excerpt with its caret belongs to the error", async () => {
    const { errors } = await validate(unclosedQuote);
    expect(errors).toMatchObject([
      {
        line: 3,
        text: 'unmatched quote at position 25:\n  http-request set-path "a\n                        ^',
      },
    ]);
  });

  test("a file name with brackets and colons is parsed completely", async () => {
    const { cwd, file } = await validate(unknownKeyword);
    await copyFile(file, join(cwd, "a b]c:1.cfg"));
    const { errors } = await validateConfig(haproxy, "./a b]c:1.cfg", { cwd });
    expect(errors).toMatchObject([{ file: "./a b]c:1.cfg", line: 2 }]);
  });

  test("a missing file is an error without a line", async () => {
    const { ok, errors } = await validateConfig(haproxy, "/nowhere/haproxy.cfg");
    expect(ok).toBe(false);
    expect(errors[0]?.text).toMatch(/\/nowhere\/haproxy\.cfg/);
    expect(errors[0]?.file).toBeUndefined();
  });
});

test("a missing executable is an external failure", async () => {
  await expect(validateConfig({ path: "/nowhere/haproxy" }, "x")).rejects.toThrow("ENOENT");
});
