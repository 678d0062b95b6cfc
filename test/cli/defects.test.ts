// An unhandled rejection is a defect: exit status 3, and never Node's own 1.
import { join } from "node:path";
import { expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

test.each([
  ["a promise", 'Promise.reject(new Error("boom"))'],
  ["an exception", 'throw new Error("boom")'],
  ["an error of a system call", 'Promise.reject(Object.assign(new Error("boom"), { syscall: "read" }))'],
])("%s", async (_, failing) => {
  const cwd = folderWith({
    "portico.yaml": DESCRIPTION,
    // Fails as soon as it is awaited.
    "failing.mjs": `process.on("newListener", (name) => {
      if (name === "uncaughtException") setImmediate(() => { ${failing}; });
    });`,
  });
  const { status, stderr } = await portico(["test"], {
    cwd,
    env: { NODE_OPTIONS: `--import=${join(cwd, "failing.mjs")}` },
  });
  expect(stderr).toMatch(/^portico: internal error.*Error: boom/s);
  expect(status).toBe(3);
});
