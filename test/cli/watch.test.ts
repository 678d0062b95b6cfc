// portico test --watch continues after a configuration that HAProxy does not start with.
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { DESCRIPTION, folderWith, said, start } from "./portico.ts";

test.each(await findAllHaproxies())("HAProxy $version", async ({ path }) => {
  const cwd = folderWith({ "portico.yaml": `${DESCRIPTION}haproxy: { raw: [no-such-directive 1] }\n` });
  const child = start(["test", "--watch", "--haproxy", path], { cwd });
  const failed = await said(child.stderr, /watching .*\n/);
  expect(failed).toMatch(/^portico: HAProxy .* did not start.*no-such-directive/s);
  const result = said(child.stdout, /2 of 2 expectations as expected/);
  writeFileSync(join(cwd, "portico.yaml"), DESCRIPTION);
  await result;
  child.stdout.resume();
  child.stderr.resume();
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([130, null]);
});
