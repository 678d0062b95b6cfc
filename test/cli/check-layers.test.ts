// portico check --layers: findings of files that people wrote, allowed with a reason, mended with --fix.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

const CONFIG = `defaults
  mode http
  timeout connect 2s
  timeout client 30s # Grüße
  timeout server 30s

frontend web
  bind *:8080
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto http
  default_backend app

backend app
  option httpchk
  server app 10.0.0.7:8080
`;

test("findings end with 1, and name the folder as it was written", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG });
  const { status, stdout } = await portico(["check", "--layers", "."], { cwd });
  expect(stdout).toContain("haproxy.cfg:15:3");
  expect(stdout).toMatch(/\n\.: 2 warnings; HAProxy \S+ accepts what it could be asked about\n$/);
  expect(status).toBe(1);
});

test("--fix mends what is sure, says what, and has nothing to do the second time", async () => {
  const cwd = folderWith({ "haproxy.cfg": CONFIG });
  const first = await portico(["check", "--layers", ".", "--fix"], { cwd });
  expect(first.stderr.match(/^mended {2}haproxy\.cfg:\d+ /gm)).toHaveLength(2);
  expect(first.stdout).toContain(".: 0 findings");
  expect(first.status).toBe(0);
  const mended = readFileSync(join(cwd, "haproxy.cfg"), "utf8");
  expect(mended.replace("\n  timeout http-request 10s", "").replace(":8080 check", ":8080")).toBe(CONFIG);
  const second = await portico(["check", "--layers", ".", "--fix"], { cwd });
  expect([second.status, second.stderr]).toEqual([0, ""]);
  expect(readFileSync(join(cwd, "haproxy.cfg"), "utf8")).toBe(mended);
});

test("what is allowed with a reason is neither shown, counted nor mended", async () => {
  const allowed = CONFIG.replace(
    "  server app",
    "  # portico: allow httpchk-without-check because it is switched on at run time\n  server app",
  );
  const cwd = folderWith({ "haproxy.cfg": allowed });
  const { status, stdout } = await portico(["check", "--layers", ".", "--fix"], { cwd });
  expect(stdout).toMatch(/^\.: 0 findings, 1 allowed;/);
  expect(readFileSync(join(cwd, "haproxy.cfg"), "utf8")).toContain("10.0.0.7:8080\n");
  expect(status).toBe(0);
});

test("a folder without layers, two things at once, and --fix of a description are wrong usage", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION, "empty/readme.md": "" });
  for (const args of [["--layers", "empty"], ["portico.yaml", "--layers", "."], ["--fix"]])
    expect((await portico(["check", ...args], { cwd })).status, args.join(" ")).toBe(2);
});
