// A file that would exhaust the memory of the machine: the command reports the limit, and no verdict of HAProxy.
import { describe, expect, test } from "vitest";
import { findAllHaproxies } from "../haproxy/all-haproxies.ts";
import { DESCRIPTION, folderWith, portico } from "./portico.ts";

const RAW = '"server-template s 1-2000000 10.0.0.9:80"';
const HUGE = DESCRIPTION.replace(`servers: ["10.0.0.7:8080"]`, `servers: ["10.0.0.7:8080"], raw: [${RAW}]`);
const [haproxy] = await findAllHaproxies();
const named = haproxy === undefined ? [] : ["--haproxy", haproxy.path];

describe("2,000,000 servers", () => {
  const cwd = folderWith({
    "portico.yaml": HUGE,
    "small.yaml": DESCRIPTION,
    "layers/haproxy.cfg": `defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend front
  bind :8080
  default_backend back
backend back
  server-template s 1-2000000 10.0.0.9:80
`,
  });

  test.each([
    "check",
    "check --layers layers",
    "test",
    "explain GET http://www.example.com/",
    "diff small.yaml portico.yaml",
  ])("%s", async (line) => {
    const { status, stdout, stderr } = await portico([...line.split(" "), ...named], { cwd });
    expect(stdout + stderr).toMatch(/limit (that|of) Portico/);
    expect(stdout + stderr).not.toMatch(/haproxy-refuses|refuses what|defect/);
    expect([1, 2]).toContain(status);
  });
});

test("--verbose shows how HAProxy is confined, or with --trust that it is not", async () => {
  const cwd = folderWith({ "portico.yaml": DESCRIPTION });
  const { stderr } = await portico(["check", "--verbose", ...named], { cwd });
  expect(stderr).toMatch(/^HAProxy is confined/);
  const trusted = await portico(["check", "--verbose", "--trust", ...named], { cwd });
  expect(trusted.stderr).toBe("HAProxy is not confined, because of --trust.\n");
});
